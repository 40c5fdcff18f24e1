/** Questions to Python, by two text boxes and a button that nobody sees. */

/** @import {Answer, Ask} from './types.d.ts' */

const LOOK_EVERY = 150;
const LONGEST = 600_000; // a model may have to be fetched first

/**
 * `ask(question)` promises Python's answer, an object; one question at a time. `find(name)` gives the element of "question",
 * "answer" and "ask", or null. Raises an Error when there is no answer.
 * @param {(name: string) => (HTMLElement & {value?: string}) | null} find
 * @returns {Ask}
 */
export function asking(find) {
    /** @type {Promise<Answer | void>} */
    let last = Promise.resolve();
    let count = Date.now(); // another tab's or an older page's answers must not be taken for ours

    /** @type {Ask} */
    function ask(question) {
        const mine = last.then(() => one(question));
        last = mine.catch(() => {});
        return mine;
    }

    /** @type {Ask} */
    async function one(question) {
        count += 1;
        const id = count;
        const [box, button] = [find('question'), find('ask')];
        if (!box || !button) throw new Error('This page has no way to ask the WebUI.');
        box.value = JSON.stringify({...question, id});
        box.dispatchEvent(new Event('input', {bubbles: true}));
        await pause(LOOK_EVERY); // gradio takes a text in a moment later
        button.click();
        for (const end = performance.now() + LONGEST; performance.now() < end; await pause(LOOK_EVERY)) {
            const text = find('answer')?.value;
            const answer = text?.includes(String(id)) ? JSON.parse(text) : null;
            if (answer?.id === id) return answer;
        }
        throw new Error('The WebUI did not answer.');
    }

    return ask;
}

/** @type {(time: number) => Promise<void>} */
const pause = time => new Promise(done => { setTimeout(done, time); });
