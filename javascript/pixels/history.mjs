/** Undo history, the form's open groups and focus across redraws, and the request of each browser tab. */

const MAX_CHARACTERS = 2e8;
/** Faster changes (a dragged slider, typing) are one step. */
const MERGE_WITHIN = 500;

/** @type {Fn.isContainer} */
const isContainer = value => typeof value === 'object' && value !== null;

/** @type {<Value>(value: Value) => Value} */
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

/** The states of a request. @param {Owner} first */
export function undoHistory(first) {
    let states = [deepCopy(first)];
    let index = 0;
    let last = -Infinity;

    /** Add a state; `apart`: never merge it with the one before. @type {Fn.record} */
    function record(state, apart = false) {
        if (deepEqual(state, states[index])) return; // a number input reports its value again when it loses the focus
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
        record,
        /** The state `by` steps further, or null. @param {number} by */
        step(by) {
            if (!states[index + by]) return null;
            index += by;
            last = -Infinity;
            return deepCopy(states[index]);
        },
        counts: () => ({undo: index, redo: states.length - 1 - index}),
    };
}

const OPEN = 'details[open], [aria-expanded="true"]';

/** What two elements must have in common to count as the same. @type {Fn.signature} */
const signature = node => [node.tagName, node.getAttribute('data-field'), node.getAttribute('data-map')].join(' ');

/** Run `redraw`, which replaces the content of `body`; what was open or focused is again afterwards. @type {Fn.preserveFocus} */
export function preserveFocus(body, redraw) {
    const open = [...body.querySelectorAll(OPEN)].map(node => pathTo(body, node));
    const focused = body.contains(document.activeElement) ? pathTo(body, document.activeElement) : null;
    redraw();
    for (const path of open) {
        const node = elementAt(body, path);
        if (node instanceof HTMLDetailsElement) node.open = true;
        else node?.click(); // a help button
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
/** The number of tabs whose requests are stored. */
const MAX_TABS = 16;
/** Keys of the session storage: the tab's name, and whether its page was left. */
const [TAB, LEFT] = ['pixels-tab', 'pixels-left'];

/** @type {Fn.queryTable} */
function queryTable(mode, query) {
    return new Promise((done, failed) => {
        const opening = indexedDB.open(DATABASE, 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
            const database = opening.result;
            const transaction = database.transaction(TABLE, mode);
            const result = query(transaction.objectStore(TABLE));
            transaction.oncomplete = () => done(result.result);
            transaction.onerror = transaction.onabort = () => failed(transaction.error);
            database.close(); // after the transaction
        };
    });
}

/** The session storage, if the browser allows it. @type {Fn.tabStorage} */
function tabStorage() {
    try {
        return sessionStorage;
    } catch {
        return null;
    }
}

/**
 * Stores the request of each browser tab under `name`. A reloaded tab restores its own, a duplicate that of the original, any other
 * tab the newest. A duplicate is recognized by its copy of the session storage, which does not say that the page was left.
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
    addEventListener('pageshow', stay, {signal}); // a page may be restored as it was
    signal.addEventListener('abort', leave);
    return {
        // Where the browser stores nothing (a private window, a full disk), the panel works without.
        load: () => queryTable('readonly', table => (before ? table.get([before, name]) : table.openCursor(null, 'prev')))
            .then(found => found?.value ?? found ?? '').catch(() => ''),
        save: text => queryTable('readwrite', table => {
            table.put(text, [tab, name]);
            const keys = table.getAllKeys(); // the oldest tabs first
            keys.onsuccess = () => keys.result.slice(0, -MAX_TABS).forEach(key => String(key) === String([tab, name]) || table.delete(key));
            return keys;
        }).catch(() => {}),
    };
}
