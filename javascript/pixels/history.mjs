/** Undo and redo of the whole request. Texts are shared between states, so a state costs what is new in it. */

/** @import {Owner} from './types.d.ts' */

const MOST_CHARACTERS = 2e8;
/** Changes that follow each other faster (a slider that is dragged, letters that are typed) are one step. */
const TOGETHER = 500;

/**
 * A copy whose objects and lists are its own.
 * @template Value
 * @param {Value} value
 * @returns {Value}
 */
export function copied(value) {
    if (Array.isArray(value)) return /** @type {Value} */ (value.map(copied));
    if (typeof value !== 'object' || value === null) return value;
    return /** @type {Value} */ (Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copied(each)])));
}

/** @type {(a: unknown, b: unknown) => boolean} */
function same(a, b) {
    if (a === b) return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
    const [of, inB] = [Object.entries(a), /** @type {Owner} */ (b)];
    return of.length === Object.keys(b).length && of.every(([name, value]) => name in b && same(value, inB[name]));
}

/**
 * The states of a request, beginning with `first`. `now()` is the time in milliseconds.
 * @param {Owner} first
 * @param {() => number} now
 */
export function history(first, now = () => performance.now()) {
    let states = [copied(first)];
    let index = 0;
    let last = -Infinity;

    /**
     * Remember a new state; `apart` when it is a step of its own however fast it came.
     * @type {(state: Owner, apart?: boolean) => void}
     */
    function note(state, apart = false) {
        if (same(state, states[index])) return; // a number box tells what it holds once more when it is left
        const soon = !apart && now() - last < TOGETHER && index > 0;
        last = apart ? -Infinity : now();
        states = [...states.slice(0, index + (soon ? 0 : 1)), copied(state)];
        while (states.length > 2 && size() > MOST_CHARACTERS) states.shift();
        index = states.length - 1;
    }

    /** Each text once, however many states have it. */
    function size() {
        /** @type {Set<string>} */
        const texts = new Set();
        /** @type {(value: unknown) => void} */
        const collect = value => {
            if (typeof value === 'string') texts.add(value);
            else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
        };
        states.forEach(collect);
        return [...texts].reduce((total, text) => total + text.length, 0);
    }

    /** @type {(by: number) => Owner | null} */
    function step(by) {
        if (!states[index + by]) return null;
        index += by;
        last = -Infinity;
        return copied(states[index]);
    }

    return {
        note,
        undo: () => step(-1),
        redo: () => step(1),
        can: () => ({undo: index > 0, redo: index < states.length - 1}),
    };
}
