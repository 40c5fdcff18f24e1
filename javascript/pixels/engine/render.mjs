/** What an edit means in pixels: `pixels_ext/preparing.py` and `compositing.py` for the browser. */

/** @import {Grey, Look, Pixels, WholeExemplar, WholeRequest} from '../types.d.ts' */

const {place} = await import('./place.mjs' + new URL(import.meta.url).search);
const {COMBINATIONS, each, shaped} = await import('./greys.mjs' + new URL(import.meta.url).search);
const {made} = await import('./makers.mjs' + new URL(import.meta.url).search);
const {releaseTime} = await import('./release.mjs' + new URL(import.meta.url).search);

/** Transparency that still counts as covered. */
const SLIGHT = 0.1;

/**
 * The source and the surgical picture (RGBA bytes), every exemplar as it is placed and its map before it is shaped, and
 * all maps as one (values, and release times), for `request`, in which every field has its value.
 *
 * `source` RGBA `{width, height, data}`; `picture(text)` the RGBA picture that a text of the request stands for.
 * @type {(request: WholeRequest, source: Pixels, picture: (text: string) => Pixels, steps: number) => Look}
 */
export function rendered(request, source, picture, steps) {
    const {width, height} = source;
    const pixels = Uint8ClampedArray.from(source.data);
    const release = new Float32Array(width * height).fill(1);
    const lightness = new Float32Array(width * height).fill(1);
    const maps = [];
    const layers = [];
    for (const exemplar of request.exemplars) {
        const placed = place(picture(exemplar.image), [width, height], exemplar.placement);
        const [map, raw] = combinedMap(exemplar, {width, height, picture, whiteEdits: request.white_means === 'edit'});
        maps.push(raw);
        layers.push(placed);
        const lifted = map.data.map((value, i) => Math.max(value, Math.min(1, Math.max(0, (1 - placed[i * 4 + 3] / 255 - SLIGHT) / (1 - SLIGHT)))));
        const times = releaseTime(lifted, exemplar.threshold ?? request.threshold, steps);
        for (let i = 0; i < times.length; i++) {
            if (times[i] < release[i]) release[i] = times[i];
            if (lifted[i] < lightness[i]) lightness[i] = lifted[i];
            if (times[i] <= 0) over(pixels, source.data, placed, i * 4);
        }
    }
    return {width, height, source: Uint8ClampedArray.from(source.data), pixels, release, lightness, maps, layers};
}

/** @type {(exemplar: WholeExemplar, scene: {width: number, height: number, picture: (text: string) => Pixels, whiteEdits: boolean}) => [Grey, Grey]} */
function combinedMap(exemplar, scene) {
    const raw = made(exemplar.edit_map, scene);
    const first = shaped(raw, exemplar.shaping);
    if (exemplar.second_map == null) return [first, raw];
    const second = shaped(made(exemplar.second_map, scene), exemplar.second_shaping);
    const combine = COMBINATIONS[exemplar.combine];
    return [each(first, (value, i) => combine(value, second.data[i])), raw];
}

/**
 * One pixel of an exemplar over the source.
 * @type {(pixels: Uint8ClampedArray, source: Uint8ClampedArray, placed: Uint8ClampedArray, at: number) => void}
 */
function over(pixels, source, placed, at) {
    const alpha = placed[at + 3] / 255;
    for (let c = 0; c < 3; c++) pixels[at + c] = placed[at + c] * alpha + source[at + c] * (1 - alpha);
    pixels[at + 3] = 255;
}
