/** Images: from files to their text in the request, and from there to pixels. */

const {element, context2d} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {mapPair} = await import('./engine/math.mjs' + new URL(import.meta.url).search);

/** Throws an Error for the user. @type {Fn.fetchImage} */
export async function fetchImage(url) {
    try {
        const response = await fetch(url);
        if (response.ok) return await response.blob();
    } catch {
        // Reported below: pages of other origins rarely allow their images to be read.
    }
    throw new Error('This image cannot be fetched from its page; save it and drop the file.');
}

/** One Generate must reach the WebUI within seconds, also over a slow uplink. */
const MAX_SIDE = 2048;
const MAX_BYTES = 1.5e6;

/** Whether an image's text in the request is its data, not its hash or URL. @type {Fn.isEmbedded} */
export const isEmbedded = text => typeof text === 'string' && !/^(sha256:|https?:)/.test(text);

/** The URL of an image's text, which may be bare base64 (a JPEG's begins with `/`). @type {Fn.imageUrl} */
export const imageUrl = text => (/^(data:|blob:|https?:)/.test(text) ? text : `data:image/png;base64,${text}`);

/** How images that are too large are reduced. The values of maps are data, not colors. */
export const EXEMPLAR_UPLOAD = {side: 2048, types: ['image/webp', 'image/jpeg'], data: false};
export const MAP_UPLOAD = {side: 1024, types: ['image/png'], data: true};

/** `blob` as a data URL, and a note for the user if it was changed (else ''). Throws an Error for the user. @type {Fn.encodeUpload} */
export async function encodeUpload(blob, limits) {
    const head = latin1(await blob.slice(0, HEAD).arrayBuffer());
    const type = sniffType(head);
    const data = limits.data && type === 'image/png' ? await withoutColorChunks(blob) : blob;
    const bitmap = await decodeBitmap(blob, limits);
    const {width, height} = bitmap;
    try {
        // The file's own bytes keep what a canvas loses: 16 bits, quality.
        const same = data !== blob || !(limits.data ? COLORS : UNSUPPORTED_COLORS).test(head);
        if (type && same && Math.max(width, height) <= MAX_SIDE && data.size <= MAX_BYTES) {
            return {text: await dataUrl(new Blob([data], {type})), note: ''};
        }
        const encoded = await encodeCanvas(drawOnCanvas(bitmap, [width, height], limits.side), limits.types);
        const note = Math.max(width, height) > limits.side
            ? `reduced from ${width}×${height} for the upload`
            : `converted to ${encoded.type.replace('image/', '')} for the upload`;
        return {text: await dataUrl(encoded), note};
    } finally {
        bitmap.close();
    }
}

/** Bytes read from a file to identify it. */
const HEAD = 2e5;
/** Chunks that say which color space a file has. */
const COLORS = /iCCP|sRGB|gAMA|cHRM|cICP|ICC_PROFILE|ICCP/;
/** Those that only browsers apply, so that the browser converts the image. */
const UNSUPPORTED_COLORS = /cICP|^(?!.*(iCCP|sRGB)).*(gAMA|cHRM)/s;

/** @type {Fn.latin1} */
const latin1 = bytes => new TextDecoder('latin1').decode(bytes);

/** The type, by the first bytes, of an image that every WebUI reads (names and declared types can be wrong). @type {Fn.sniffType} */
function sniffType(head) {
    const known = {png: /^.PNG\r\n\x1a\n/, jpeg: /^ÿØÿ/, webp: /^RIFF.{4}WEBP/s};
    const found = Object.entries(known).find(([, begins]) => begins.test(head));
    return found && `image/${found[0]}`;
}

/** @type {Fn.withoutColorChunks} */
async function withoutColorChunks(blob) {
    const view = new DataView(await blob.arrayBuffer());
    const parts = [blob.slice(0, 8)];
    for (let at = 8, next; at + 8 <= view.byteLength; at = next) {
        next = at + 12 + view.getUint32(at);
        if (!COLORS.test(latin1(view.buffer.slice(at + 4, at + 8)))) parts.push(blob.slice(at, next));
    }
    return new Blob(parts);
}

/** @type {Fn.decodeBitmap} */
async function decodeBitmap(blob, {data}) {
    try {
        return await createImageBitmap(blob, {imageOrientation: 'from-image', colorSpaceConversion: data ? 'none' : 'default'});
    } catch {
        const name = blob instanceof File ? `“${blob.name}”` : 'This';
        throw new Error(`${name} is not an image that this browser can read; PNG, JPEG and WebP always work.`);
    }
}

/** In the first type that the browser can write; a transparent image becomes a PNG rather than a JPEG. @type {Fn.encodeCanvas} */
async function encodeCanvas(canvas, types) {
    for (const type of types) {
        if (type === 'image/jpeg' && hasTransparency(canvas)) break;
        const blob = await toBlob(canvas, type);
        if (blob?.type === type) return blob; // browsers write a PNG instead of an unknown type
    }
    const blob = await toBlob(canvas, 'image/png');
    if (!blob) throw new Error('This browser cannot write an image of that size.');
    return blob;
}

/** @type {Fn.toBlob} */
const toBlob = (canvas, type) => new Promise(done => { canvas.toBlob(done, type, 0.95); });

/** @type {Fn.hasTransparency} */
const hasTransparency = canvas => imageDataOf(canvas).data.some((value, i) => i % 4 === 3 && value < 255);

/** @type {Fn.imageDataOf} */
const imageDataOf = canvas => context2d(canvas).getImageData(0, 0, canvas.width, canvas.height);

/** @type {Fn.dataUrl} */
function dataUrl(blob) {
    return new Promise((done, failed) => {
        const reader = new FileReader();
        reader.onload = () => done(String(reader.result));
        reader.onerror = () => failed(new Error('The file could not be read.'));
        reader.readAsDataURL(blob);
    });
}

/** @type {Fn.loadImage} */
export async function loadImage(text) {
    const image = new Image();
    image.src = imageUrl(text);
    await image.decode();
    return image;
}

/** @type {Fn.naturalSize} */
export const naturalSize = image => [image.naturalWidth, image.naturalHeight];

/** A size with at most `longest` pixels on its longer side. @type {Fn.fitWithin} */
export function fitWithin(size, longest) {
    const factor = Math.min(1, longest / Math.max(...size));
    return mapPair(size, side => Math.max(1, Math.round(side * factor)));
}

/** An image on a canvas with at most `longest` pixels on its longer side. @type {Fn.drawOnCanvas} */
function drawOnCanvas(image, size, longest) {
    const [width, height] = fitWithin(size, longest);
    const canvas = element('canvas', {width, height});
    const context = context2d(canvas, {willReadFrequently: true});
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, width, height);
    return canvas;
}

/** @type {Fn.loadCanvas} */
async function loadCanvas(text, longest) {
    const image = await loadImage(text);
    return drawOnCanvas(image, naturalSize(image), longest);
}

/** @type {Fn.loadPixels} */
export async function loadPixels(text, longest) {
    const {width, height, data} = imageDataOf(await loadCanvas(text, longest));
    return {width, height, data};
}

/** As a PNG data URL. @type {Fn.loadPng} */
export const loadPng = async (text, longest) => (await loadCanvas(text, longest)).toDataURL();

/** A painted map as a PNG data URL, synchronously: it must be in the request before Generate can be clicked. @type {Fn.encodeGrayPng} */
export function encodeGrayPng({width, height, data}) {
    const pixels = new ImageData(width, height);
    for (let i = 0, k = 0; i < data.length; i++, k += 4) {
        pixels.data[k] = pixels.data[k + 1] = pixels.data[k + 2] = data[i];
        pixels.data[k + 3] = 255;
    }
    const canvas = element('canvas', {width, height});
    context2d(canvas).putImageData(pixels, 0, 0);
    return canvas.toDataURL();
}
