/** Pictures of the request as pixels. */

/** @import {Pair, Painting, Pixels} from '../types.d.ts' */

const {element, pen} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {both} = await import('../engine/pair.mjs' + new URL(import.meta.url).search);
const {addressOf, dataUrl} = await import('../pictures.mjs' + new URL(import.meta.url).search);

/**
 * The picture in `text`, or at this address, as an image element.
 * @type {(text: string) => Promise<HTMLImageElement>}
 */
export async function loaded(text) {
    const image = new Image();
    image.src = addressOf(text);
    await image.decode();
    return image;
}

/**
 * Width and height of an image, at most `longest` pixels at its longer side.
 * @type {(image: HTMLImageElement, longest: number) => Pair}
 */
export function within({naturalWidth, naturalHeight}, longest) {
    const factor = Math.min(1, longest / Math.max(naturalWidth, naturalHeight));
    return both([naturalWidth, naturalHeight], side => Math.max(1, Math.round(side * factor)));
}

/**
 * The picture in `text` on a canvas, at most `longest` pixels at its longer side.
 * @type {(text: string, longest: number) => Promise<OffscreenCanvas>}
 */
async function drawn(text, longest) {
    const image = await loaded(text);
    const [width, height] = within(image, longest);
    const canvas = new OffscreenCanvas(width, height);
    const context = pen(canvas, {willReadFrequently: true});
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, width, height);
    return canvas;
}

/**
 * The picture in `text` as RGBA `{width, height, data}`, at most `longest` pixels at its longer side.
 * @type {(text: string, longest: number) => Promise<Pixels>}
 */
export async function decoded(text, longest) {
    const canvas = await drawn(text, longest);
    const {width, height} = canvas;
    return {width, height, data: pen(canvas).getImageData(0, 0, width, height).data};
}

/**
 * The same as a PNG data URL.
 * @type {(text: string, longest: number) => Promise<string>}
 */
export const pngOf = async (text, longest) => dataUrl(await (await drawn(text, longest)).convertToBlob({type: 'image/png'}));

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
    return canvas.toDataURL('image/png');
}
