/** The request as JSON: to view, to copy (also as an API call), to paste. */

const {alertLine, button, element, uniqueId, errorText, disclosure} = await import('./dom.mjs' + new URL(import.meta.url).search);

/** Longer strings in a request are images. */
const MAX_SHOWN = 100;

/**
 * `request()` is the request as it is sent, `replace(text)` takes a pasted one or throws an Error for the user, `calls` are programs
 * that send it to the WebUI's API. Call `refresh()` after changes.
 * @type {Fn.jsonView}
 */
export function jsonView(request, replace, calls) {
    const view = element('pre', {class: 'pixels-json', tabindex: 0, role: 'region', 'aria-label': 'The request as JSON'});
    const size = element('span', {class: 'pixels-badge'});
    const status = element('span', {class: 'pixels-message', role: 'status'});
    const error = alertLine();
    const box = element('textarea', {rows: 5, id: uniqueId(), spellcheck: 'false'});
    const pasteArea = element(
        'div', {class: 'pixels-paste'},
        element('label', {for: box.id}, 'A request as JSON. It replaces the one in the panel.'), box, error.node,
        element('div', {class: 'pixels-row'}, button('Use it', use), button('Cancel', () => open(false))),
    );
    const paste = disclosure('Paste …', undefined, pasteArea);
    /** @type {Fn.copyButton} */
    const copyButton = (label, what, text) => button(label, async () => {
        status.textContent = await copyText(text(), node) ? `${what} was copied.` : 'The browser does not allow copying.';
    });
    const copies = [
        copyButton('Copy', 'The request', () => JSON.stringify(request())),
        ...calls.map(({face, what, program}) => copyButton(face, what, () => fillProgram(program, request()))),
    ];
    const node = element(
        'details', {class: 'pixels-fold pixels-as-json', on: {toggle: refresh}},
        element('summary', {}, 'Request as JSON', size),
        element('div', {class: 'pixels-row'}, ...copies, paste.button, status), pasteArea, view,
    );

    function refresh() {
        const {length} = JSON.stringify(request());
        size.textContent = length < 1e4 ? '' : `${(length / 1e6).toFixed(2)} MB`;
        if (node.open) view.textContent = JSON.stringify(request(), abbreviate, 2);
    }

    /** @param {boolean} yes */
    function open(yes) {
        paste.set(yes);
        error.show('');
        (yes ? box : paste.button).focus();
    }

    function use() {
        try {
            replace(box.value);
        } catch (problem) {
            error.show(errorText(problem));
            return;
        }
        box.value = '';
        open(false);
        status.textContent = 'The request was replaced.';
    }

    return {node, refresh};
}

/** @type {Fn.abbreviate} */
function abbreviate(name, value) {
    if (typeof value !== 'string' || value.length <= MAX_SHOWN) return value;
    return `${value.slice(0, 40)}… (${Math.round(value.length * 0.75 / 1000)} kB)`;
}

/** A program with the request. `'` is escaped, so the JSON can be a literal of Python or a shell. @type {Fn.fillProgram} */
const fillProgram = (program, request) => program.replace(
    /%ORIGIN%|%REQUEST%/g, name => (name === '%ORIGIN%' ? location.origin : JSON.stringify(request).replaceAll("'", '\\u0027')),
);

/**
 * Copy, also on pages without HTTPS (a WebUI in the local network), where `navigator.clipboard` is missing.
 * @type {Fn.copyText}
 */
async function copyText(text, parent) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        const box = element('textarea', {value: text, class: 'pixels-clipboard', 'aria-hidden': 'true'});
        const focused = /** @type {HTMLElement | null} */ (document.activeElement);
        parent.append(box);
        box.select();
        const done = document.execCommand('copy');
        box.remove();
        focused?.focus();
        return done;
    }
}
