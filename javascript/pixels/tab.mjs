/** The img2img tab: what it holds, and our buttons for its source, its strength and its results. */

const {alertLine, button, element, every, inWords, pause, write} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {fetched, pngOf} = await import('./pictures.mjs' + new URL(import.meta.url).search);

/** Where the hosts keep the source, by tab; of these one is seen. */
const PLACES = ['img2img_image', 'img2img_sketch', 'img2maskimg', 'inpaint_sketch', 'img_inpaint_base'];

/** The place of the source in the tab that is open, if it has one (Batch has none). @type {(app: App) => HTMLElement | undefined} */
function sourcePlace(app) {
    const places = PLACES.flatMap(id => [...app.querySelectorAll(`#${id}`)]);
    return /** @type {HTMLElement[]} */ (places).find(each => each.getClientRects().length);
}

/** The address of the picture in the tab that is open, or null. @type {(app: App) => string | null} */
export function sourceAddress(app) {
    const images = sourcePlace(app)?.querySelectorAll('img') ?? [];
    return [...images].find(each => each.naturalWidth > 1)?.src ?? null;
}

/** Put a picture into the tab that is open, as if the user had chosen its file. @type {(app: App, file: Blob) => Promise<void>} */
async function putSource(app, file) {
    const place = sourcePlace(app);
    if (!place) throw new Error('The tab that is open takes no picture.');
    if (!place.querySelector('input[type=file]')) {
        // gradio shows its file input only while there is no picture.
        const clear = place.querySelector('.modify-upload button:last-child, button[aria-label="Clear"], button[aria-label="Remove Image"]');
        /** @type {HTMLElement | null} */ (clear)?.click();
        await pause(200);
    }
    const input = /** @type {HTMLInputElement | null} */ (place.querySelector('input[type=file]'));
    if (!input) throw new Error('The source could not be replaced; clear it first.');
    const carrier = new DataTransfer();
    carrier.items.add(new File([file], 'result.png', {type: file.type || 'image/png'}));
    input.files = carrier.files;
    input.dispatchEvent(new Event('change', {bubbles: true}));
}

/** The address of the picture that is opened in the gallery, or of its first. @type {(app: App) => string | undefined} */
function resultAddress(app) {
    const pictures = /** @type {HTMLImageElement[]} */ ([...app.querySelectorAll('#img2img_gallery img')]);
    const opened = pictures.find(each => each.closest('.preview') && !each.closest('.thumbnails'));
    return (opened ?? pictures[0])?.src;
}

/** @type {(app: App, name: string) => HTMLInputElement | null} */
const boxOf = (app, name) => app.querySelector(`#img2img_${name} input[type=number]`);

/**
 * One of the tab's numbers ("width", "height", "steps"), or undefined where the tab does not say.
 * @type {(app: App, name: string) => number | undefined}
 */
export function numberIn(app, name) {
    const value = boxOf(app, name)?.valueAsNumber;
    return Number.isFinite(value) ? value : undefined;
}

/** How many denoising steps the sampler will make with the tab's number of steps and strength. @type {(app: App) => number} */
export function stepsIn(app) {
    const steps = numberIn(app, 'steps') ?? 20;
    const strength = Math.min(0.999, numberIn(app, 'denoising_strength') ?? 0.75);
    return Math.max(1, Math.min(steps, Math.floor(strength * steps) + 1));
}

const LOOK_EVERY = 500;

/**
 * Buttons in `app`, shown while `panel` is, until `signal` is aborted. `exemplar(file)` takes a result as an exemplar.
 * @type {Does.resultButtons}
 */
export function resultButtons(app, panel, exemplar, signal) {
    const trouble = alertLine();
    const node = element(
        'div', {class: 'pixels-results'},
        button('Result → source', () => use(file => putSource(app, file)), 'Edit this result next'),
        button('Result → exemplar', () => use(exemplar), 'Add this result as an exemplar'), trouble.node,
    );

    /** @param {(file: Blob) => Promise<void>} does */
    async function use(does) {
        trouble.say('');
        try {
            const address = resultAddress(app);
            if (!address) throw new Error('There is no result yet.');
            await does(await fetched(address));
        } catch (error) {
            trouble.say(inWords(error));
        }
    }

    function look() {
        const below = app.querySelector('#image_buttons_img2img') ?? app.querySelector('#img2img_gallery');
        if (below && node.previousElementSibling !== below) below.after(node);
        node.hidden = panel.getClientRects().length === 0;
    }

    signal.addEventListener('abort', () => node.remove());
    every(LOOK_EVERY, look, signal);
}

const LONGEST = 1024;

/** A button, what it found, and a second button that takes it over. @type {(app: App, ask: Ask, request: () => object) => HTMLElement} */
export function strengthHint(app, ask, request) {
    const said = element('span', {class: 'pixels-told', role: 'status'});
    const suggest = button('Suggest strength', find, 'Measure how far the exemplars are from the source');
    const use = button('', take, 'Set the tab’s denoising strength', {hidden: true});
    let found = 0;

    async function find() {
        suggest.disabled = true;
        use.hidden = true;
        said.textContent = 'Measuring …';
        try {
            const answer = await ask(await question());
            if (answer.strength === undefined) throw new Error(answer.problem);
            found = answer.strength;
            said.textContent = `A hint: ${answer.reason}.`;
            use.textContent = `Use ${found}`;
            use.hidden = false;
        } catch (error) {
            said.textContent = inWords(error);
        } finally {
            suggest.disabled = false;
        }
    }

    async function question() {
        const address = sourceAddress(app);
        if (!address) throw new Error('Put a picture into the img2img tab first: it is the source.');
        const [width, height] = [numberIn(app, 'width'), numberIn(app, 'height')];
        const size = width && height ? {width, height} : {};
        // What is undefined is not sent.
        return {ask: 'strength', request: request(), source: await pngOf(address, LONGEST), ...size, steps: numberIn(app, 'steps')};
    }

    function take() {
        const box = boxOf(app, 'denoising_strength');
        if (box) write(box, String(found));
        else said.textContent = `The tab has no denoising strength to set; it would be ${found}.`;
    }

    return element('div', {class: 'pixels-hinted'}, suggest, use, said);
}
