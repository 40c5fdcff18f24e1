/** What an edit means in pixels: `pixels_ext/edit/prepare.py` and `compositing.py` for the browser. */

const {place} = await import('./place.mjs' + new URL(import.meta.url).search);
const {combinedMap, releaseTime} = await import('./maps.mjs' + new URL(import.meta.url).search);

/** Transparency that still counts as covered. */
const SLIGHT = 0.1;

/**
 * How `request`, in which every field has its value, looks on `source`. `picture(text)` is the picture that a text of the
 * request stands for.
 * @type {Does.rendered}
 */
export function rendered(request, source, picture, steps) {
    const {width, height} = source;
    const pixels = source.data.slice();
    const release = new Float32Array(width * height).fill(1);
    const lightness = release.slice();
    const maps = [];
    const layers = [];
    for (const exemplar of request.exemplars) {
        const placed = place(picture(exemplar.image), [width, height], exemplar.placement);
        const [map, raw] = combinedMap(exemplar, {width, height, picture, whiteEdits: request.white_means === 'exemplar'});
        maps.push(raw);
        layers.push(placed);
        const time = releaseTime(exemplar.threshold ?? request.threshold);
        for (let i = 0; i < release.length; i++) {
            const bare = (1 - placed[i * 4 + 3] / 255 - SLIGHT) / (1 - SLIGHT);
            const lifted = Math.fround(Math.max(map.data[i], Math.min(1, bare)));
            const released = time(lifted, steps);
            if (released < release[i]) release[i] = released;
            if (lifted < lightness[i]) lightness[i] = lifted;
            if (released <= 0) over(pixels, source.data, placed, i * 4);
        }
    }
    return {width, height, source: source.data.slice(), pixels, release, lightness, maps, layers};
}

/** One pixel of an exemplar over the source. @type {Does.over} */
function over(pixels, source, placed, at) {
    const alpha = placed[at + 3] / 255;
    for (let c = 0; c < 3; c++) pixels[at + c] = placed[at + c] * alpha + source[at + c] * (1 - alpha);
    pixels[at + 3] = 255;
}
