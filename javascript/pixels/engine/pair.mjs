/** Two numbers that belong together: [x, y] or [width, height]. */

/** @import {Pair} from '../types.d.ts' */

/**
 * A new pair of `change(value, index)`.
 * @type {(pair: Pair, change: (value: number, index: number) => number) => Pair}
 */
export const both = ([first, second], change) => [change(first, 0), change(second, 1)];
