/** What the img2img tab holds: the picture to be edited, its size, and the steps. */

/** @import {App} from '../types.d.ts' */

/** Where the hosts keep the source, by tab; of these one is seen. */
const PLACES = ['img2img_image', 'img2img_sketch', 'img2maskimg', 'inpaint_sketch', 'img_inpaint_base'];

/**
 * The element of the tab that is open, or null (the Batch tab has none).
 * @type {(app: App) => HTMLElement | null}
 */
export const sourcePlace = app => {
    const places = PLACES.map(id => /** @type {HTMLElement | null} */ (app.querySelector(`#${id}`)));
    return places.find(each => each?.getClientRects().length) ?? null;
};

/**
 * The address of the picture in the tab that is open, or null.
 * @type {(app: App) => string | null}
 */
export function sourceAddress(app) {
    const images = sourcePlace(app)?.querySelectorAll('img') ?? [];
    return [...images].find(each => each.naturalWidth > 1)?.src ?? null;
}

/** @type {(app: App, id: string) => number | null} */
const numberIn = (app, id) => {
    const input = /** @type {HTMLInputElement | null} */ (app.querySelector(`#${id} input[type=number]`));
    return input && Number.isFinite(input.valueAsNumber) ? input.valueAsNumber : null;
};

/**
 * How many denoising steps the sampler will make with the tab's number of steps and strength.
 * @type {(app: App) => number}
 */
export function stepsIn(app) {
    const steps = wholeStepsIn(app) ?? 20;
    const strength = Math.min(0.999, numberIn(app, 'img2img_denoising_strength') ?? 0.75);
    return Math.max(1, Math.min(steps, Math.floor(strength * steps) + 1));
}

/**
 * The tab's number of steps, of the whole schedule, or null where it does not say.
 * @type {(app: App) => number | null}
 */
export const wholeStepsIn = app => numberIn(app, 'img2img_steps');

/**
 * The width at which the edit is made, or null where the tab does not say.
 * @type {(app: App) => number | null}
 */
export const widthIn = app => numberIn(app, 'img2img_width');

/**
 * The height at which the edit is made, or null where the tab does not say.
 * @type {(app: App) => number | null}
 */
export const heightIn = app => numberIn(app, 'img2img_height');
