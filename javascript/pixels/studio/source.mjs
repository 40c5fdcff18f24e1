/** What the img2img tab holds: the picture to be edited, and how many steps it will be given. */

/** Where the hosts keep the source, by tab; of these one is seen. */
const PLACES = ['img2img_image', 'img2img_sketch', 'img2maskimg', 'inpaint_sketch', 'img_inpaint_base'];

/** The element of the tab that is open, or null (the Batch tab has none). */
export const sourcePlace = app => PLACES.map(id => app.querySelector(`#${id}`)).find(each => each?.getClientRects().length) ?? null;

/** The address of the picture in the tab that is open, or null. */
export function sourceAddress(app) {
    const images = sourcePlace(app)?.querySelectorAll('img') ?? [];
    return [...images].find(each => each.naturalWidth > 1)?.src ?? null;
}

const numberIn = (app, id, otherwise) => {
    const value = app.querySelector(`#${id} input[type=number]`)?.valueAsNumber;
    return Number.isFinite(value) ? value : otherwise;
};

/** How many denoising steps the sampler will make with the tab's number of steps and strength. */
export function stepsIn(app) {
    const steps = numberIn(app, 'img2img_steps', 20);
    const strength = Math.min(0.999, numberIn(app, 'img2img_denoising_strength', 0.75));
    return Math.max(1, Math.min(steps, Math.floor(strength * steps) + 1));
}

/** The width and the height at which the edit is made, or null where the tab does not say. */
export const widthIn = app => numberIn(app, 'img2img_width', null);
export const heightIn = app => numberIn(app, 'img2img_height', null);
