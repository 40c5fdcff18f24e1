/** Resampling with Pillow's and OpenCV's filters, so that the studio shows the pixels that Python makes. */

/**
 * @import {Raster} from '../types.d.ts'
 * @typedef {keyof typeof FILTERS | 'area'} Filter
 * @typedef {{reach: number, weight: (x: number) => number}} Kernel
 */

/** @type {(x: number) => number} */
const sinc = x => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Filters by name: `reach` in pixels of the coarser side, and the weight at a distance. @satisfies {Record<string, Kernel>} */
const FILTERS = {
    hamming: {reach: 1, weight: (/** @type {number} */ x) => (Math.abs(x) < 1 ? sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x)) : 0)},
    bicubic: {reach: 2, weight: bicubic},
    linear: {reach: 1, weight: (/** @type {number} */ x) => Math.max(0, 1 - Math.abs(x))},
};

/** @type {(x: number) => number} */
function bicubic(x) {
    const a = Math.abs(x);
    if (a < 1) return (1.5 * a - 2.5) * a * a + 1;
    return a < 2 ? ((-0.5 * a + 2.5) * a - 4) * a + 2 : 0;
}

/**
 * For every pixel of the result along one side: the first pixel it looks at, and the weights from there on.
 * @type {(from: number, to: number, own: number, count: number, filter: Filter) => [number, number[]][]}
 */
function looks(from, to, own, count, filter) {
    const scale = (to - from) / count;
    /** @type {[number, number[]][]} */
    const taps = [];
    for (let i = 0; i < count; i++) {
        const [first, weights] = filter === 'area' ? overlap(from + i * scale, scale, own) : spread(from + (i + 0.5) * scale, scale, own, FILTERS[filter]);
        const sum = weights.reduce((total, each) => total + each, 0);
        taps.push([first, weights.map(each => each / sum)]);
    }
    return taps;
}

/** @type {(centre: number, scale: number, own: number, filter: Kernel) => [number, number[]]} */
function spread(centre, scale, own, {reach, weight}) {
    const wide = Math.max(1, scale);
    const first = Math.max(0, Math.trunc(centre - reach * wide + 0.5));
    const last = Math.min(own, Math.trunc(centre + reach * wide + 0.5));
    return [first, Array.from({length: last - first}, (_, i) => weight((first + i - centre + 0.5) / wide))];
}

/**
 * How much of each pixel lies between `start` and `start + length`.
 * @type {(start: number, length: number, own: number) => [number, number[]]}
 */
function overlap(start, length, own) {
    const first = Math.min(own - 1, Math.floor(start + 1e-6));
    const last = Math.min(own, Math.max(first + 1, Math.ceil(start + length - 1e-6)));
    return [first, Array.from({length: last - first}, (_, i) => Math.min(first + i + 1, start + length) - Math.max(first + i, start))];
}

/**
 * The part `box = [left, top, right, bottom]` of a picture `{width, height, channels, data}` at `width` x `height`.
 * `filter`: hamming, bicubic, linear, or area (averages). Eight-bit data is rounded after each direction, as Pillow does.
 * @template {Float32Array<ArrayBuffer> | Uint8ClampedArray<ArrayBuffer>} Data
 * @param {Raster<Data>} picture
 * @param {number} width
 * @param {number} height
 * @param {Filter} filter
 * @param {number[]} box
 * @returns {Raster<Data>}
 */
export function resize(picture, width, height, filter, box = [0, 0, picture.width, picture.height]) {
    const {channels} = picture;
    const across = looks(box[0], box[2], picture.width, width, filter);
    const down = looks(box[1], box[3], picture.height, height, filter);
    const top = down[0][0];
    const rows = Math.max(...down.map(([first, weights]) => first + weights.length)) - top;
    const Kind = /** @type {new (length: number) => Data} */ (picture.data.constructor);
    const narrow = new Kind(rows * width * channels);
    for (let x = 0; x < width; x++) {
        const [first, weights] = across[x];
        for (let y = 0; y < rows; y++) {
            const start = ((y + top) * picture.width + first) * channels;
            for (let c = 0; c < channels; c++) {
                let sum = 0;
                for (let i = 0; i < weights.length; i++) sum += weights[i] * picture.data[start + i * channels + c];
                narrow[(y * width + x) * channels + c] = sum;
            }
        }
    }
    const result = new Kind(width * height * channels);
    const row = width * channels;
    for (let y = 0; y < height; y++) {
        const [first, weights] = down[y];
        for (let k = 0; k < row; k++) {
            let sum = 0;
            for (let i = 0; i < weights.length; i++) sum += weights[i] * narrow[(first - top + i) * row + k];
            result[y * row + k] = sum;
        }
    }
    return {width, height, channels, data: result};
}
