/** When each place is released: the five thresholds of the paper's appendix 5 (`pixels_ext/thresholds.py`). */

/** @import {Threshold} from '../types.d.ts' */

/** @type {(value: number) => number} */
const clip = value => Math.min(1, Math.max(0, value));

/**
 * By name: the map value to the progress at which places of that value are released.
 * @type {Record<Threshold, (m: number, steps: number) => number>}
 */
export const THRESHOLDS = {
    linear: m => m,
    log: (m, steps) => Math.expm1(m * Math.log1p(steps)) / steps,
    cubic: m => Math.cbrt(m),
    quadratic: m => Math.sqrt(m),
    sigmoid: m => (Math.log(m / (1 - m)) + 3) / 6,
};

/**
 * Release time of every value of a map, from 0 (never held) to 1 (held at every step).
 * @type {(data: Float32Array<ArrayBuffer>, name: Threshold, steps: number) => Float32Array<ArrayBuffer>}
 */
export const releaseTime = (data, name, steps) => data.map(value => clip(THRESHOLDS[name](value, steps)));
