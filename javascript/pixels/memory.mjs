/** What the panel remembers: earlier states of the request, where the user is in the form, and the request when the page is left. */

const MOST_CHARACTERS = 2e8;
/** Changes that follow each other faster (a slider that is dragged, letters that are typed) are one step. */
const TOGETHER = 500;

/** @type {(value: unknown) => value is Owner} */
const hasParts = value => typeof value === 'object' && value !== null;

/** A copy whose objects and lists are its own. @type {<Value>(value: Value) => Value} */
function copied(value) {
    if (!hasParts(value)) return value;
    const parts = Object.entries(value).map(([name, each]) => [name, copied(each)]);
    return /** @type {typeof value} */ (Array.isArray(value) ? parts.map(([, each]) => each) : Object.fromEntries(parts));
}

/** @type {(a: unknown, b: unknown) => boolean} */
function same(a, b) {
    if (!hasParts(a) || !hasParts(b)) return a === b;
    const parts = Object.entries(a);
    return parts.length === Object.keys(b).length && parts.every(([name, value]) => name in b && same(value, b[name]));
}

/** The states of a request, beginning with `first`. @param {Owner} first */
export function history(first) {
    let states = [copied(first)];
    let index = 0;
    let last = -Infinity;

    /** Remember a new state; `apart` when it is a step of its own however fast it came. @type {(state: Owner, apart?: boolean) => void} */
    function note(state, apart = false) {
        if (same(state, states[index])) return; // a number box tells what it holds once more when it is left
        const now = performance.now();
        const soon = !apart && now - last < TOGETHER && index > 0;
        last = apart ? -Infinity : now;
        states = [...states.slice(0, index + (soon ? 0 : 1)), copied(state)];
        while (states.length > 2 && size() > MOST_CHARACTERS) states.shift();
        index = states.length - 1;
    }

    /** Each text once, however many states have it. */
    function size() {
        /** @type {Set<string>} */
        const texts = new Set();
        const collect = (/** @type {unknown} */ value) => {
            if (typeof value === 'string') texts.add(value);
            else if (hasParts(value)) Object.values(value).forEach(collect);
        };
        collect(states);
        return [...texts].reduce((total, text) => total + text.length, 0);
    }

    return {
        note,
        /** The state so many steps further, or null. @param {number} by */
        step(by) {
            if (!states[index + by]) return null;
            index += by;
            last = -Infinity;
            return copied(states[index]);
        },
        left: () => ({undo: index, redo: states.length - 1 - index}),
    };
}

const OPEN = 'details[open], [aria-expanded="true"]';

/** What an element must have in common with the one before it to be taken for the same. @type {(node: Element) => string} */
const signOf = node => [node.tagName, node.getAttribute('data-field'), node.getAttribute('data-map')].join(' ');

/**
 * Run `redraw`, which fills `body` anew; what was open in it is open afterwards, and what had the focus has it.
 * @type {(body: HTMLElement, redraw: () => void) => void}
 */
export function keepingPlace(body, redraw) {
    const open = [...body.querySelectorAll(OPEN)].map(node => pathTo(body, node));
    const focused = body.contains(document.activeElement) ? pathTo(body, document.activeElement) : null;
    redraw();
    for (const path of open) {
        const node = at(body, path);
        if (node instanceof HTMLDetailsElement) node.open = true;
        else node?.click(); // a button that shows an explanation
    }
    if (focused) at(body, focused)?.focus({preventScroll: true});
}

/** @type {(body: HTMLElement, node: Element | null) => Path} */
function pathTo(body, node) {
    if (!node?.parentElement || node === body) return [];
    return [...pathTo(body, node.parentElement), {index: [...node.parentElement.children].indexOf(node), sign: signOf(node)}];
}

/** @type {(body: Element, path: Path) => HTMLElement | undefined} */
function at(body, path) {
    /** @type {Element | undefined} */
    let node = body;
    for (const {index, sign} of path) {
        node = node?.children[index];
        if (node && signOf(node) !== sign) return undefined;
    }
    return /** @type {HTMLElement | undefined} */ (node);
}

const [DATABASE, TABLE] = ['pixels', 'requests'];

/** @type {Does.asked} */
function asked(mode, question) {
    return new Promise((done, failed) => {
        const opening = indexedDB.open(DATABASE, 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
            const database = opening.result;
            const transaction = database.transaction(TABLE, mode);
            const asking = question(transaction.objectStore(TABLE));
            transaction.oncomplete = () => done(asking.result);
            transaction.onerror = transaction.onabort = () => failed(transaction.error);
            database.close(); // when the transaction has ended
        };
    });
}

/**
 * What was kept under `name`, or ''. Where the browser keeps nothing (a private window, a full disk), that is ''.
 * @type {(name: string) => Promise<string>}
 */
export const kept = name => asked('readonly', table => table.get(name)).then(text => text ?? '', () => '');

/** Keep `text` under `name`; if that is not possible, the panel works on without. @type {(name: string, text: string) => Promise<void>} */
export const keep = (name, text) => asked('readwrite', table => table.put(text, name)).catch(() => {});
