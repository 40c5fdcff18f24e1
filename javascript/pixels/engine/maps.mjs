/** Edit maps as greys, made, shaped and released: `pixels_ext/maps`, `greys.py`, `shaping.py`, `thresholds.py` for the browser. */

const {bounded} = await import('./numbers.mjs' + new URL(import.meta.url).search);
const {padded, resize} = await import('./place.mjs' + new URL(import.meta.url).search);

/** The exemplar's map, and its first map before it is shaped. @type {(exemplar: WholeExemplar, stage: Stage) => [Grey, Grey]} */
export function combinedMap(exemplar, stage) {
    const raw = made(exemplar.edit_map, stage);
    const first = shaped(raw, exemplar.shaping);
    if (exemplar.second_map == null) return [first, raw];
    const second = shaped(made(exemplar.second_map, stage), exemplar.second_shaping);
    const combine = COMBINATIONS[exemplar.combine];
    return [each(first, (value, i) => combine(value, second.data[i])), raw];
}

/** Whether the browser can make this map itself. @type {(map: EditMap) => map is string | Linear | Radial | Given} */
export const canMake = map => typeof map === 'string' || ['image', 'generated', 'linear', 'radial'].includes(map.type);

/**
 * The map, before shaping, at the size of `stage`. A map that Python has made comes as a picture, `{type: 'generated', image}`,
 * which nothing turns.
 * @type {(map: EditMap, stage: Stage) => Grey}
 */
function made(map, {width, height, picture, whiteEdits}) {
    if (!canMake(map)) throw new Error(`A map from ${map.type} is made by Python.`);
    if (typeof map === 'string') return resizedMap(given(picture(map), false, whiteEdits), width, height);
    if (map.type === 'linear') return filled(width, height, linear(map, width, height));
    if (map.type === 'radial') return filled(width, height, radial(map, width, height));
    return resizedMap(given(picture(map.image), map.channel === 'alpha', whiteEdits && map.type !== 'generated'), width, height);
}

const SHORTEST = 1e-3;

/** In single precision, as in Python. @type {(map: Linear, width: number, height: number) => Place} */
function linear({start_x, start_y, end_x, end_y}, width, height) {
    if (start_x === end_x && start_y === end_y) throw new Error('the gradient has no length.');
    const [across, down] = [(end_x - start_x) * width, (end_y - start_y) * height];
    const length = hypot(across, down);
    const [unitX, unitY] = [fround(across / length), fround(down / length)];
    const [startX, startY] = [fround(start_x * width), fround(start_y * height)];
    const fade = fround(max(length, SHORTEST));
    return (x, y) => fround(fround(fround(x - startX) * unitX) + fround(fround(y - startY) * unitY)) / fade;
}

/** @type {(map: Radial, width: number, height: number) => Place} */
function radial({center_x, center_y, inner, outer}, width, height) {
    if (outer <= inner) throw new Error('outer must be above inner.');
    const shorter = min(width, height);
    const [centerX, centerY] = [fround(center_x * width), fround(center_y * height)];
    const start = fround(inner * shorter);
    const fade = fround(max((outer - inner) * shorter, SHORTEST));
    return (x, y) => fround(fround(hypot(fround(x - centerX), fround(y - centerY))) - start) / fade;
}

/** @type {(width: number, height: number, value: Place) => Grey} */
function filled(width, height, value) {
    const data = new Float32Array(width * height);
    for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) data[i] = bounded(value(x + 0.5, y + 0.5), 0, 1);
    return {width, height, data};
}

/** Greys by Pillow's luminance, what is transparent keeping the source; or only how opaque the picture is. @type {Does.given} */
function given({width, height, data}, alphaOnly, whiteEdits) {
    const result = new Float32Array(width * height);
    for (let i = 0, k = 0; i < result.length; i++, k += 4) {
        const grey = ((data[k] * 19595 + data[k + 1] * 38470 + data[k + 2] * 7471 + 0x8000) >> 16) / 255;
        const edits = alphaOnly ? 1 : whiteEdits ? grey : 1 - grey;
        result[i] = 1 - data[k + 3] / 255 * edits;
    }
    return {width, height, data: result};
}

const DUST = 1e-5;
const {abs, ceil, exp, fround, hypot, max, min, round, SQRT2, sqrt, trunc} = Math;
const LEAST_SPAN = 2 ** -126;

/** @type {Record<WholeExemplar['combine'], (a: number, b: number) => number>} */
const COMBINATIONS = {
    intersect: max,
    union: min,
    soft_union: (a, b) => a * b,
    soft_intersect: (a, b) => 1 - (1 - a) * (1 - b),
};

/** @type {Does.each} */
const each = (map, change) => ({...map, data: map.data.map(change)});

/**
 * Invert, points, gamma, grow, blur and limit, in this order; lengths in per cent of the shorter side.
 * @type {(map: Grey, shaping: Shaping) => Grey}
 */
function shaped(map, {invert, black_point, white_point, gamma, grow, blur, limit}) {
    const percent = min(map.width, map.height) / 100;
    if (black_point >= white_point) throw new Error('white point must be above black point.');
    const span = max(fround(white_point - black_point), LEAST_SPAN);
    const toned = each(map, value => {
        const tone = bounded(fround(fround((invert ? 1 - value : value) - fround(black_point)) / span), 0, 1);
        return gamma === 1 ? tone : tone ** (1 / gamma);
    });
    const result = blurred(grown(toned, grow * percent), blur * percent);
    return limit === 1 ? result : each(result, value => 1 - limit * (1 - value));
}

/** The dark area grown by `radius` pixels in the shape of an octagon; shrunk if negative. @type {ByLength} */
function grown(map, radius) {
    const pick = radius < 0 ? max : min;
    const straight = roundEven(abs(radius) * (SQRT2 - 1));
    const diagonal = roundEven((abs(radius) - straight) / 2);
    const strokes = [[straight, 0, 1], [straight, 1, 0], [diagonal, 1, 1], [diagonal, 1, -1]];
    return strokes.reduce((result, [length, down, across]) => (length ? stroke(result, length, down, across, pick) : result), map);
}

/** The smallest (or largest) value within `length` steps to either side in one direction, by doubling windows. @type {Does.stroke} */
function stroke(map, length, down, across, pick) {
    let window = padded(map, length, length);
    const total = 2 * length + 1;
    for (let done = 1; done < total;) {
        const step = min(done, total - done);
        const shift = step * (down * window.width + across);
        const {data} = window;
        const next = data.slice();
        // What wraps around at the ends is never looked at: it lies in the margin.
        for (let i = max(0, -shift); i < data.length - max(0, shift); i++) next[i] = pick(data[i], data[i + shift]);
        window = {...window, data: next};
        done += step;
    }
    return cut(window, length - length * across, length - length * down, map);
}

/** A Gaussian blur, from 4 pixels on by three running averages. @type {ByLength} */
function blurred(map, sigma) {
    if (sigma < 0.1) return map;
    return withoutDust(sigma <= 4 ? gaussian(map, sigma) : threeAverages(map, sigma, sigma <= 32 ? 1 : 4));
}

/** @type {ByLength} */
function gaussian(map, sigma) {
    const reach = ceil(3 * sigma);
    const bell = Array.from({length: 2 * reach + 1}, (_, i) => exp(-((i - reach) ** 2) / (2 * sigma ** 2)));
    const sum = bell.reduce((total, one) => total + one, 0);
    const weights = bell.map(one => one / sum);
    const bigger = padded(map, reach, reach);
    return cut(along(along(bigger, 1, weights), bigger.width, weights), reach, reach, map);
}

/**
 * Weighted sums of neighbours `stride` values apart; right where all of them are inside.
 * @type {(map: Grey, stride: number, weights: number[]) => Grey}
 */
function along(map, stride, weights) {
    const {data} = map;
    const reach = (weights.length - 1) / 2 * stride;
    const result = new Float32Array(data.length);
    for (let i = reach; i < data.length - reach; i++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * data[i - reach + k * stride];
        result[i] = sum;
    }
    return {...map, data: result};
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
    return cut(result, reach, reach, map);
}

/** Averages over `box` values that lie `stride` apart, along lines of `length` values; lines go on at their ends. @type {Does.running} */
function running(map, box, stride, length) {
    const {data} = map;
    const result = new Float32Array(data.length);
    const half = trunc(box / 2);
    const next = stride === 1 ? map.width : 1;
    for (let line = 0; line < data.length / length; line++) {
        const start = line * next;
        const at = (/** @type {number} */ i) => data[start + bounded(i, 0, length - 1) * stride];
        let sum = 0;
        for (let i = -half; i <= half; i++) sum += at(i);
        for (let i = 0; i < length; i++) {
            result[start + i * stride] = sum / box;
            sum += at(i + half + 1) - at(i - half);
        }
    }
    return {...map, data: result};
}

/** Three odd widths whose running averages, one after the other, have the variance `sigma ** 2`. @type {(sigma: number) => number[]} */
function boxWidths(sigma) {
    const ideal = trunc(sqrt(4 * sigma ** 2 + 1));
    const narrow = ideal - (ideal + 1) % 2;
    const count = roundEven((12 * sigma ** 2 - 3 * narrow ** 2 - 12 * narrow - 9) / (-4 * narrow - 4));
    return [0, 1, 2].map(i => (i < count ? narrow : narrow + 2));
}

/** To the nearest whole number, halves to the even one, as Python's `round`. @type {(value: number) => number} */
const roundEven = value => (abs(value % 1) === 0.5 ? 2 * round(value / 2) : round(value));

/** @type {(map: Grey, left: number, top: number, size: Grey) => Grey} */
function cut(map, left, top, {width, height}) {
    const data = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
        const start = (y + top) * map.width + left;
        data.set(map.data.subarray(start, start + width), y * width);
    }
    return {width, height, data};
}

/**
 * A map at another size: averaged where it shrinks, interpolated where it grows.
 * @type {(map: Grey, width: number, height: number) => Grey}
 */
function resizedMap(map, width, height) {
    if (map.width === width && map.height === height) return map;
    const averaged = resize({...map, channels: 1}, min(width, map.width), min(height, map.height), 'area');
    return withoutDust(resize(averaged, width, height, 'linear'));
}

/** Averages of ones are not always quite one; but only at exactly 1 a place is held to the end. @type {(map: Grey) => Grey} */
const withoutDust = map => each(map, value => (value > 1 - DUST ? 1 : value < DUST ? 0 : value));

/** By name: from the map's value to the progress at which places of that value are released. @type {Record<Threshold, ReleaseTime>} */
const THRESHOLDS = {
    linear: m => m,
    log: (m, steps) => Math.expm1(m * Math.log1p(steps)) / steps,
    cubic: Math.cbrt,
    quadratic: Math.sqrt,
    sigmoid: m => (Math.log(m / (1 - m)) + 3) / 6,
};

/** The release time of a map's value, from 0 (never held) to 1 (held at every step). @type {(name: Threshold) => ReleaseTime} */
export const releaseTime = name => (m, steps) => bounded(THRESHOLDS[name](m, steps), 0, 1);
