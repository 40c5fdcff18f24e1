/** The ways of looking at an edit, pixel by pixel. */

/**
 * @import {Look, Rectangle, ViewName} from '../types.d.ts'
 * @typedef {(look: Look, from: number, to: number, result: Uint8ClampedArray) => void} Shade
 */

/** Greys up to here count as black when a stroke is shown before it is rendered (the default black point). */
export const BLACK = 5;

const [RED, GREEN, BLUE] = [255, 110, 0];
const QUIET = 128;

/**
 * By name: writes the pixels of `look` from number `from` up to `to` into `result`, in a row. This runs for every pixel of
 * every frame, so nothing is made in it.
 * @type {Record<ViewName, Shade>}
 */
const SHADES = {
    composite({pixels}, from, to, result) {
        result.set(pixels.subarray(from * 4, to * 4));
    },
    map({lightness}, from, to, result) {
        for (let at = from, k = 0; at < to; at++, k += 4) result[k] = result[k + 1] = result[k + 2] = lightness[at] * 255;
    },
    overlay({source, lightness}, from, to, result) {
        for (let at = from, k = 0; at < to; at++, k += 4) {
            const part = 0.7 * (1 - lightness[at]);
            result[k] = source[at * 4] * (1 - part) + RED * part;
            result[k + 1] = source[at * 4 + 1] * (1 - part) + GREEN * part;
            result[k + 2] = source[at * 4 + 2] * (1 - part) + BLUE * part;
        }
    },
};

/**
 * A part of `look` as ImageData. `progress`: null, or how far the sampler has come, from 0 to 1; what is released by then
 * fades under stripes.
 * @type {(look: Look, view: ViewName, progress: number | null, part: Rectangle) => ImageData}
 */
export function shaded(look, view, progress, {left, top, width, height}) {
    const made = new ImageData(width, height);
    for (let y = 0; y < height; y++) {
        const row = made.data.subarray(y * width * 4, (y + 1) * width * 4);
        const from = (y + top) * look.width + left;
        SHADES[view](look, from, from + width, row);
        if (progress !== null) fade(row, look.release, from, progress, left + y + top);
        for (let k = 3; k < row.length; k += 4) row[k] = 255;
    }
    return made;
}

/** @type {(row: Uint8ClampedArray, release: Float32Array, from: number, progress: number, stripes: number) => void} */
function fade(row, release, from, progress, stripes) {
    for (let x = 0, k = 0; k < row.length; x++, k += 4) {
        if (release[from + x] > progress) continue;
        const kept = (x + stripes) % 12 < 6 ? 0.14 : 0.22;
        const grey = QUIET * (1 - kept);
        row[k] = row[k] * kept + grey;
        row[k + 1] = row[k + 1] * kept + grey;
        row[k + 2] = row[k + 2] * kept + grey;
    }
}
