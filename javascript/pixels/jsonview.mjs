/** The request as JSON: to see, to copy (also as a call of the host's API), to paste. */

const {alertLine, button, element, freshId, inWords, opener} = await import('./dom.mjs' + new URL(import.meta.url).search);

/** Longer texts of a request are pictures, which nobody reads. */
const READABLE = 100;

/**
 * The fold with the JSON. `request()` gives the request as it is sent, `replace(text)` takes a pasted one or raises an Error
 * for the user. `refresh()` of the result has to be called after changes.
 * @type {Does.jsonView}
 */
export function jsonView(request, replace) {
    const view = element('pre', {class: 'pixels-json', tabindex: 0, role: 'region', 'aria-label': 'The request as JSON'});
    const size = element('span', {class: 'pixels-badge'});
    const said = element('span', {class: 'pixels-said', role: 'status'});
    const problem = alertLine();
    const box = element('textarea', {rows: 5, id: freshId(), spellcheck: 'false'});
    const pasting = element(
        'div', {class: 'pixels-pasting'},
        element('label', {for: box.id}, 'A request as JSON. It replaces what the panel holds.'), box, problem.node,
        element('div', {class: 'pixels-row'}, button('Use it', use), button('Cancel', () => open(false))),
    );
    const paste = opener('Paste …', undefined, pasting);
    /** @type {[string, string, () => string][]} */
    const ways = [
        ['Copy', 'The request', () => JSON.stringify(request())],
        ['Copy for Python', 'A Python program', () => pythonCall(request())],
        ['Copy for curl', 'A curl command', () => curlCall(request())],
    ];
    const copies = ways.map(([face, what, text]) => button(face, async () => {
        said.textContent = await copied(text(), node) ? `${what} was copied.` : 'The browser does not allow copying.';
    }));
    const node = element(
        'details', {class: 'pixels-fold pixels-as-json', on: {toggle: refresh}},
        element('summary', {}, 'Request as JSON', size),
        element('div', {class: 'pixels-row'}, ...copies, paste.button, said), pasting, view,
    );

    function refresh() {
        const {length} = JSON.stringify(request());
        size.textContent = length < 1e4 ? '' : `${(length / 1e6).toFixed(2)} MB`;
        if (node.open) view.textContent = JSON.stringify(request(), shortened, 2);
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
            problem.say(inWords(error));
            return;
        }
        box.value = '';
        open(false);
        said.textContent = 'The request was replaced.';
    }

    return {node, refresh};
}

/** @type {(name: string, value: unknown) => unknown} */
function shortened(name, value) {
    if (typeof value !== 'string' || value.length <= READABLE) return value;
    return `${value.slice(0, 40)}… (${Math.round(value.length * 0.75 / 1000)} kB)`;
}

/** What programs send to the host's API. @type {(request: object, source: string) => string} */
const payload = (request, source) => JSON.stringify({
    init_images: [source],
    prompt: 'a meadow at sunset',
    denoising_strength: 0.6,
    script_name: 'pixels',
    script_args: [request],
});

/** A Python program. `'` is escaped, so the JSON can be one raw literal whatever texts it holds. @type {(request: object) => string} */
const pythonCall = request => `import base64
import json
from pathlib import Path

import requests

payload = json.loads(r'''${payload(request, 'SOURCE').replaceAll("'", '\\u0027')}''')
payload["init_images"] = [base64.b64encode(Path("source.png").read_bytes()).decode()]

answer = requests.post("${location.origin}/sdapi/v1/img2img", json=payload, timeout=600)
if not answer.ok:
    raise SystemExit(answer.text)
for number, picture in enumerate(answer.json()["images"]):
    Path(f"edit-{number}.png").write_bytes(base64.b64decode(picture))
`;

/**
 * A curl command. The body goes in by standard input: pictures are longer than what a command line may hold.
 * @type {(request: object) => string}
 */
const curlCall = request => `curl -sS ${location.origin}/sdapi/v1/img2img -H "Content-Type: application/json" --data-binary @- <<'REQUEST'
${payload(request, 'BASE64_OF_THE_SOURCE_PICTURE')}
REQUEST
`;

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
