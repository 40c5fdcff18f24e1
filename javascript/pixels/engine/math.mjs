/** Arithmetic shared by the engine and the studio. */

/** @type {Fn.clamp} */
export const clamp = (value, min, max) => Math.min(max, Math.max(min, value));

/** A new pair of `change(value, index)`. @type {Fn.mapPair} */
export const mapPair = ([first, second], change) => [change(first, 0), change(second, 1)];
