/** Pictures of the request as pixels. */

/** What an image element shows for a picture's text: bare base64 is a picture too. */
const address = text => (/^(data:|blob:|https?:|\/|file=)/.test(text) ? text : `data:image/png;base64,${text}`);

/** The picture in `text` on a canvas, at most `longest` pixels at its longer side. */
async function drawn(text, longest) {
    const image = new Image();
    image.src = address(text);
    await image.decode();
    const factor = Math.min(1, longest / Math.max(image.naturalWidth, image.naturalHeight));
    const [width, height] = [image.naturalWidth, image.naturalHeight].map(side => Math.max(1, Math.round(side * factor)));
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
export const pngOf = async (text, longest) => dataUrl(await drawn(text, longest));

/** A grey map `{width, height, data}` of bytes as a PNG data URL. */
export async function greyPng({width, height, data}) {
    const pixels = new ImageData(width, height);
    for (let i = 0; i < data.length; i++) pixels.data.set([data[i], data[i], data[i], 255], i * 4);
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d').putImageData(pixels, 0, 0);
    return dataUrl(canvas);
}

async function dataUrl(canvas) {
    const blob = await canvas.convertToBlob({type: 'image/png'});
    return new Promise((done, failed) => {
        const reader = new FileReader();
        reader.onload = () => done(reader.result);
        reader.onerror = () => failed(new Error('The picture could not be written.'));
        reader.readAsDataURL(blob);
    });
}
