/** Under the result gallery: a result becomes the next source or an exemplar, as iterative editing wants it. */

/** @import {App} from './types.d.ts' */

const {button, element, inWords} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {fetched} = await import('./transfer.mjs' + new URL(import.meta.url).search);
const {sourcePlace} = await import('./studio/source.mjs' + new URL(import.meta.url).search);

const LOOK_EVERY = 500;

/**
 * Buttons in `app`, shown while `panel` is, until `signal` is aborted. `exemplar(file)` takes a result as an exemplar.
 * @type {(app: App, panel: HTMLElement, does: {exemplar: (file: Blob) => Promise<void>, signal: AbortSignal}) => void}
 */
export function resultButtons(app, panel, {exemplar, signal}) {
    const trouble = element('span', {class: 'pixels-problem', role: 'alert'});
    const node = element(
        'div', {class: 'pixels-results'},
        button('Result → source', null, () => use(file => putSource(app, file)), {title: 'Edit this result next'}),
        button('Result → exemplar', null, () => use(exemplar), {title: 'Add this result as an exemplar'}), trouble,
    );

    /** @type {(does: (file: Blob) => Promise<void>) => Promise<void>} */
    async function use(does) {
        trouble.textContent = '';
        try {
            const address = shownResult(app);
            if (!address) throw new Error('There is no result yet.');
            await does(await fetched(address));
        } catch (error) {
            trouble.textContent = inWords(error);
        }
    }

    function look() {
        const below = app.querySelector('#image_buttons_img2img') ?? app.querySelector('#img2img_gallery');
        if (below && node.previousElementSibling !== below) below.after(node);
        node.hidden = panel.getClientRects().length === 0;
    }

    const looking = setInterval(look, LOOK_EVERY);
    signal.addEventListener('abort', () => {
        clearInterval(looking);
        node.remove();
    });
    look();
}

/**
 * The picture that is opened in the gallery, or its first.
 * @type {(app: App) => string | null}
 */
function shownResult(app) {
    const pictures = [...(app.querySelector('#img2img_gallery')?.querySelectorAll('img') ?? [])];
    const opened = pictures.find(each => each.closest('.preview') && !each.closest('.thumbnails'));
    return (opened ?? pictures[0])?.src ?? null;
}

/**
 * Put a picture into the tab that is open, as if the user had chosen its file.
 * @type {(app: App, file: Blob) => Promise<void>}
 */
async function putSource(app, file) {
    const place = sourcePlace(app);
    if (!place) throw new Error('The tab that is open takes no picture.');
    if (!place.querySelector('input[type=file]')) {
        // gradio shows its file input only while there is no picture.
        const clear = place.querySelector('.modify-upload button:last-child, button[aria-label="Clear"], button[aria-label="Remove Image"]');
        /** @type {HTMLElement | null} */ (clear)?.click();
        await new Promise(done => { setTimeout(done, 200); });
    }
    const input = /** @type {HTMLInputElement | null} */ (place.querySelector('input[type=file]'));
    if (!input) throw new Error('The source could not be replaced; clear it first.');
    const carrier = new DataTransfer();
    carrier.items.add(new File([file], 'result.png', {type: file.type || 'image/png'}));
    input.files = carrier.files;
    input.dispatchEvent(new Event('change', {bubbles: true}));
}
