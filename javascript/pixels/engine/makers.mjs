/** Edit maps that need no Python: a picture, a linear and a radial gradient (`pixels_ext/maps`). */

/** @import {EditMap, Given, Grey, Linear, Pixels, Radial} from '../types.d.ts' */

const {resizedMap} = await import('./greys.mjs' + new URL(import.meta.url).search);

/** @type {(value: number) => number} */
const clip = value => Math.min(1, Math.max(0, value));

const MAKERS = {
    /** @type {(map: Linear, width: number, height: number) => Grey} */
    linear({start_x, start_y, end_x, end_y}, width, height) {
        const [across, down] = [(end_x - start_x) * width, (end_y - start_y) * height];
        const length = across ** 2 + down ** 2;
        return filled(width, height, (x, y) => clip(((x - start_x * width) * across + (y - start_y * height) * down) / length));
    },
    /** @type {(map: Radial, width: number, height: number) => Grey} */
    radial({center_x, center_y, inner, outer}, width, height) {
        const shorter = Math.min(width, height);
        return filled(width, height, (x, y) =>
            clip((Math.hypot(x - center_x * width, y - center_y * height) / shorter - inner) / (outer - inner)));
    },
};

/**
 * Whether the browser can make this map itself.
 * @type {(map: EditMap) => map is string | Linear | Radial | Given}
 */
export const canMake = map => typeof map === 'string' || ['picture', 'made', 'linear', 'radial'].includes(map.source);

/**
 * The map, before shaping, at the size of `scene`: `{width, height, picture, whiteEdits}`, of which `picture(text)` gives
 * the RGBA picture that a text of the request stands for, and `whiteEdits` tells whether the user's pictures follow the
 * inpainting convention. A map that Python has made comes as a picture, `{source: 'made', image}`, which nothing turns.
 * @type {(map: EditMap, scene: {width: number, height: number, picture: (text: string) => Pixels, whiteEdits: boolean}) => Grey}
 */
export function made(map, {width, height, picture, whiteEdits}) {
    if (!canMake(map)) throw new Error(`A map from ${map.source} is made by Python.`);
    const whole = typeof map === 'string' ? {source: /** @type {const} */ ('picture'), image: map} : map;
    if (whole.source === 'linear') return MAKERS.linear(whole, width, height);
    if (whole.source === 'radial') return MAKERS.radial(whole, width, height);
    return resizedMap(given(picture(whole.image), whole.channel === 'alpha', whiteEdits && whole.source !== 'made'), width, height);
}

/**
 * Greys by Pillow's luminance, what is transparent keeping the source; or only how opaque the picture is.
 * @type {(drawn: Pixels, alphaOnly: boolean, whiteEdits: boolean) => Grey}
 */
function given({width, height, data}, alphaOnly, whiteEdits) {
    const result = new Float32Array(width * height);
    for (let i = 0, k = 0; i < result.length; i++, k += 4) {
        const grey = ((data[k] * 19595 + data[k + 1] * 38470 + data[k + 2] * 7471 + 0x8000) >> 16) / 255;
        const edits = alphaOnly ? 1 : whiteEdits ? grey : 1 - grey;
        result[i] = 1 - data[k + 3] / 255 * edits;
    }
    return {width, height, data: result};
}

/** @type {(width: number, height: number, value: (x: number, y: number) => number) => Grey} */
function filled(width, height, value) {
    const data = new Float32Array(width * height);
    for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) data[i] = value(x + 0.5, y + 0.5);
    return {width, height, data};
}
