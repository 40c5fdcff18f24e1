/** The request as JSON: to see, to copy (also as a call of the host's API), to paste. */

const {alertLine, button, element, uniqueId, errorText, disclosure} = await import('./dom.mjs' + new URL(import.meta.url).search);

/** Longer texts of a request are images, which nobody reads. */
const MAX_SHOWN = 100;

/**
 * The fold with the JSON. `request()` gives the request as it is sent, `replace(text)` takes a pasted one or raises an Error
 * for the user, `calls` are programs that send it to the host's API. `refresh()` of the result has to be called after changes.
 * @type {Fn.jsonView}
 */
export function jsonView(request, replace, calls) {
    const view = element('pre', {class: 'pixels-json', tabindex: 0, role: 'region', 'aria-label': 'The request as JSON'});
    const size = element('span', {class: 'pixels-badge'});
    const said = element('span', {class: 'pixels-message', role: 'status'});
    const problem = alertLine();
    const box = element('textarea', {rows: 5, id: uniqueId(), spellcheck: 'false'});
    const pasting = element(
        'div', {class: 'pixels-paste'},
        element('label', {for: box.id}, 'A request as JSON. It replaces what the panel holds.'), box, problem.node,
        element('div', {class: 'pixels-row'}, button('Use it', use), button('Cancel', () => open(false))),
    );
    const paste = disclosure('Paste …', undefined, pasting);
    /** @type {Fn.copyButton} */
    const copyButton = (face, what, text) => button(face, async () => {
        said.textContent = await copyText(text(), node) ? `${what} was copied.` : 'The browser does not allow copying.';
    });
    const copies = [
        copyButton('Copy', 'The request', () => JSON.stringify(request())),
        ...calls.map(({face, what, program}) => copyButton(face, what, () => fillProgram(program, request()))),
    ];
    const node = element(
        'details', {class: 'pixels-fold pixels-as-json', on: {toggle: refresh}},
        element('summary', {}, 'Request as JSON', size),
        element('div', {class: 'pixels-row'}, ...copies, paste.button, said), pasting, view,
    );

    function refresh() {
        const {length} = JSON.stringify(request());
        size.textContent = length < 1e4 ? '' : `${(length / 1e6).toFixed(2)} MB`;
        if (node.open) view.textContent = JSON.stringify(request(), abbreviate, 2);
    }

    /** @param {boolean} yes */
    function open(yes) {
        paste.set(yes);
        problem.say('');
        (yes ? box : paste.button).focus();
    }

    function use() {
        try {
            replace(box.value);
        } catch (error) {
            problem.say(errorText(error));
            return;
        }
        box.value = '';
        open(false);
        said.textContent = 'The request was replaced.';
    }

    return {node, refresh};
}

/** @type {Fn.abbreviate} */
function abbreviate(name, value) {
    if (typeof value !== 'string' || value.length <= MAX_SHOWN) return value;
    return `${value.slice(0, 40)}… (${Math.round(value.length * 0.75 / 1000)} kB)`;
}

/** A program with the request in it. `'` is escaped, so the JSON can be one literal of Python or a shell. @type {Fn.fillProgram} */
const fillProgram = (program, request) => program.replace(
    /%ORIGIN%|%REQUEST%/g, name => (name === '%ORIGIN%' ? location.origin : JSON.stringify(request).replaceAll("'", '\\u0027')),
);

/**
 * Copy, also on pages without HTTPS (a WebUI in the local network), where the clipboard's own interface is missing.
 * @type {Fn.copyText}
 */
async function copyText(text, near) {
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
