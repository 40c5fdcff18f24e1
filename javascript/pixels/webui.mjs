/** The WebUI's page: its img2img tab, our buttons there, and the text boxes through which the panel and Python exchange text. */

const {alertLine, button, element, poll, errorText, sleep, setValue} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {mapPair} = await import('./engine/math.mjs' + new URL(import.meta.url).search);
const {fetchImage, loadImage, loadPng, naturalSize} = await import('./images.mjs' + new URL(import.meta.url).search);

/** The elements with the source, by tab; one is visible. */
const SOURCE_ELEMENTS = '#img2img_image, #img2img_sketch, #img2maskimg, #inpaint_sketch, #img_inpaint_base';

/** The source's element in the open tab (Batch has none). @type {Fn.sourceElement} */
const sourceElement = app => [...app.querySelectorAll(SOURCE_ELEMENTS)].find(each => each.getClientRects().length);

/** The URL of the open tab's image, or null. @type {(app: App) => string | null} */
export function sourceUrl(app) {
    const images = sourceElement(app)?.querySelectorAll('img') ?? [];
    return [...images].find(each => each.naturalWidth > 1)?.src ?? null;
}

/** Put an image into the open tab, as if the user had chosen its file. @type {(app: App, file: Blob) => Promise<void>} */
async function setSource(app, file) {
    const node = sourceElement(app);
    if (!node) throw new Error('The open tab takes no image.');
    if (!node.querySelector('input[type=file]')) {
        // gradio shows its file input only while there is no image.
        const clear = node.querySelector('.modify-upload button:last-child, button[aria-label="Clear"], button[aria-label="Remove Image"]');
        /** @type {HTMLElement | null} */ (clear)?.click();
        await sleep(200);
    }
    const input = /** @type {HTMLInputElement | null} */ (node.querySelector('input[type=file]'));
    if (!input) throw new Error('The source could not be replaced; clear it first.');
    const transfer = new DataTransfer();
    transfer.items.add(new File([file], 'result.png', {type: file.type || 'image/png'}));
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', {bubbles: true}));
}

/** The URL of the image opened in the gallery, or of its first. @type {(app: App) => string | undefined} */
function resultUrl(app) {
    const images = /** @type {HTMLImageElement[]} */ ([...app.querySelectorAll('#img2img_gallery img')]);
    const opened = images.find(each => each.closest('.preview') && !each.closest('.thumbnails'));
    return (opened ?? images[0])?.src;
}

/** @type {Fn.numberInput} */
const numberInput = (app, name) => app.querySelector(`#img2img_${name} input[type=number]`);

/** A number of the tab ("steps"), or undefined. @type {Fn.readNumber} */
function readNumber(app, name) {
    const value = numberInput(app, name)?.valueAsNumber;
    return Number.isFinite(value) ? value : undefined;
}

/** How many denoising steps the sampler will run with the tab's steps and strength. @type {(app: App) => number} */
export function stepCount(app) {
    const steps = readNumber(app, 'steps') ?? 20;
    const strength = Math.min(0.999, readNumber(app, 'denoising_strength') ?? 0.75);
    return Math.max(1, Math.min(steps, Math.floor(strength * steps) + 1));
}

/**
 * The size at which the WebUI will edit a source of size `own`, by the selected one of “Resize to” and “Resize by” (both keep their
 * numbers), or undefined.
 * @type {Fn.outputSize}
 */
export function outputSize(app, own) {
    const by = app.querySelector('#img2img_tab_resize_by');
    const scale = by && getComputedStyle(by).display !== 'none' ? readNumber(app, 'scale') : undefined;
    if (scale) {
        const step = app.querySelector('.forge-container') ? 8 : 1; // Forge rounds down, AUTOMATIC1111 does not
        return mapPair(own, side => Math.floor(Math.trunc(side * scale) / step) * step);
    }
    const [width, height] = [readNumber(app, 'width'), readNumber(app, 'height')];
    return width && height ? [width, height] : undefined;
}

const POLL_INTERVAL = 400;

/**
 * Buttons for the results, shown while `panel` is visible, until `signal` is aborted. `exemplar(file)` adds a result as an exemplar.
 * @type {Fn.resultButtons}
 */
export function resultButtons(app, panel, exemplar, signal) {
    const error = alertLine();
    const node = element(
        'div', {class: 'pixels-results'},
        button('Result → source', () => use(file => setSource(app, file)), 'Use this result as the next source'),
        button('Result → exemplar', () => use(exemplar), 'Add this result as an exemplar'), error.node,
    );

    /** @param {(file: Blob) => Promise<void>} action */
    async function use(action) {
        error.show('');
        try {
            const url = resultUrl(app);
            if (!url) throw new Error('There is no result yet.');
            await action(await fetchImage(url));
        } catch (problem) {
            error.show(errorText(problem));
        }
    }

    function attach() {
        const below = app.querySelector('#image_buttons_img2img') ?? app.querySelector('#img2img_gallery');
        if (below && node.previousElementSibling !== below) below.after(node);
        node.hidden = panel.getClientRects().length === 0;
    }

    signal.addEventListener('abort', () => node.remove());
    poll(POLL_INTERVAL, attach, signal);
}

const MAX_SIDE = 1024;

/**
 * A button that suggests a denoising strength, and one that sets it. Call `clear()` when the edit has changed.
 * @type {Fn.strengthSuggestion}
 */
export function strengthSuggestion(app, ask, request) {
    const status = element('span', {class: 'pixels-note', role: 'status'});
    const suggest = button('Suggest strength', find, 'Measure how far the exemplars are from the source');
    const use = button('', apply, 'Set the tab’s denoising strength', {hidden: true});
    let strength = 0;

    async function find() {
        suggest.disabled = true;
        use.hidden = true;
        status.textContent = 'Measuring …';
        try {
            const before = await question();
            const answer = await ask(before);
            if (JSON.stringify(await question()) !== JSON.stringify(before)) throw new Error('The edit changed in the meantime; try again.');
            if (answer.strength === undefined) throw new Error(answer.problem);
            strength = answer.strength;
            status.textContent = `Suggestion: ${answer.reason}.`;
            use.textContent = `Use ${strength}`;
            use.hidden = false;
        } catch (error) {
            status.textContent = errorText(error);
        } finally {
            suggest.disabled = false;
        }
    }

    async function question() {
        const url = sourceUrl(app);
        if (!url) throw new Error('Put the source image into the img2img tab first.');
        const [width, height] = outputSize(app, naturalSize(await loadImage(url))) ?? [];
        // JSON leaves out what is undefined.
        return {ask: 'strength', request: request(), source: await loadPng(url, MAX_SIDE), width, height, steps: readNumber(app, 'steps')};
    }

    function apply() {
        const box = numberInput(app, 'denoising_strength');
        if (box) setValue(box, String(strength));
        else status.textContent = `This tab has no denoising strength to set; the suggestion is ${strength}.`;
    }

    function clear() {
        if (suggest.disabled) return; // being measured, and compared then
        use.hidden = true;
        status.textContent = '';
    }

    return {node: element('div', {class: 'pixels-suggestion'}, suggest, use, status), clear};
}

const WRITE_DELAY = 150;
const ANSWER_TIMEOUT = 600_000; // a model may have to be downloaded first

/**
 * Keep the panel in sync with the text box that `find()` returns (null while the WebUI does not show it).
 *
 * `text()` is the panel's state. Call `changed()` when it changes: it is written after a short delay, or at once when the user
 * interacts with another part of the page, which may be the Generate button. Text from elsewhere (pasted parameters) goes to
 * `load(text)`; there is no event for it, so the box is polled.
 * @type {SyncTextbox}
 */
export function syncTextbox({find, text, load, wrote, signal}) {
    let last = '';
    let timer = 0;

    function changed() {
        clearTimeout(timer);
        timer = setTimeout(flush, WRITE_DELAY);
    }

    function flush() {
        const box = timer ? find() : null;
        if (!box) return; // written when the box is back
        clearTimeout(timer);
        timer = 0;
        last = text();
        if (box.value !== last) setValue(box, last);
        wrote(last);
    }

    function check() {
        if (timer) return flush();
        const box = find();
        if (!box || box.value === last) return;
        last = box.value ?? '';
        load(last);
    }

    // `pointerdown` and Enter come before the click that starts a generation, so gradio has the text by then; `click` is for
    // scripts that click the button.
    for (const event of ['pointerdown', 'click', 'focusout']) document.addEventListener(event, flush, {capture: true, signal});
    document.addEventListener('keydown', event => { if (event.key === 'Enter') flush(); }, {capture: true, signal});
    signal.addEventListener('abort', () => clearTimeout(timer));
    poll(POLL_INTERVAL, check, signal);
    return {changed};
}

/**
 * `ask(question)` resolves to Python's answer, one question at a time. `find(name)` is the element of "question", "answer" or "ask".
 * Throws an Error without an answer.
 * @type {Fn.pythonQueries}
 */
export function pythonQueries(find) {
    /** @type {Promise<unknown>} */
    let last = Promise.resolve();
    let count = Date.now(); // unlike those of other tabs and older pages

    /** @type {Ask} */
    async function query(question) {
        const id = count += 1;
        const [box, askButton] = [find('question'), find('ask')];
        if (!box || !askButton) throw new Error('This page cannot query the WebUI.');
        setValue(box, JSON.stringify({...question, id}));
        await sleep(WRITE_DELAY); // gradio notices the text a moment later
        askButton.click();
        for (const end = performance.now() + ANSWER_TIMEOUT; performance.now() < end; await sleep(WRITE_DELAY)) {
            const text = find('answer')?.value;
            const answer = text?.includes(String(id)) ? JSON.parse(text) : null;
            if (answer?.id === id) return answer;
        }
        throw new Error('The WebUI did not answer.');
    }

    return question => {
        const answer = last.then(() => query(question));
        last = answer.catch(() => {});
        return answer;
    };
}
