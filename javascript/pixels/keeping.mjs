/** Where the user is in the form: what is open and what has the focus, kept while it is drawn anew. */

/** @typedef {{index: number, sign: string}[]} Path */

const OPEN = 'details[open], [aria-expanded="true"]';

/** What an element must have in common with the one before it to be taken for the same. */
const signOf = (/** @type {Element} */ node) => [node.tagName, node.getAttribute('data-field'), node.getAttribute('data-map')].join(' ');

/**
 * Run `redraw`, which fills `body` anew; what was open in it is open afterwards, and what had the focus has it.
 * @type {(body: HTMLElement, redraw: () => void) => void}
 */
export function keepingPlace(body, redraw) {
    const open = [...body.querySelectorAll(OPEN)].map(node => pathTo(body, node));
    const focused = body.contains(document.activeElement) ? pathTo(body, document.activeElement) : null;
    redraw();
    for (const path of open) unfold(at(body, path));
    const target = focused && at(body, focused);
    if (target instanceof HTMLElement) target.focus({preventScroll: true});
}

/** @type {(body: HTMLElement, node: Element | null) => Path} */
function pathTo(body, node) {
    if (!node || node === body) return [];
    const parent = node.parentElement;
    return [...pathTo(body, parent), {index: parent ? [...parent.children].indexOf(node) : 0, sign: signOf(node)}];
}

/** @type {(body: Element, path: Path) => Element | null} */
function at(body, path) {
    return path.reduce((/** @type {Element | null} */ node, {index, sign}) => {
        const child = node?.children[index];
        return child && signOf(child) === sign ? child : null;
    }, body);
}

/** @type {(node: Element | null) => void} */
function unfold(node) {
    if (node instanceof HTMLDetailsElement) node.open = true;
    else if (node instanceof HTMLElement) node.click(); // a button that shows an explanation
}
