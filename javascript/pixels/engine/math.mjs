/** Small arithmetic that the engine and the studio share. */

/** The number from `least` to `most` that is nearest to `value`. @type {Fn.clamp} */
export const clamp = (value, least, most) => Math.min(most, Math.max(least, value));

/** A new pair of `change(value, index)`. @type {Fn.mapPair} */
export const mapPair = ([first, second], change) => [change(first, 0), change(second, 1)];
