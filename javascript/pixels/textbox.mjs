/** gradio's text boxes, by which the panel and Python hand texts to each other: the request, and questions with answers. */

const {every, pause, write} = await import('./dom.mjs' + new URL(import.meta.url).search);

const WRITE_AFTER = 150;
const LOOK_EVERY = 400;
const ANSWER_WITHIN = 600_000; // a model may have to be fetched first

/**
 * Keep the text box that `find()` returns (null while the host does not show it) and the panel equal.
 *
 * `text()` is the panel's state; `changed()` of the result has to be called when it changes, and writes it a moment
 * later, at once when the user turns to another part of the page, since that may be the Generate button. A text that
 * comes from elsewhere (pasted parameters) is handed to `load(text)`; there is no event for it, so we look regularly.
 * Both end when `signal` is aborted.
 * @type {LinkTextbox}
 */
export function linkTextbox({find, text, load, wrote, signal}) {
    let known = '';
    let timer = 0;

    function changed() {
        clearTimeout(timer);
        timer = setTimeout(flush, WRITE_AFTER);
    }

    function flush() {
        const box = timer ? find() : null;
        if (!box) return; // what could not be written now is written when the box is back
        clearTimeout(timer);
        timer = 0;
        known = text();
        if (box.value !== known) write(box, known);
        wrote(known);
    }

    function look() {
        if (timer) return flush();
        const box = find();
        if (!box || box.value === known) return;
        known = box.value ?? '';
        load(known);
    }

    // `pointerdown` and Enter come before the click that starts a generation, so gradio has taken the text in by then;
    // `click` is for hosts and scripts that press the button by themselves.
    for (const event of ['pointerdown', 'click', 'focusout']) document.addEventListener(event, flush, {capture: true, signal});
    document.addEventListener('keydown', event => { if (event.key === 'Enter') flush(); }, {capture: true, signal});
    signal.addEventListener('abort', () => clearTimeout(timer));
    every(LOOK_EVERY, look, signal);
    return {changed};
}

/**
 * `ask(question)` promises Python's answer, one question at a time. `find(name)` is the element of "question", "answer" and
 * "ask". Raises an Error when there is no answer.
 * @type {(find: (name: string) => Box | null) => Ask}
 */
export function asking(find) {
    /** @type {Promise<unknown>} */
    let last = Promise.resolve();
    let count = Date.now(); // another tab's or an older page's answers must not be taken for ours

    /** @type {Ask} */
    async function one(question) {
        const id = count += 1;
        const [box, press] = [find('question'), find('ask')];
        if (!box || !press) throw new Error('This page has no way to ask the WebUI.');
        write(box, JSON.stringify({...question, id}));
        await pause(WRITE_AFTER); // gradio takes a text in a moment later
        press.click();
        for (const end = performance.now() + ANSWER_WITHIN; performance.now() < end; await pause(WRITE_AFTER)) {
            const text = find('answer')?.value;
            const answer = text?.includes(String(id)) ? JSON.parse(text) : null;
            if (answer?.id === id) return answer;
        }
        throw new Error('The WebUI did not answer.');
    }

    return question => {
        const mine = last.then(() => one(question));
        last = mine.catch(() => {});
        return mine;
    };
}
