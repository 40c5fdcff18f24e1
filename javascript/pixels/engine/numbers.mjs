/** Small arithmetic that the engine and the studio share. */

/** The number from `least` to `most` that is nearest to `value`. @type {Does.bounded} */
export const bounded = (value, least, most) => Math.min(most, Math.max(least, value));

/** A new pair of `change(value, index)`. @type {Does.both} */
export const both = ([first, second], change) => [change(first, 0), change(second, 1)];
