/** Pictures: from drops, pastes and files to the texts that stand for them in the request, and from these to pixels. */

const {element, pen} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {both} = await import('./engine/numbers.mjs' + new URL(import.meta.url).search);

/** Let pictures be dropped and pasted on `node`, unless `full()`; `take(files)` gets a promise of them. @type {Does.takePictures} */
export function takePictures(node, take, full = () => false) {
    const mark = (/** @type {boolean} */ over) => node.classList.toggle('pixels-over', over);

    /** The host listens on the whole page, and would put the picture into its own field as well. @type {(event: Event) => void} */
    function claim(event) {
        event.preventDefault();
        event.stopPropagation();
    }

    node.addEventListener('dragover', event => {
        const transfer = event.dataTransfer;
        // Until it is dropped, browsers tell no more than the kinds of its data.
        if (!transfer || full() || !['Files', 'text/uri-list', 'text/html'].some(kind => transfer.types.includes(kind))) return;
        claim(event);
        transfer.dropEffect = 'copy';
        mark(true);
    });
    node.addEventListener('dragleave', () => mark(false));
    node.addEventListener('drop', event => {
        claim(event);
        mark(false);
        take(picturesIn(event.dataTransfer));
    });
    node.addEventListener('paste', event => {
        const transfer = event.clipboardData;
        if (full() || !transfer?.files.length && !transfer?.types.includes('text/html')) return;
        claim(event);
        take(picturesIn(transfer));
    });
}

/**
 * The picture files in a drop or paste; a dragged picture of a page is fetched. Raises an Error for the user.
 * @type {(transfer: DataTransfer | null) => Promise<Blob[]>}
 */
async function picturesIn(transfer) {
    if (!transfer) return [];
    // Everything is read before the first wait: afterwards browsers empty the transfer.
    const files = [...transfer.files];
    const address = files.length ? null : addressIn(transfer);
    return address ? [await fetched(address)] : files;
}

/**
 * The address of a dragged picture. Of a picture inside a link, `text/uri-list` is the link: the HTML goes first.
 * @type {(transfer: DataTransfer) => string | null}
 */
function addressIn(transfer) {
    const page = new DOMParser().parseFromString(transfer.getData('text/html'), 'text/html');
    const source = page.querySelector('img[src]')?.getAttribute('src');
    const listed = transfer.getData('text/uri-list').split('\n').find(line => line.trim() && !line.startsWith('#'));
    const address = source ?? listed?.trim();
    return address ? new URL(address, document.baseURI).href : null;
}

/** The picture at an address. Raises an Error for the user. @type {(address: string) => Promise<Blob>} */
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
 * The picture in `blob` as a data URL, and a note for the user if it was changed (else ''). Raises an Error for the user.
 * @type {Does.pictureText}
 */
export async function pictureText(blob, use) {
    const type = await webType(blob);
    const bitmap = await decode(blob);
    const {width, height} = bitmap;
    try {
        // The file's own bytes keep what a canvas would lose: 16 bits, colour profile, quality.
        if (type && Math.max(width, height) <= MOST_PIXELS && blob.size <= MOST_BYTES) {
            return {text: await dataUrl(new Blob([blob], {type})), note: ''};
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

/**
 * The type of a picture that every host reads, told by its first bytes (names and declared types can be wrong).
 * @type {(blob: Blob) => Promise<string | undefined>}
 */
async function webType(blob) {
    const letters = String.fromCharCode(...new Uint8Array(await blob.slice(0, 12).arrayBuffer()));
    const known = {png: /^\x89PNG\r\n\x1a\n/, jpeg: /^\xff\xd8\xff/, webp: /^RIFF.*WEBP$/s};
    const found = Object.entries(known).find(([, begins]) => begins.test(letters));
    return found && `image/${found[0]}`;
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

/** @type {(canvas: HTMLCanvasElement) => boolean} */
const isTransparent = canvas => pixelsOf(canvas).data.some((value, i) => i % 4 === 3 && value < 255);

/** @type {(canvas: HTMLCanvasElement) => ImageData} */
const pixelsOf = canvas => pen(canvas).getImageData(0, 0, canvas.width, canvas.height);

/** @type {(blob: Blob) => Promise<string>} */
function dataUrl(blob) {
    return new Promise((done, failed) => {
        const reader = new FileReader();
        reader.onload = () => done(String(reader.result));
        reader.onerror = () => failed(new Error('The file could not be read.'));
        reader.readAsDataURL(blob);
    });
}

/** The picture in `text`, or at this address, as an image element. @type {(text: string) => Promise<HTMLImageElement>} */
export async function loaded(text) {
    const image = new Image();
    image.src = addressOf(text);
    await image.decode();
    return image;
}

/** @type {(image: HTMLImageElement) => Pair} */
export const sizeOf = image => [image.naturalWidth, image.naturalHeight];

/** A size, at most `longest` pixels at its longer side. @type {(size: Pair, longest: number) => Pair} */
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

/** The picture in `text`, at most `longest` pixels at its longer side. @type {(text: string, longest: number) => Promise<Pixels>} */
export async function decoded(text, longest) {
    const {width, height, data} = pixelsOf(await drawnText(text, longest));
    return {width, height, data};
}

/** The same as a PNG data URL. @type {(text: string, longest: number) => Promise<string>} */
export const pngOf = async (text, longest) => (await drawnText(text, longest)).toDataURL();

/**
 * A map that was painted as a PNG data URL, at once: what is painted must be in the request before Generate can be pressed.
 * @type {(map: Painting) => string}
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
