/** When each place is released: the five thresholds of the paper's appendix 5 (`pixels_ext/thresholds.py`). */

/** @import {Threshold} from '../types.d.ts' */

/** @type {(value: number) => number} */
const clip = value => Math.min(1, Math.max(0, value));

/**
 * By name: progress to the map value up to which places are released, and its inverse.
 * @type {Record<Threshold, {forward: (u: number, steps: number) => number, release: (m: number, steps: number) => number}>}
 */
export const THRESHOLDS = {
    linear: {forward: u => u, release: m => m},
    log: {
        forward: (u, steps) => Math.log1p(u * steps) / Math.log1p(steps),
        release: (m, steps) => Math.expm1(m * Math.log1p(steps)) / steps,
    },
    cubic: {forward: u => u ** 3, release: m => Math.cbrt(m)},
    quadratic: {forward: u => u ** 2, release: m => Math.sqrt(m)},
    sigmoid: {forward: u => 1 / (1 + Math.exp(3 - 6 * u)), release: m => (Math.log(m / (1 - m)) + 3) / 6},
};

/**
 * Release time of every value of a map, from 0 (never held) to 1 (held at every step).
 * @type {(data: Float32Array<ArrayBuffer>, name: Threshold, steps: number) => Float32Array<ArrayBuffer>}
 */
export const releaseTime = (data, name, steps) => data.map(value => clip(THRESHOLDS[name].release(value, steps)));
