/** Short names for pictures, whose texts are millions of letters long: those are too slow to compare and to join. */

/** Texts that are remembered; one that comes again later gets another name. */
const MOST = 200;
const LONG = 100;

/**
 * `short(text)` is the text itself if it is short, else a name that only this text has.
 * @type {() => (text: string) => string}
 */
export function shortNames() {
    /** @type {Map<string, string>} */
    const names = new Map();
    let count = 0;

    return function short(text) {
        if (text.length <= LONG) return text;
        const name = names.get(text) ?? `#${count += 1}`;
        names.delete(text);
        names.set(text, name); // the newest is the last
        if (names.size > MOST) names.delete(names.keys().next().value ?? '');
        return name;
    };
}
