/** What is done to grey maps: `pixels_ext/greys.py` and `shaping.py` for the browser. A map is `{width, height, data}`,
 * float32 from 0 (exemplar) to 1 (source). */

/** @import {Grey, Raster, Shaping, WholeExemplar} from '../types.d.ts' */

const {resize} = await import('./resize.mjs' + new URL(import.meta.url).search);

const DUST = 1e-5;
const {ceil, max, min, round, trunc} = Math;

/** @type {Record<WholeExemplar['combine'], (a: number, b: number) => number>} */
export const COMBINATIONS = {
    larger: max,
    smaller: min,
    product: (a, b) => a * b,
    screen: (a, b) => 1 - (1 - a) * (1 - b),
};

/**
 * A new map of `change(value, index)`.
 * @type {(map: Grey, change: (value: number, index: number) => number) => Grey}
 */
export const each = ({width, height, data}, change) => ({width, height, data: data.map(change)});

/**
 * Invert, points, gamma, grow, blur and strength, in this order; lengths in per cent of the shorter side.
 * @type {(map: Grey, shaping: Shaping) => Grey}
 */
export function shaped(map, {invert, black_point, white_point, gamma, grow, blur, strength}) {
    const percent = min(map.width, map.height) / 100;
    const span = Math.fround(white_point - black_point);
    /** @type {(value: number) => number} */
    const tone = value => min(1, max(0, Math.fround(Math.fround((invert ? 1 - value : value) - Math.fround(black_point)) / span)));
    let result = each(map, gamma === 1 ? tone : value => tone(value) ** (1 / gamma));
    result = grown(result, grow * percent);
    result = blurred(result, blur * percent);
    return strength === 1 ? result : each(result, value => 1 - strength * (1 - value));
}

/**
 * The dark area grown by `radius` pixels in the shape of an octagon; shrunk if negative.
 * @type {(map: Grey, radius: number) => Grey}
 */
export function grown(map, radius) {
    const pick = radius < 0 ? max : min;
    const straight = roundEven(Math.abs(radius) * (Math.SQRT2 - 1));
    const diagonal = roundEven((Math.abs(radius) - straight) / 2);
    /** @type {[number, number, number][]} */
    const strokes = [[straight, 0, 1], [straight, 1, 0], [diagonal, 1, 1], [diagonal, 1, -1]];
    return strokes.reduce((result, [length, down, across]) => (length ? stroke(result, length, down, across, pick) : result), map);
}

/**
 * The smallest (or largest) value within `length` steps to either side in one direction, by doubling windows.
 * @type {(map: Grey, length: number, down: number, across: number, pick: (a: number, b: number) => number) => Grey}
 */
function stroke({width, height, data}, length, down, across, pick) {
    const wide = width + 2 * length;
    let window = padded({width, height, data}, length, length, length, length).data;
    const total = 2 * length + 1;
    for (let done = 1; done < total;) {
        const step = min(done, total - done);
        const shift = step * (down * wide + across);
        const next = window.slice();
        // What wraps around at the ends is never looked at: it lies in the margin.
        for (let i = max(0, -shift); i < window.length - max(0, shift); i++) next[i] = pick(window[i], window[i + shift]);
        window = next;
        done += step;
    }
    const [top, left] = [length - length * down, length - length * across];
    const result = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
        const start = (y + top) * wide + left;
        result.set(window.subarray(start, start + width), y * width);
    }
    return {width, height, data: result};
}

/**
 * A Gaussian blur, from 4 pixels on by three running averages.
 * @type {(map: Grey, sigma: number) => Grey}
 */
function blurred(map, sigma) {
    if (sigma < 0.1) return map;
    return withoutDust(sigma <= 4 ? gaussian(map, sigma) : threeAverages(map, sigma, sigma <= 32 ? 1 : 4));
}

/** @type {(map: Grey, sigma: number) => Grey} */
function gaussian(map, sigma) {
    const reach = ceil(3 * sigma);
    const weights = Array.from({length: 2 * reach + 1}, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)));
    const sum = weights.reduce((total, one) => total + one, 0);
    const bigger = padded(map, reach, reach, reach, reach);
    const rows = along(bigger, 1, weights.map(one => one / sum));
    return cut(along(rows, bigger.width, weights.map(one => one / sum)), reach, reach, map.width, map.height);
}

/**
 * Weighted sums of neighbours `stride` values apart; right where all of them are inside.
 * @type {(map: Grey, stride: number, weights: number[]) => Grey}
 */
function along({width, height, data}, stride, weights) {
    const reach = (weights.length - 1) / 2;
    const result = new Float32Array(data.length);
    for (let i = reach * stride; i < data.length - reach * stride; i++) {
        let sum = 0;
        for (let k = -reach; k <= reach; k++) sum += weights[k + reach] * data[i + k * stride];
        result[i] = sum;
    }
    return {width, height, data: result};
}

/** @type {(map: Grey, sigma: number, coarse: number) => Grey} */
function threeAverages(map, sigma, coarse) {
    const boxes = boxWidths(sigma / coarse);
    const reach = coarse * (boxes.reduce((total, box) => total + trunc(box / 2), 0) + 1);
    const [right, bottom] = [map.width, map.height].map(side => reach + (coarse - side % coarse) % coarse);
    const bigger = {...padded(map, reach, reach, right, bottom), channels: 1};
    let result = coarse === 1 ? bigger : resize(bigger, bigger.width / coarse, bigger.height / coarse, 'area');
    for (const box of boxes) result = running(running(result, box, 1, result.width), box, result.width, result.height);
    if (coarse > 1) result = resize(result, bigger.width, bigger.height, 'linear');
    return cut(result, reach, reach, map.width, map.height);
}

/**
 * Averages over `box` values that lie `stride` apart, along lines of `length` values; lines go on at their ends.
 * @type {(map: Raster<Float32Array<ArrayBuffer>>, box: number, stride: number, length: number) => Raster<Float32Array<ArrayBuffer>>}
 */
function running({width, height, channels, data}, box, stride, length) {
    const result = new Float32Array(data.length);
    const half = trunc(box / 2);
    const next = stride === 1 ? width : 1;
    for (let line = 0; line < data.length / length; line++) {
        const start = line * next;
        /** @type {(i: number) => number} */
        const at = i => data[start + min(length - 1, max(0, i)) * stride];
        let sum = 0;
        for (let i = -half; i <= half; i++) sum += at(i);
        for (let i = 0; i < length; i++) {
            result[start + i * stride] = sum / box;
            sum += at(i + half + 1) - at(i - half);
        }
    }
    return {width, height, channels, data: result};
}

/**
 * Three odd widths whose running averages, one after the other, have the variance `sigma ** 2`.
 * @type {(sigma: number) => number[]}
 */
function boxWidths(sigma) {
    const ideal = trunc(Math.sqrt(4 * sigma ** 2 + 1));
    const narrow = ideal - (ideal + 1) % 2;
    const count = roundEven((12 * sigma ** 2 - 3 * narrow ** 2 - 12 * narrow - 9) / (-4 * narrow - 4));
    return [0, 1, 2].map(i => (i < count ? narrow : narrow + 2));
}

/**
 * To the nearest whole number, halves to the even one, as Python's `round`.
 * @type {(value: number) => number}
 */
const roundEven = value => (Math.abs(value % 1) === 0.5 ? 2 * round(value / 2) : round(value));

/** @type {(map: Grey, left: number, top: number, right: number, bottom: number) => Grey} */
function padded({width, height, data}, left, top, right, bottom) {
    const [wide, high] = [width + left + right, height + top + bottom];
    const result = new Float32Array(wide * high);
    for (let y = 0; y < high; y++) {
        const row = min(height - 1, max(0, y - top)) * width;
        const start = y * wide;
        result.fill(data[row], start, start + left);
        result.set(data.subarray(row, row + width), start + left);
        result.fill(data[row + width - 1], start + left + width, start + wide);
    }
    return {width: wide, height: high, data: result};
}

/** @type {(map: Grey, left: number, top: number, width: number, height: number) => Grey} */
function cut(map, left, top, width, height) {
    const result = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
        const start = (y + top) * map.width + left;
        result.set(map.data.subarray(start, start + width), y * width);
    }
    return {width, height, data: result};
}

/**
 * A map at another size: averaged where it shrinks, interpolated where it grows.
 * @type {(map: Grey, width: number, height: number) => Grey}
 */
export function resizedMap(map, width, height) {
    if (map.width === width && map.height === height) return map;
    const averaged = resize({...map, channels: 1}, min(width, map.width), min(height, map.height), 'area');
    return withoutDust(resize(averaged, width, height, 'linear'));
}

/**
 * Averages of ones are not always quite one; but only at exactly 1 a place is held to the end.
 * @type {(map: Grey) => Grey}
 */
const withoutDust = map => each(map, value => (value > 1 - DUST ? 1 : value < DUST ? 0 : value));
