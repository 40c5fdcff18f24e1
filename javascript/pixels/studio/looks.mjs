/** The ways of looking at an edit, pixel by pixel. */

/** Greys up to here count as black when a stroke is shown before it is rendered (the default black point). */
export const BLACK = 5;

const TINT = [255, 110, 0];
const QUIET = [128, 128, 128];

/** By name: what `at` (a pixel's number) of a `look` shows as [red, green, blue]. */
const SHADES = {
    composite: ({pixels}, at) => [pixels[at * 4], pixels[at * 4 + 1], pixels[at * 4 + 2]],
    map: ({lightness}, at) => Array(3).fill(lightness[at] * 255),
    overlay: ({source, lightness}, at) => mixed(source, at, TINT, 0.7 * (1 - lightness[at])),
};

const mixed = (pixels, at, colour, part) => colour.map((value, c) => pixels[at * 4 + c] * (1 - part) + value * part);

/**
 * A part of `look` as ImageData. `look`: `{width, height, source, pixels, lightness, release}`, all of one size.
 * `progress`: null, or how far the sampler has come, from 0 to 1; what is released by then fades.
 */
export function shaded(look, view, progress, {left, top, width, height}) {
    const shade = SHADES[view];
    const made = new ImageData(width, height);
    for (let y = 0, k = 0; y < height; y++) {
        for (let x = 0; x < width; x++, k += 4) {
            const at = (y + top) * look.width + x + left;
            let colour = shade(look, at);
            if (progress !== null && look.release[at] <= progress) {
                const stripe = (x + left + y + top) % 12 < 6 ? 0.86 : 0.78;
                colour = colour.map((value, c) => value * (1 - stripe) + QUIET[c] * stripe);
            }
            made.data.set(colour, k);
            made.data[k + 3] = 255;
        }
    }
    return made;
}
