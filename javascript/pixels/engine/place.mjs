/** An exemplar on the source's canvas: `pixels_ext/placement.py` for the browser. */

/**
 * @import {Pair, Pixels, Placement, Raster} from '../types.d.ts'
 * @typedef {Raster<Uint8ClampedArray<ArrayBuffer>>} Bytes
 */

const {both} = await import('./pair.mjs' + new URL(import.meta.url).search);
const {resize} = await import('./resize.mjs' + new URL(import.meta.url).search);

/**
 * Width and height in canvas pixels at which a picture of size `own` appears, before it is turned. `pixel`: how large one
 * pixel of the edit is on this canvas, if that is drawn at another size.
 * @type {(own: Pair, canvas: Pair, placement: Pick<Placement, 'fit' | 'scale' | 'pixel'>) => Pair}
 */
export function placedSize(own, canvas, {fit, scale, pixel = 1}) {
    const ratios = both(canvas, (side, i) => side / own[i]);
    /** @type {Record<Placement['fit'], Pair>} */
    const fits = {
        cover: [Math.max(...ratios), Math.max(...ratios)],
        contain: [Math.min(...ratios), Math.min(...ratios)],
        stretch: ratios,
        original: [pixel, pixel],
    };
    return both(own, (side, i) => side * fits[fit][i] * scale);
}

/**
 * RGBA picture `{width, height, data}` on a transparent canvas of `size = [width, height]`: RGBA bytes.
 * @type {(exemplar: Pixels, size: Pair, placement: Placement) => Uint8ClampedArray<ArrayBuffer>}
 */
export function place(exemplar, size, placement) {
    const placed = placedSize([exemplar.width, exemplar.height], size, placement);
    /** @type {Bytes} */
    let picture = {...premultiplied(exemplar), channels: 4};
    const quarters = ((placement.rotation / 90) % 4 + 4) % 4;
    if (!Number.isInteger(quarters)) return straight(turned(picture, placed, size, placement));
    if (placement.flip || quarters) picture = quarterTurned(picture, quarters, placement.flip);
    return straight(upright(picture, quarters % 2 ? [placed[1], placed[0]] : placed, size, placement));
}

/** @type {(picture: Bytes, placed: Pair, size: Pair, placement: Placement) => Uint8ClampedArray<ArrayBuffer>} */
function upright(picture, placed, size, placement) {
    const canvas = new Uint8ClampedArray(size[0] * size[1] * 4);
    const centre = [placement.x * size[0], placement.y * size[1]];
    const own = [picture.width, picture.height];
    const ratio = own.map((side, i) => side / placed[i]);
    const start = placed.map((side, i) => Math.max(0, Math.ceil(centre[i] - side / 2 - 0.5)));
    const end = placed.map((side, i) => Math.min(size[i], Math.floor(centre[i] + side / 2 + 0.5)));
    if (end[0] <= start[0] || end[1] <= start[1]) return canvas;
    const margin = ratio.map((each, i) => Math.min(own[i], Math.ceil(each / 2)));
    const wider = extended(picture, margin[0], margin[1]);
    const sides = [wider.width, wider.height];
    const box = [start, end].flatMap(places => places.map((at, i) =>
        Math.min(Math.max((at - centre[i] + placed[i] / 2) * ratio[i] + margin[i], 0), sides[i])));
    const filter = Math.max(...ratio) > 1 ? 'hamming' : 'bicubic';
    const [width, height] = [end[0] - start[0], end[1] - start[1]];
    const shown = resize(wider, width, height, filter, box);
    for (let y = 0; y < height; y++) {
        canvas.set(shown.data.subarray(y * width * 4, (y + 1) * width * 4), ((y + start[1]) * size[0] + start[0]) * 4);
    }
    return canvas;
}

/** @type {(picture: Bytes, placed: Pair, size: Pair, placement: Placement) => Uint8ClampedArray<ArrayBuffer>} */
function turned(picture, placed, size, {x, y, rotation, flip}) {
    const smaller = both(placed, (wanted, i) => Math.min([picture.width, picture.height][i], Math.max(1, Math.ceil(wanted))));
    if (smaller[0] !== picture.width || smaller[1] !== picture.height) picture = resize(picture, ...smaller, 'hamming');
    const {width, height, data} = picture;
    const [cos, sin] = [Math.cos(rotation * Math.PI / 180), Math.sin(rotation * Math.PI / 180)];
    const [scaleX, scaleY] = [width / placed[0] * (flip ? -1 : 1), height / placed[1]];
    const canvas = new Uint8ClampedArray(size[0] * size[1] * 4);
    const weights = [new Float64Array(4), new Float64Array(4)];
    for (let row = 0; row < size[1]; row++) {
        for (let column = 0; column < size[0]; column++) {
            const [dx, dy] = [column + 0.5 - x * size[0], row + 0.5 - y * size[1]];
            const u = width / 2 + scaleX * (cos * dx + sin * dy);
            const v = height / 2 + scaleY * (cos * dy - sin * dx);
            if (u >= 0 && u < width && v >= 0 && v < height) sample(data, width, height, u - 0.5, v - 0.5, canvas, (row * size[0] + column) * 4, weights);
        }
    }
    return canvas;
}

/**
 * The cubic through four neighbours that Pillow's `transform` uses, in both directions; the edge goes on beyond itself.
 * @param {Uint8ClampedArray} data
 * @param {number} width
 * @param {number} height
 * @param {number} u
 * @param {number} v
 * @param {Uint8ClampedArray} result
 * @param {number} at
 * @param {Float64Array[]} weights
 */
function sample(data, width, height, u, v, result, at, [across, down]) {
    const [left, top] = [Math.floor(u) - 1, Math.floor(v) - 1];
    weigh(u - left - 1, across);
    weigh(v - top - 1, down);
    for (let c = 0; c < 4; c++) {
        let sum = 0;
        for (let j = 0; j < 4; j++) {
            const row = Math.min(height - 1, Math.max(0, top + j)) * width;
            let line = 0;
            for (let i = 0; i < 4; i++) line += across[i] * data[(row + Math.min(width - 1, Math.max(0, left + i))) * 4 + c];
            sum += down[j] * line;
        }
        result[at + c] = Math.floor(Math.max(0, sum) + 1e-9);
    }
}

/**
 * Weights of the four neighbours for a place `t` of the way from the second to the third.
 * @type {(t: number, weights: Float64Array) => void}
 */
function weigh(t, weights) {
    const [square, cube] = [t * t, t * t * t];
    weights[0] = 2 * square - t - cube;
    weights[1] = 1 - 2 * square + cube;
    weights[2] = t + square - cube;
    weights[3] = cube - square;
}

/** @type {(picture: Bytes, quarters: number, flip: boolean) => Bytes} */
function quarterTurned({width, height, channels, data}, quarters, flip) {
    const sides = quarters % 2 ? [height, width] : [width, height];
    const pixels = new Uint32Array(data.buffer, data.byteOffset, width * height);
    const result = new Uint32Array(width * height);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const u = flip ? width - 1 - x : x;
            const [to, row] = [[u, y], [height - 1 - y, u], [width - 1 - u, height - 1 - y], [y, width - 1 - u]][quarters];
            result[row * sides[0] + to] = pixels[y * width + x];
        }
    }
    return {width: sides[0], height: sides[1], channels, data: new Uint8ClampedArray(result.buffer)};
}

/**
 * The picture with its outermost pixels repeated on all sides.
 * @type {(picture: Bytes, across: number, down: number) => Bytes}
 */
function extended({width, height, channels, data}, across, down) {
    const sides = [width + 2 * across, height + 2 * down];
    const pixels = new Uint32Array(data.buffer, data.byteOffset, width * height);
    const result = new Uint32Array(sides[0] * sides[1]);
    for (let y = 0; y < sides[1]; y++) {
        const row = Math.min(height - 1, Math.max(0, y - down)) * width;
        const start = y * sides[0];
        result.set(pixels.subarray(row, row + width), start + across);
        result.fill(pixels[row], start, start + across);
        result.fill(pixels[row + width - 1], start + across + width, start + sides[0]);
    }
    return {width: sides[0], height: sides[1], channels, data: new Uint8ClampedArray(result.buffer)};
}

/**
 * Colours times alpha, so that what is transparent does not bleed into what is not.
 * @type {(picture: Pixels) => Pixels}
 */
function premultiplied({width, height, data}) {
    const result = Uint8ClampedArray.from(data);
    for (let i = 0; i < result.length; i += 4) {
        if (data[i + 3] < 255) for (let c = 0; c < 3; c++) result[i + c] = data[i + c] * data[i + 3] / 255;
    }
    return {width, height, data: result};
}

/** @type {(data: Uint8ClampedArray<ArrayBuffer>) => Uint8ClampedArray<ArrayBuffer>} */
function straight(data) {
    for (let i = 0; i < data.length; i += 4) {
        const alpha = data[i + 3];
        if (alpha > 0 && alpha < 255) for (let c = 0; c < 3; c++) data[i + c] = Math.floor(255 * data[i + c] / alpha);
    }
    return data;
}
