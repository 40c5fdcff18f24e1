/** What the panel remembers: earlier states of the request, where the user is in the form, and the request when the page is left. */

const MAX_CHARACTERS = 2e8;
/** Changes that follow each other faster (a slider that is dragged, letters that are typed) are one step. */
const MERGE_WITHIN = 500;

/** @type {Fn.isContainer} */
const isContainer = value => typeof value === 'object' && value !== null;

/** A copy whose objects and lists are its own. @type {<Value>(value: Value) => Value} */
function deepCopy(value) {
    if (!isContainer(value)) return value;
    const parts = Object.entries(value).map(([name, each]) => [name, deepCopy(each)]);
    return /** @type {typeof value} */ (Array.isArray(value) ? parts.map(([, each]) => each) : Object.fromEntries(parts));
}

/** @type {Fn.deepEqual} */
function deepEqual(a, b) {
    if (!isContainer(a) || !isContainer(b)) return a === b;
    const parts = Object.entries(a);
    return parts.length === Object.keys(b).length && parts.every(([name, value]) => name in b && deepEqual(value, b[name]));
}

/** The states of a request, beginning with `first`. @param {Owner} first */
export function history(first) {
    let states = [deepCopy(first)];
    let index = 0;
    let last = -Infinity;

    /** Remember a new state; `apart` when it is a step of its own however fast it came. @type {Fn.note} */
    function note(state, apart = false) {
        if (deepEqual(state, states[index])) return; // a number box tells what it holds once more when it is left
        const now = performance.now();
        const soon = !apart && now - last < MERGE_WITHIN && index > 0;
        last = apart ? -Infinity : now;
        states = [...states.slice(0, index + (soon ? 0 : 1)), deepCopy(state)];
        while (states.length > 2 && size() > MAX_CHARACTERS) states.shift();
        index = states.length - 1;
    }

    /** Each text once, however many states have it. */
    function size() {
        /** @type {Set<string>} */
        const texts = new Set();
        const collect = (/** @type {unknown} */ value) => {
            if (typeof value === 'string') texts.add(value);
            else if (isContainer(value)) Object.values(value).forEach(collect);
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
            return deepCopy(states[index]);
        },
        left: () => ({undo: index, redo: states.length - 1 - index}),
    };
}

const OPEN = 'details[open], [aria-expanded="true"]';

/** What an element must have in common with the one before it to be taken for the same. @type {Fn.signature} */
const signature = node => [node.tagName, node.getAttribute('data-field'), node.getAttribute('data-map')].join(' ');

/**
 * Run `redraw`, which fills `body` anew; what was open in it is open afterwards, and what had the focus has it.
 * @type {Fn.preservingFocus}
 */
export function preservingFocus(body, redraw) {
    const open = [...body.querySelectorAll(OPEN)].map(node => pathTo(body, node));
    const focused = body.contains(document.activeElement) ? pathTo(body, document.activeElement) : null;
    redraw();
    for (const path of open) {
        const node = elementAt(body, path);
        if (node instanceof HTMLDetailsElement) node.open = true;
        else node?.click(); // a button that shows an explanation
    }
    if (focused) elementAt(body, focused)?.focus({preventScroll: true});
}

/** @type {Fn.pathTo} */
function pathTo(body, node) {
    if (!node?.parentElement || node === body) return [];
    return [...pathTo(body, node.parentElement), {index: [...node.parentElement.children].indexOf(node), sign: signature(node)}];
}

/** @type {Fn.elementAt} */
function elementAt(body, path) {
    /** @type {Element | undefined} */
    let node = body;
    for (const {index, sign} of path) {
        node = node?.children[index];
        if (node && signature(node) !== sign) return undefined;
    }
    return /** @type {HTMLElement | undefined} */ (node);
}

const [DATABASE, TABLE] = ['pixels', 'requests'];
/** Requests that are kept: of so many tabs that are open or were. */
const MAX_TABS = 16;
/** In what the browser keeps for a tab: its name for us, and whether its page was left. */
const [TAB, LEFT] = ['pixels-tab', 'pixels-left'];

/** @type {Fn.queryTable} */
function queryTable(mode, question) {
    return new Promise((done, failed) => {
        const opening = indexedDB.open(DATABASE, 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
            const database = opening.result;
            const transaction = database.transaction(TABLE, mode);
            const pythonQueries = question(transaction.objectStore(TABLE));
            transaction.oncomplete = () => done(pythonQueries.result);
            transaction.onerror = transaction.onabort = () => failed(transaction.error);
            database.close(); // when the transaction has ended
        };
    });
}

/** What the browser keeps for this tab, if it lets us look. @type {Fn.tabStorage} */
function tabStorage() {
    try {
        return sessionStorage;
    } catch {
        return null;
    }
}

/**
 * The request that each browser tab keeps for itself under `name`. A tab that is loaded again goes on with its own; a duplicate
 * begins with that of the tab it came from, any other with that of the newest. In its copy of what the browser keeps for a tab,
 * nothing says that the page was left.
 * @type {Fn.requestStore}
 */
export function requestStore(name, signal) {
    const own = tabStorage();
    const before = own?.getItem(TAB);
    const tab = before && own?.getItem(LEFT) ? before : String(Date.now() + Math.random());
    const leave = () => own?.setItem(LEFT, 'yes');
    const stay = () => own?.removeItem(LEFT);
    own?.setItem(TAB, tab);
    stay();
    addEventListener('pagehide', leave, {signal});
    addEventListener('pageshow', stay, {signal}); // a page may come back as it was left
    signal.addEventListener('abort', leave);
    return {
        // Where the browser keeps nothing (a private window, a full disk), there is none, and the panel works on without.
        kept: () => queryTable('readonly', table => (before ? table.get([before, name]) : table.openCursor(null, 'prev')))
            .then(found => found?.value ?? found ?? '').catch(() => ''),
        keep: text => queryTable('readwrite', table => {
            table.put(text, [tab, name]);
            const keys = table.getAllKeys(); // the oldest tabs first
            keys.onsuccess = () => keys.result.slice(0, -MAX_TABS).forEach(key => String(key) === String([tab, name]) || table.delete(key));
            return keys;
        }).catch(() => {}),
    };
}
