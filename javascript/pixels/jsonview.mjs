/** The request as JSON: to see, to copy, to paste. */

const {button, element, freshId} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {curlCall, pythonCall} = await import('./calls.mjs' + new URL(import.meta.url).search);

/** Longer texts of a request are pictures, which nobody reads. */
const READABLE = 100;

/**
 * The fold with the JSON. `request()` gives the request as it is sent, `replace(text)` takes a pasted one and returns a
 * sentence if it cannot, else null. `refresh()` of the result has to be called after changes.
 * @param {{request: () => object, replace: (text: string) => string | null}} panel
 */
export function jsonView({request, replace}) {
    const view = element('pre', {class: 'pixels-json', tabindex: 0, 'aria-label': 'The request as JSON'});
    const size = element('span', {class: 'pixels-badge'});
    const said = element('span', {class: 'pixels-said', role: 'status'});
    const problem = element('p', {class: 'pixels-problem', role: 'alert', hidden: true});
    const box = element('textarea', {rows: 5, id: freshId(), spellcheck: 'false'});
    const paste = button('Paste …', null, () => open(true), {'aria-expanded': 'false'});
    const pasting = element(
        'div', {class: 'pixels-pasting', hidden: true},
        element('label', {for: box.id}, 'A request as JSON. It replaces what the panel holds.'), box, problem,
        element('div', {class: 'pixels-row'}, button('Use it', null, use), button('Cancel', null, () => open(false))),
    );
    /** @type {[string, string, () => string][]} */
    const ways = [
        ['Copy', 'The request', () => JSON.stringify(request())],
        ['Copy for Python', 'A Python program', () => pythonCall(request(), location.origin)],
        ['Copy for curl', 'A curl command', () => curlCall(request(), location.origin)],
    ];
    const copies = ways.map(([face, what, text]) => button(face, null, async () => {
        say(await copied(text(), node) ? `${what} was copied.` : 'The browser does not allow copying.');
    }));
    const node = element(
        'details', {class: 'pixels-fold pixels-as-json', on: {toggle: refresh}},
        element('summary', {}, 'Request as JSON', size),
        element('div', {class: 'pixels-row'}, ...copies, paste, said), pasting, view,
    );

    function refresh() {
        const text = JSON.stringify(request());
        size.textContent = text.length < 1e4 ? '' : `${(text.length / 1e6).toFixed(2)} MB`;
        if (node.open) view.textContent = JSON.stringify(request(), shortened, 2);
    }

    /** @type {(sentence: string) => void} */
    function say(sentence) {
        said.textContent = sentence;
    }

    /** @type {(yes: boolean) => void} */
    function open(yes) {
        pasting.hidden = !yes;
        problem.hidden = true;
        paste.setAttribute('aria-expanded', String(yes));
        (yes ? box : paste).focus();
    }

    function use() {
        const trouble = replace(box.value);
        if (trouble) {
            problem.textContent = trouble;
            problem.hidden = false;
            return;
        }
        box.value = '';
        open(false);
        say('The request was replaced.');
    }

    return {node, refresh};
}

/** @type {(name: string, value: unknown) => unknown} */
function shortened(name, value) {
    if (typeof value !== 'string' || value.length <= READABLE) return value;
    return `${value.slice(0, 40)}… (${Math.round(value.length * 0.75 / 1000)} kB)`;
}

/**
 * Copy, also on pages without HTTPS (a WebUI in the local network), where the clipboard's own interface is missing.
 * @type {(text: string, near: HTMLElement) => Promise<boolean>}
 */
async function copied(text, near) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        const box = element('textarea', {value: text, class: 'pixels-clipboard', 'aria-hidden': 'true'});
        const focused = /** @type {HTMLElement | null} */ (document.activeElement);
        near.append(box);
        box.select();
        const done = document.execCommand('copy');
        box.remove();
        focused?.focus();
        return done;
    }
}
