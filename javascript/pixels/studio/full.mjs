/** The studio in the whole window: it is a dialogue then, and Tab stays in it. */

const {button} = await import('../dom.mjs' + new URL(import.meta.url).search);

/** Everything that Tab stops at, if it is seen. */
const STOPS = 'button:enabled, input:enabled, select:enabled, [tabindex="0"]';

/**
 * The button for it; `changed()` is called when the room has changed.
 * @param {HTMLElement} node
 * @param {() => void} changed
 */
export function fullWindow(node, changed) {
    const face = button('Full window', null, () => set(!is()), {'aria-pressed': 'false', title: 'Fill the window (W)'});
    const is = () => node.classList.contains('pixels-full');

    /** @type {(yes: boolean) => void} */
    function set(yes) {
        node.classList.toggle('pixels-full', yes);
        for (const [name, value] of [['role', 'dialog'], ['aria-modal', 'true']]) {
            if (yes) node.setAttribute(name, value);
            else node.removeAttribute(name);
        }
        face.setAttribute('aria-pressed', String(yes));
        changed();
    }

    /** @type {(event: KeyboardEvent) => void} */
    function around(event) {
        if (event.key !== 'Tab' || !is()) return;
        const stops = [...node.querySelectorAll(STOPS)].filter(each => each.getClientRects().length);
        const [first, last] = event.shiftKey ? [stops.at(-1), stops[0]] : [stops[0], stops.at(-1)];
        if (event.target !== last) return;
        event.preventDefault();
        /** @type {HTMLElement | undefined} */ (first)?.focus();
    }

    node.addEventListener('keydown', around);
    return {face, is, set};
}
