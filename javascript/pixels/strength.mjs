/** "Suggest strength": Python measures how far the exemplars lie from the source, and says what that needs (Lemma 1). */

/** @import {App, Ask} from './types.d.ts' */

const {button, element} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {pngOf} = await import('./studio/scene.mjs' + new URL(import.meta.url).search);
const {heightIn, sourceAddress, wholeStepsIn, widthIn} = await import('./studio/source.mjs' + new URL(import.meta.url).search);

const LONGEST = 1024;

/**
 * A button, what it found, and a second button that takes it over. `request()` is the request, `ask` as in `asking.mjs`.
 * @param {{app: App, ask: Ask, request: () => object}} given
 */
export function strengthHint({app, ask, request}) {
    const said = element('span', {class: 'pixels-told', role: 'status'});
    const suggest = button('Suggest strength', null, find, {title: 'Measure how far the exemplars are from the source'});
    const use = button('', null, take, {hidden: true, title: 'Set the tab’s denoising strength'});
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
            said.textContent = error instanceof Error ? error.message : String(error);
        } finally {
            suggest.disabled = false;
        }
    }

    async function question() {
        const address = sourceAddress(app);
        if (!address) throw new Error('Put a picture into the img2img tab first: it is the source.');
        const [width, height] = [widthIn(app), heightIn(app)];
        const size = width && height ? {width, height} : {};
        const steps = wholeStepsIn(app);
        return {ask: 'strength', request: request(), source: await pngOf(address, LONGEST), ...size, ...(steps ? {steps} : {})};
    }

    function take() {
        const box = /** @type {HTMLInputElement | null} */ (app.querySelector('#img2img_denoising_strength input[type=number]'));
        if (!box) {
            said.textContent = `The tab has no denoising strength to set; it would be ${found}.`;
            return;
        }
        box.value = String(found);
        box.dispatchEvent(new Event('input', {bubbles: true}));
    }

    return element('div', {class: 'pixels-hinted'}, suggest, use, said);
}
