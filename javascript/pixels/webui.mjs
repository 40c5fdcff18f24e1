/** The host's page: its img2img tab, our buttons there, and the text boxes by which the panel and Python hand texts to each other. */

const {alertLine, button, element, poll, errorText, sleep, setValue} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {mapPair} = await import('./engine/math.mjs' + new URL(import.meta.url).search);
const {fetchImage, loadImage, loadPng, naturalSize} = await import('./images.mjs' + new URL(import.meta.url).search);

/** Where the hosts keep the source, by tab; of these one is seen. */
const SOURCE_ELEMENTS = '#img2img_image, #img2img_sketch, #img2maskimg, #inpaint_sketch, #img_inpaint_base';

/** The place of the source in the tab that is open, if it has one (Batch has none). @type {Fn.sourceElement} */
const sourceElement = app => [...app.querySelectorAll(SOURCE_ELEMENTS)].find(each => each.getClientRects().length);

/** The address of the image in the tab that is open, or null. @type {(app: App) => string | null} */
export function sourceUrl(app) {
    const images = sourceElement(app)?.querySelectorAll('img') ?? [];
    return [...images].find(each => each.naturalWidth > 1)?.src ?? null;
}

/** Put an image into the tab that is open, as if the user had chosen its file. @type {(app: App, file: Blob) => Promise<void>} */
async function setSource(app, file) {
    const place = sourceElement(app);
    if (!place) throw new Error('The tab that is open takes no image.');
    if (!place.querySelector('input[type=file]')) {
        // gradio shows its file input only while there is no image.
        const clear = place.querySelector('.modify-upload button:last-child, button[aria-label="Clear"], button[aria-label="Remove Image"]');
        /** @type {HTMLElement | null} */ (clear)?.click();
        await sleep(200);
    }
    const input = /** @type {HTMLInputElement | null} */ (place.querySelector('input[type=file]'));
    if (!input) throw new Error('The source could not be replaced; clear it first.');
    const carrier = new DataTransfer();
    carrier.items.add(new File([file], 'result.png', {type: file.type || 'image/png'}));
    input.files = carrier.files;
    input.dispatchEvent(new Event('change', {bubbles: true}));
}

/** The address of the image that is opened in the gallery, or of its first. @type {(app: App) => string | undefined} */
function resultUrl(app) {
    const images = /** @type {HTMLImageElement[]} */ ([...app.querySelectorAll('#img2img_gallery img')]);
    const opened = images.find(each => each.closest('.preview') && !each.closest('.thumbnails'));
    return (opened ?? images[0])?.src;
}

/** @type {Fn.numberInput} */
const numberInput = (app, name) => app.querySelector(`#img2img_${name} input[type=number]`);

/** A number of the tab ("steps"), or undefined where it does not say. @type {Fn.readNumber} */
function readNumber(app, name) {
    const value = numberInput(app, name)?.valueAsNumber;
    return Number.isFinite(value) ? value : undefined;
}

/** How many denoising steps the sampler will make with the tab's number of steps and strength. @type {(app: App) => number} */
export function stepCount(app) {
    const steps = readNumber(app, 'steps') ?? 20;
    const strength = Math.min(0.999, readNumber(app, 'denoising_strength') ?? 0.75);
    return Math.max(1, Math.min(steps, Math.floor(strength * steps) + 1));
}

/**
 * The size at which the host will make the edit of a source of size `own`; of its tabs “Resize to” and “Resize by” the chosen one
 * counts, and both keep their numbers. Undefined where the tab does not say.
 * @type {Fn.outputSize}
 */
export function outputSize(app, own) {
    const by = app.querySelector('#img2img_tab_resize_by');
    const scale = by && getComputedStyle(by).display !== 'none' ? readNumber(app, 'scale') : undefined;
    if (scale) {
        const step = app.querySelector('.forge-container') ? 8 : 1; // the Forge family rounds down, AUTOMATIC1111 does not
        return mapPair(own, side => Math.floor(Math.trunc(side * scale) / step) * step);
    }
    const [width, height] = [readNumber(app, 'width'), readNumber(app, 'height')];
    return width && height ? [width, height] : undefined;
}

const POLL_INTERVAL = 400;

/**
 * Buttons in `app`, shown while `panel` is, until `signal` is aborted. `exemplar(file)` takes a result as an exemplar.
 * @type {Fn.resultButtons}
 */
export function resultButtons(app, panel, exemplar, signal) {
    const trouble = alertLine();
    const node = element(
        'div', {class: 'pixels-results'},
        button('Result → source', () => use(file => setSource(app, file)), 'Edit this result next'),
        button('Result → exemplar', () => use(exemplar), 'Add this result as an exemplar'), trouble.node,
    );

    /** @param {(file: Blob) => Promise<void>} does */
    async function use(does) {
        trouble.say('');
        try {
            const address = resultUrl(app);
            if (!address) throw new Error('There is no result yet.');
            await does(await fetchImage(address));
        } catch (error) {
            trouble.say(errorText(error));
        }
    }

    function look() {
        const below = app.querySelector('#image_buttons_img2img') ?? app.querySelector('#img2img_gallery');
        if (below && node.previousElementSibling !== below) below.after(node);
        node.hidden = panel.getClientRects().length === 0;
    }

    signal.addEventListener('abort', () => node.remove());
    poll(POLL_INTERVAL, look, signal);
}

const MAX_SIDE = 1024;

/**
 * A button, what it found, and a button that takes it over. `forget()` has to be called when the edit has changed.
 * @type {Fn.strengthSuggestion}
 */
export function strengthSuggestion(app, ask, request) {
    const said = element('span', {class: 'pixels-note', role: 'status'});
    const suggest = button('Suggest strength', find, 'Measure how far the exemplars are from the source');
    const use = button('', take, 'Set the tab’s denoising strength', {hidden: true});
    let found = 0;

    async function find() {
        suggest.disabled = true;
        use.hidden = true;
        said.textContent = 'Measuring …';
        try {
            const asked = await question();
            const answer = await ask(asked);
            if (JSON.stringify(await question()) !== JSON.stringify(asked)) throw new Error('The edit has changed meanwhile; measure again.');
            if (answer.strength === undefined) throw new Error(answer.problem);
            found = answer.strength;
            said.textContent = `A hint: ${answer.reason}.`;
            use.textContent = `Use ${found}`;
            use.hidden = false;
        } catch (error) {
            said.textContent = errorText(error);
        } finally {
            suggest.disabled = false;
        }
    }

    async function question() {
        const address = sourceUrl(app);
        if (!address) throw new Error('Put an image into the img2img tab first: it is the source.');
        const [width, height] = outputSize(app, naturalSize(await loadImage(address))) ?? [];
        // What is undefined is not sent.
        return {ask: 'strength', request: request(), source: await loadPng(address, MAX_SIDE), width, height, steps: readNumber(app, 'steps')};
    }

    function take() {
        const box = numberInput(app, 'denoising_strength');
        if (box) setValue(box, String(found));
        else said.textContent = `The tab has no denoising strength to set; it would be ${found}.`;
    }

    function forget() {
        if (suggest.disabled) return; // it is being measured, and compared then
        use.hidden = true;
        said.textContent = '';
    }

    return {node: element('div', {class: 'pixels-suggestion'}, suggest, use, said), forget};
}

const WRITE_DELAY = 150;
const ANSWER_TIMEOUT = 600_000; // a model may have to be fetched first

/**
 * Keep the text box that `find()` returns (null while the host does not show it) and the panel equal.
 *
 * `text()` is the panel's state; `changed()` has to be called when it changes, and writes it a moment later, at once when the
 * user turns to another part of the page, since that may be the Generate button. A text that comes from elsewhere (pasted
 * parameters) is handed to `load(text)`; there is no event for it, so we look regularly.
 * @type {SyncTextbox}
 */
export function syncTextbox({find, text, load, wrote, signal}) {
    let known = '';
    let timer = 0;

    function changed() {
        clearTimeout(timer);
        timer = setTimeout(flush, WRITE_DELAY);
    }

    function flush() {
        const box = timer ? find() : null;
        if (!box) return; // what could not be written now is written when the box is back
        clearTimeout(timer);
        timer = 0;
        known = text();
        if (box.value !== known) setValue(box, known);
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
    poll(POLL_INTERVAL, look, signal);
    return {changed};
}

/**
 * `ask(question)` promises Python's answer, one question at a time. `find(name)` is the element of "question", "answer" and
 * "ask". Raises an Error when there is no answer.
 * @type {Fn.pythonQueries}
 */
export function pythonQueries(find) {
    /** @type {Promise<unknown>} */
    let last = Promise.resolve();
    let count = Date.now(); // another tab's or an older page's answers must not be taken for ours

    /** @type {Ask} */
    async function one(question) {
        const id = count += 1;
        const [box, press] = [find('question'), find('ask')];
        if (!box || !press) throw new Error('This page has no way to ask the WebUI.');
        setValue(box, JSON.stringify({...question, id}));
        await sleep(WRITE_DELAY); // gradio takes a text in a moment later
        press.click();
        for (const end = performance.now() + ANSWER_TIMEOUT; performance.now() < end; await sleep(WRITE_DELAY)) {
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
