/** The link between the panel's state and the text box by which gradio carries the request to Python, and back. */

const WRITE_AFTER = 150;
const LOOK_EVERY = 400;

/**
 * Keep the text box that `find()` returns (null while the host does not show it) and the panel equal.
 *
 * `text()` is the panel's state; `changed()` of the result has to be called when it changes, and writes it a moment
 * later, at once when the user turns to another part of the page, since that may be the Generate button. A text that
 * comes from elsewhere (pasted parameters) is handed to `load(text)`; there is no event for it, so we look regularly.
 * Both end when `signal` is aborted.
 * @param {{find: () => HTMLTextAreaElement | null, text: () => string, load: (text: string) => void, wrote: (text: string) => void, signal: AbortSignal}} panel
 */
export function linkTextbox({find, text, load, wrote, signal}) {
    let known = '';
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;

    function changed() {
        clearTimeout(timer);
        timer = setTimeout(flush, WRITE_AFTER);
    }

    function flush() {
        const box = timer === undefined ? null : find();
        if (!box) return; // what could not be written now is written when the box is back
        clearTimeout(timer);
        timer = undefined;
        known = text();
        if (box.value !== known) {
            box.value = known;
            box.dispatchEvent(new Event('input', {bubbles: true}));
        }
        wrote(known);
    }

    function look() {
        if (timer !== undefined) {
            flush();
            return;
        }
        const box = find();
        if (box && box.value !== known) {
            known = box.value;
            load(known);
        }
    }

    // `pointerdown` and Enter come before the click that starts a generation, so gradio has taken the text in by then;
    // `click` is for hosts and scripts that press the button by themselves.
    for (const event of ['pointerdown', 'click', 'focusout']) document.addEventListener(event, flush, {capture: true, signal});
    document.addEventListener('keydown', event => { if (event.key === 'Enter') flush(); }, {capture: true, signal});
    const looking = setInterval(look, LOOK_EVERY);
    signal.addEventListener('abort', () => {
        clearInterval(looking);
        clearTimeout(timer);
    });
    look();
    return {changed};
}
