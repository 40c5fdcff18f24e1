/** Pictures of the request as pixels. */

const {addressOf, dataUrl} = await import('../pictures.mjs' + new URL(import.meta.url).search);

/** The picture in `text`, or at this address, as an image element. */
export async function loaded(text) {
    const image = new Image();
    image.src = addressOf(text);
    await image.decode();
    return image;
}

/** Width and height of an image, at most `longest` pixels at its longer side. */
export function within({naturalWidth, naturalHeight}, longest) {
    const factor = Math.min(1, longest / Math.max(naturalWidth, naturalHeight));
    return [naturalWidth, naturalHeight].map(side => Math.max(1, Math.round(side * factor)));
}

/** The picture in `text` on a canvas, at most `longest` pixels at its longer side. */
async function drawn(text, longest) {
    const image = await loaded(text);
    const [width, height] = within(image, longest);
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', {willReadFrequently: true});
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, width, height);
    return canvas;
}

/** The picture in `text` as RGBA `{width, height, data}`, at most `longest` pixels at its longer side. */
export async function decoded(text, longest) {
    const canvas = await drawn(text, longest);
    const {width, height} = canvas;
    return {width, height, data: canvas.getContext('2d').getImageData(0, 0, width, height).data};
}

/** The same as a PNG data URL. */
export const pngOf = async (text, longest) => png(await drawn(text, longest));

/** A grey map `{width, height, data}` of bytes as a PNG data URL. */
export async function greyPng({width, height, data}) {
    const pixels = new ImageData(width, height);
    for (let i = 0; i < data.length; i++) pixels.data.set([data[i], data[i], data[i], 255], i * 4);
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d').putImageData(pixels, 0, 0);
    return png(canvas);
}

const png = async canvas => dataUrl(await canvas.convertToBlob({type: 'image/png'}));
