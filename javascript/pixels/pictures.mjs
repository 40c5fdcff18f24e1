/** Pictures: from files to the texts that stand for them in the request, and from these to pixels. */

const {element, pen} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {both} = await import('./engine/numbers.mjs' + new URL(import.meta.url).search);

/** The picture at an address. Raises an Error for the user. @type {Does.fetched} */
export async function fetched(address) {
    try {
        const answer = await fetch(address);
        if (answer.ok) return await answer.blob();
    } catch {
        // Told below: pages of other origins rarely allow that their pictures are read.
    }
    throw new Error('This picture cannot be fetched from its page; save it and drop the file.');
}

/** What one Generate carries must reach the host within seconds, also over a slow uplink. */
const MOST_PIXELS = 2048;
const MOST_BYTES = 1.5e6;

/**
 * Whether a picture's text in the request is the picture itself, and not its hash or an address.
 * @type {Does.isHere}
 */
export const isHere = text => typeof text === 'string' && !/^(sha256:|https?:)/.test(text);

/**
 * What an image element shows for a picture's text or address: bare base64 is a picture too (of a JPEG it begins with `/`).
 * @type {Does.addressOf}
 */
export const addressOf = text => (/^(data:|blob:|https?:)/.test(text) ? text : `data:image/png;base64,${text}`);

/** How pictures that are too large are made smaller. Maps are data: smooth, or hard-edged, and no colours. */
export const EXEMPLAR = {side: 2048, types: ['image/webp', 'image/jpeg'], data: false};
export const MAP = {side: 1024, types: ['image/png'], data: true};

/**
 * The picture in `blob` as a data URL, and a note for the user if it was changed (else ''). Raises an Error for the user.
 * @type {Does.pictureText}
 */
export async function pictureText(blob, use) {
    const head = lettersOf(await blob.slice(0, HEAD).arrayBuffer());
    const type = webType(head);
    const data = use.data && type === 'image/png' ? await untold(blob) : blob;
    const bitmap = await decode(blob, use);
    const {width, height} = bitmap;
    try {
        // The file's own bytes keep what a canvas would lose: 16 bits, quality.
        const same = data !== blob || !(use.data ? COLORS : UNKNOWN).test(head);
        if (type && same && Math.max(width, height) <= MOST_PIXELS && data.size <= MOST_BYTES) {
            return {text: await dataUrl(new Blob([data], {type})), note: ''};
        }
        const encoded = await encode(drawn(bitmap, [width, height], use.side), use.types);
        const note = Math.max(width, height) > use.side
            ? `reduced from ${width}×${height} for the upload`
            : `converted to ${encoded.type.replace('image/', '')} for the upload`;
        return {text: await dataUrl(encoded), note};
    } finally {
        bitmap.close();
    }
}

/** So many bytes of a file are read to see what it is. */
const HEAD = 2e5;
/** By these a file says what its numbers mean as colours. */
const COLORS = /iCCP|sRGB|gAMA|cHRM|cICP|ICC_PROFILE|ICCP/;
/** What of it browsers know and Python does not: the browser converts it. */
const UNKNOWN = /cICP|^(?!.*(iCCP|sRGB)).*(gAMA|cHRM)/s;

/** @type {Does.lettersOf} */
const lettersOf = bytes => new TextDecoder('latin1').decode(bytes);

/** The type of a picture that every host reads, by its first bytes (names and declared types can be wrong). @type {Does.webType} */
function webType(head) {
    const known = {png: /^.PNG\r\n\x1a\n/, jpeg: /^ÿØÿ/, webp: /^RIFF.{4}WEBP/s};
    const found = Object.entries(known).find(([, begins]) => begins.test(head));
    return found && `image/${found[0]}`;
}

/** A PNG without what it says of colours. @type {Does.untold} */
async function untold(blob) {
    const view = new DataView(await blob.arrayBuffer());
    const parts = [blob.slice(0, 8)];
    for (let at = 8, next; at + 8 <= view.byteLength; at = next) {
        next = at + 12 + view.getUint32(at);
        if (!COLORS.test(lettersOf(view.buffer.slice(at + 4, at + 8)))) parts.push(blob.slice(at, next));
    }
    return new Blob(parts);
}

/** @type {Does.decode} */
async function decode(blob, {data}) {
    try {
        return await createImageBitmap(blob, {imageOrientation: 'from-image', colorSpaceConversion: data ? 'none' : 'default'});
    } catch {
        const name = blob instanceof File ? `“${blob.name}”` : 'This';
        throw new Error(`${name} is not a picture that this browser can read; PNG, JPEG and WebP always work.`);
    }
}

/** The first type that the browser can write. A transparent picture becomes a PNG rather than lose its transparency. @type {Does.encode} */
async function encode(canvas, types) {
    for (const type of types) {
        if (type === 'image/jpeg' && isTransparent(canvas)) break;
        const blob = await written(canvas, type);
        if (blob?.type === type) return blob; // browsers answer with a PNG when they cannot write the type
    }
    const blob = await written(canvas, 'image/png');
    if (!blob) throw new Error('This browser cannot write a picture of that size.');
    return blob;
}

/** @type {Does.written} */
const written = (canvas, type) => new Promise(done => { canvas.toBlob(done, type, 0.95); });

/** @type {Does.isTransparent} */
const isTransparent = canvas => pixelsOf(canvas).data.some((value, i) => i % 4 === 3 && value < 255);

/** @type {Does.pixelsOf} */
const pixelsOf = canvas => pen(canvas).getImageData(0, 0, canvas.width, canvas.height);

/** @type {Does.dataUrl} */
function dataUrl(blob) {
    return new Promise((done, failed) => {
        const reader = new FileReader();
        reader.onload = () => done(String(reader.result));
        reader.onerror = () => failed(new Error('The file could not be read.'));
        reader.readAsDataURL(blob);
    });
}

/** The picture in `text`, or at this address, as an image element. @type {Does.loaded} */
export async function loaded(text) {
    const image = new Image();
    image.src = addressOf(text);
    await image.decode();
    return image;
}

/** @type {Does.sizeOf} */
export const sizeOf = image => [image.naturalWidth, image.naturalHeight];

/** A size, at most `longest` pixels at its longer side. @type {Does.within} */
export function within(size, longest) {
    const factor = Math.min(1, longest / Math.max(...size));
    return both(size, side => Math.max(1, Math.round(side * factor)));
}

/** A picture on a canvas, at most `longest` pixels at its longer side. @type {Does.drawn} */
function drawn(picture, size, longest) {
    const [width, height] = within(size, longest);
    const canvas = element('canvas', {width, height});
    const context = pen(canvas, {willReadFrequently: true});
    context.imageSmoothingQuality = 'high';
    context.drawImage(picture, 0, 0, width, height);
    return canvas;
}

/** @type {Does.drawnText} */
async function drawnText(text, longest) {
    const image = await loaded(text);
    return drawn(image, sizeOf(image), longest);
}

/** The picture in `text`, at most `longest` pixels at its longer side. @type {Does.decoded} */
export async function decoded(text, longest) {
    const {width, height, data} = pixelsOf(await drawnText(text, longest));
    return {width, height, data};
}

/** The same as a PNG data URL. @type {Does.pngOf} */
export const pngOf = async (text, longest) => (await drawnText(text, longest)).toDataURL();

/**
 * A map that was painted as a PNG data URL, at once: what is painted must be in the request before Generate can be pressed.
 * @type {Does.greyPng}
 */
export function greyPng({width, height, data}) {
    const pixels = new ImageData(width, height);
    for (let i = 0, k = 0; i < data.length; i++, k += 4) {
        pixels.data[k] = pixels.data[k + 1] = pixels.data[k + 2] = data[i];
        pixels.data[k + 3] = 255;
    }
    const canvas = element('canvas', {width, height});
    pen(canvas).putImageData(pixels, 0, 0);
    return canvas.toDataURL();
}
