/** From a file to the text that stands for it in the request: as it is if it is small, else reduced for the upload. */

/** @import {Use} from './types.d.ts' */

const {pen} = await import('./dom.mjs' + new URL(import.meta.url).search);

/** What one Generate carries must reach the host within seconds, also over a slow uplink. */
const MOST_PIXELS = 2048;
const MOST_BYTES = 1.5e6;

/**
 * Whether a picture's text in the request is the picture itself, and not its hash or an address.
 * @type {(text: unknown) => text is string}
 */
export const isHere = text => typeof text === 'string' && !/^(sha256:|https?:)/.test(text);

/**
 * What an image element shows for a picture's text or address: bare base64 is a picture too (of a JPEG it begins with `/`).
 * @type {(text: string) => string}
 */
export const addressOf = text => (/^(data:|blob:|https?:)/.test(text) ? text : `data:image/png;base64,${text}`);

/** How pictures that are too large are made smaller. Maps are smooth, or hard-edged, and must not get artefacts. */
export const EXEMPLAR = {side: 2048, types: ['image/webp', 'image/jpeg']};
export const MAP = {side: 1024, types: ['image/png']};

/**
 * The picture in `blob` as `{text, note}`: a data URL, and a sentence for the user if it was changed (else '').
 * Raises an Error whose message is for the user.
 * @type {(blob: Blob, use: Use) => Promise<{text: string, note: string}>}
 */
export async function pictureText(blob, use) {
    const type = await webType(blob);
    const bitmap = await decode(blob);
    try {
        const longer = Math.max(bitmap.width, bitmap.height);
        // The file's own bytes keep what a canvas would lose: 16 bits, colour profile, quality.
        if (type && longer <= MOST_PIXELS && blob.size <= MOST_BYTES) {
            return {text: await dataUrl(new Blob([blob], {type})), note: ''};
        }
        const factor = Math.min(1, use.side / longer);
        const [width, height] = [bitmap.width, bitmap.height].map(size => Math.max(1, Math.round(size * factor)));
        const encoded = await encode(draw(bitmap, width, height), use.types);
        const note = factor < 1
            ? `reduced from ${bitmap.width}×${bitmap.height} for the upload`
            : `converted to ${encoded.type.replace('image/', '')} for the upload`;
        return {text: await dataUrl(encoded), note};
    } finally {
        bitmap.close();
    }
}

/**
 * The type of a picture that every host reads, told by its first bytes (names and declared types can be wrong).
 * @type {(blob: Blob) => Promise<string | null>}
 */
async function webType(blob) {
    const bytes = new Uint8Array(await blob.slice(0, 12).arrayBuffer());
    const letters = String.fromCharCode(...bytes);
    if (letters.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
    if (letters.startsWith('\xff\xd8\xff')) return 'image/jpeg';
    if (letters.startsWith('RIFF') && letters.endsWith('WEBP')) return 'image/webp';
    return null;
}

/** @type {(blob: Blob) => Promise<ImageBitmap>} */
async function decode(blob) {
    try {
        return await createImageBitmap(blob, {imageOrientation: 'from-image'});
    } catch {
        const name = blob instanceof File ? `“${blob.name}”` : 'This';
        throw new Error(`${name} is not a picture that this browser can read; PNG, JPEG and WebP always work.`);
    }
}

/** @type {(bitmap: ImageBitmap, width: number, height: number) => HTMLCanvasElement} */
function draw(bitmap, width, height) {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, {width, height});
    const context = pen(canvas);
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, width, height);
    return canvas;
}

/**
 * The first type that the browser can write. A transparent picture becomes a PNG rather than lose its transparency.
 * @type {(canvas: HTMLCanvasElement, types: string[]) => Promise<Blob>}
 */
async function encode(canvas, types) {
    for (const type of types) {
        if (type === 'image/jpeg' && isTransparent(canvas)) break;
        const blob = await new Promise(done => { canvas.toBlob(done, type, 0.95); });
        if (blob?.type === type) return blob; // browsers answer with a PNG when they cannot write the type
    }
    const blob = await new Promise(done => { canvas.toBlob(done, 'image/png'); });
    if (!blob) throw new Error('This browser cannot write a picture of that size.');
    return blob;
}

/** @type {(canvas: HTMLCanvasElement) => boolean} */
function isTransparent(canvas) {
    const {data} = pen(canvas).getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 3; i < data.length; i += 4) if (data[i] < 255) return true;
    return false;
}

/**
 * The bytes of a file as a data URL.
 * @type {(blob: Blob) => Promise<string>}
 */
export function dataUrl(blob) {
    return new Promise((done, failed) => {
        const reader = new FileReader();
        reader.onload = () => done(String(reader.result));
        reader.onerror = () => failed(new Error('The file could not be read.'));
        reader.readAsDataURL(blob);
    });
}
