/**
 * Placing an exemplar on the source's canvas as `pixels_ext/imaging/placement.py` does, with Pillow's and OpenCV's filters, so that
 * the studio shows the pixels that Python computes.
 */

const {mapPair, clamp} = await import('./math.mjs' + new URL(import.meta.url).search);

const {abs, ceil, cos, floor, max, min, PI, sin, trunc} = Math;

/** Width and height in canvas pixels of an image of size `own`, before rotation. @type {PlacedSize} */
export function placedSize(own, canvas, {fit, scale, pixel = 1}) {
    const ratios = mapPair(canvas, (side, i) => side / own[i]);
    const factors = {cover: max(...ratios), contain: min(...ratios), stretch: null, original: pixel};
    return mapPair(own, (side, i) => side * (factors[fit] ?? ratios[i]) * scale);
}

/** Place an image on a transparent canvas of `size`. @type {Fn.placeImage} */
export function placeImage(exemplar, size, placement) {
    const placed = placedSize([exemplar.width, exemplar.height], size, placement);
    const image = premultiply(exemplar);
    const quarters = ((placement.rotation / 90) % 4 + 4) % 4;
    if (!Number.isInteger(quarters)) return unpremultiply(placeRotated(image, placed, size, placement));
    const oriented = placement.flip || quarters ? rotateQuarters(image, quarters, placement.flip) : image;
    return unpremultiply(placeUpright(oriented, quarters % 2 ? [placed[1], placed[0]] : placed, size, placement));
}

/** @type {PlaceFunction} */
function placeUpright(image, placed, size, {x, y}) {
    const canvas = new Uint8ClampedArray(size[0] * size[1] * 4);
    const center = [x * size[0], y * size[1]];
    const own = [image.width, image.height];
    const ratio = mapPair(placed, (side, i) => own[i] / side);
    const start = mapPair(placed, (side, i) => max(0, ceil(center[i] - side / 2 - 0.5)));
    const end = mapPair(placed, (side, i) => min(size[i], floor(center[i] + side / 2 + 0.5)));
    const [width, height] = mapPair(end, (side, i) => side - start[i]);
    if (width <= 0 || height <= 0) return canvas;
    const margin = mapPair(ratio, (each, i) => min(own[i], ceil(each / 2)));
    const wider = asBytes(padEdges(asPixels(image), ...margin));
    const box = [start, end].flatMap(ends => mapPair(ends, (at, i) =>
        clamp((at - center[i] + placed[i] / 2) * ratio[i] + margin[i], 0, own[i] + 2 * margin[i])));
    const resized = resize(wider, width, height, max(...ratio) > 1 ? 'hamming' : 'bicubic', box);
    for (let row = 0; row < height; row++) {
        canvas.set(resized.data.subarray(row * width * 4, (row + 1) * width * 4), ((row + start[1]) * size[0] + start[0]) * 4);
    }
    return canvas;
}

/** With the bicubic filter of Pillow's `transform`. @type {PlaceFunction} */
function placeRotated(image, placed, size, {x, y, rotation, flip}) {
    const own = /** @type {Pair} */ ([image.width, image.height]);
    const smaller = mapPair(own, (side, i) => min(side, max(1, ceil(placed[i]))));
    const {width, height, data} = smaller.join() === own.join() ? image : resize(image, ...smaller, 'hamming');
    const [c, s] = [cos(rotation * PI / 180), sin(rotation * PI / 180)];
    const [scaleX, scaleY] = [width / placed[0] * (flip ? -1 : 1), height / placed[1]];
    const canvas = new Uint8ClampedArray(size[0] * size[1] * 4);
    const [across, down] = [new Float64Array(4), new Float64Array(4)];

    /** Edges are repeated. @type {Fn.sample} */
    function sample(u, v, to) {
        const [left, top] = [floor(u) - 1, floor(v) - 1];
        cubicWeights(u - left - 1, across);
        cubicWeights(v - top - 1, down);
        for (let channel = 0; channel < 4; channel++) {
            let sum = 0;
            for (let j = 0; j < 4; j++) {
                const row = min(height - 1, max(0, top + j)) * width;
                let line = 0;
                for (let i = 0; i < 4; i++) line += across[i] * data[(row + min(width - 1, max(0, left + i))) * 4 + channel];
                sum += down[j] * line;
            }
            canvas[to + channel] = floor(max(0, sum) + 1e-9);
        }
    }

    for (let row = 0; row < size[1]; row++) {
        for (let column = 0; column < size[0]; column++) {
            const [dx, dy] = [column + 0.5 - x * size[0], row + 0.5 - y * size[1]];
            const u = width / 2 + scaleX * (c * dx + s * dy);
            const v = height / 2 + scaleY * (c * dy - s * dx);
            if (u >= 0 && u < width && v >= 0 && v < height) sample(u - 0.5, v - 0.5, (row * size[0] + column) * 4);
        }
    }
    return canvas;
}

/** Weights of four samples for a point `t` of the way from the second to the third. @type {Fn.cubicWeights} */
function cubicWeights(t, weights) {
    const [square, cube] = [t * t, t * t * t];
    weights[0] = 2 * square - t - cube;
    weights[1] = 1 - 2 * square + cube;
    weights[2] = t + square - cube;
    weights[3] = cube - square;
}

/** @type {Fn.rotateQuarters} */
function rotateQuarters(image, quarters, flip) {
    const {width, height, data} = asPixels(image);
    const sides = quarters % 2 ? [height, width] : [width, height];
    const result = new Uint32Array(data.length);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const u = flip ? width - 1 - x : x;
            const [to, row] = [[u, y], [height - 1 - y, u], [width - 1 - u, height - 1 - y], [y, width - 1 - u]][quarters];
            result[row * sides[0] + to] = data[y * width + x];
        }
    }
    return asBytes({width: sides[0], height: sides[1], data: result});
}

/** One number for each pixel, in the same memory. @type {Fn.asPixels} */
const asPixels = ({width, height, data}) => ({width, height, data: new Uint32Array(data.buffer, data.byteOffset, width * height)});

/** @type {Fn.asBytes} */
const asBytes = ({width, height, data}) => ({width, height, channels: 4, data: new Uint8ClampedArray(data.buffer)});

/** Colors times alpha, so that transparent pixels do not bleed into opaque ones. @type {Fn.premultiply} */
function premultiply({width, height, data}) {
    const result = data.slice();
    for (let i = 0; i < result.length; i += 4) {
        if (data[i + 3] < 255) for (let c = 0; c < 3; c++) result[i + c] = data[i + c] * data[i + 3] / 255;
    }
    return {width, height, channels: 4, data: result};
}

/** @type {Fn.unpremultiply} */
function unpremultiply(data) {
    for (let i = 0; i < data.length; i += 4) {
        const alpha = data[i + 3];
        if (alpha > 0 && alpha < 255) for (let c = 0; c < 3; c++) data[i + c] = floor(255 * data[i + c] / alpha);
    }
    return data;
}

/**
 * Kernels by name: their support, in pixels of the coarser side, and the weight at a distance.
 * @type {Record<Kernel, [number, (x: number) => number]>}
 */
const KERNELS = {
    hamming: [1, x => (x === 0 ? 1 : abs(x) < 1 ? sin(PI * x) / (PI * x) * (0.54 + 0.46 * cos(PI * x)) : 0)],
    bicubic: [2, x => {
        const a = abs(x);
        if (a < 1) return (1.5 * a - 2.5) * a * a + 1;
        return a < 2 ? ((-0.5 * a + 2.5) * a - 4) * a + 2 : 0;
    }],
    linear: [1, x => max(0, 1 - abs(x))],
};

/** For every pixel of the result along one side: the first pixel it reads, and the weights from there on. @type {Fn.filterTaps} */
function filterTaps(from, to, own, count, filter) {
    const scale = (to - from) / count;
    return Array.from({length: count}, (_, i) => {
        const start = from + i * scale;
        const [first, weights] = filter === 'area' ? overlapWeights(start, scale, own) : kernelWeights(from + (i + 0.5) * scale, scale, own, filter);
        const sum = weights.reduce((total, each) => total + each, 0);
        return [first, weights.map(each => each / sum)];
    });
}

/** @type {Fn.kernelWeights} */
function kernelWeights(center, scale, own, filter) {
    const [support, weight] = KERNELS[filter];
    const wide = max(1, scale);
    const first = max(0, trunc(center - support * wide + 0.5));
    const last = min(own, trunc(center + support * wide + 0.5));
    return [first, Array.from({length: last - first}, (_, i) => weight((first + i - center + 0.5) / wide))];
}

/** The share of each pixel between `start` and `start + length`. @type {Fn.overlapWeights} */
function overlapWeights(start, length, own) {
    const first = min(own - 1, floor(start + 1e-6));
    const last = min(own, max(first + 1, ceil(start + length - 1e-6)));
    return [first, Array.from({length: last - first}, (_, i) => min(first + i + 1, start + length) - max(first + i, start))];
}

/**
 * Resize the part `box = [left, top, right, bottom]` of an image. The filter `area` averages. Bytes are rounded after each
 * direction, as in Pillow.
 * @type {Resize}
 */
export function resize(image, width, height, filter, box = [0, 0, image.width, image.height]) {
    const {channels, data} = image;
    const across = filterTaps(box[0], box[2], image.width, width, filter);
    const down = filterTaps(box[1], box[3], image.height, height, filter);
    const top = down[0][0];
    const rows = max(...down.map(([first, weights]) => first + weights.length)) - top;
    const narrow = newLike(data, rows * width * channels);
    across.forEach(([first, weights], x) => {
        for (let y = 0; y < rows; y++) {
            const start = ((y + top) * image.width + first) * channels;
            for (let c = 0; c < channels; c++) {
                let sum = 0;
                for (let i = 0; i < weights.length; i++) sum += weights[i] * data[start + i * channels + c];
                narrow[(y * width + x) * channels + c] = sum;
            }
        }
    });
    const row = width * channels;
    const result = newLike(data, height * row);
    down.forEach(([first, weights], y) => {
        for (let k = 0; k < row; k++) {
            let sum = 0;
            for (let i = 0; i < weights.length; i++) sum += weights[i] * narrow[(first - top + i) * row + k];
            result[y * row + k] = sum;
        }
    });
    return {width, height, channels, data: result};
}

/** Pad by repeating the edges. @type {Pad} */
export function padEdges({width, height, data}, left, top, right = left, bottom = top) {
    const [wide, high] = [width + left + right, height + top + bottom];
    const result = newLike(data, wide * high);
    for (let y = 0; y < high; y++) {
        const row = clamp(y - top, 0, height - 1) * width;
        const start = y * wide;
        result.fill(data[row], start, start + left);
        result.set(data.subarray(row, row + width), start + left);
        result.fill(data[row + width - 1], start + left + width, start + wide);
    }
    return {width: wide, height: high, data: result};
}

/** @type {Fn.newLike} */
const newLike = (data, length) => new /** @type {any} */ (data.constructor)(length);
