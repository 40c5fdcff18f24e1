/** An edit in pixels: `pixels_ext/edit/prepare.py` and `pixels_ext/imaging/compositing.py` for the browser. */

const {placeImage} = await import('./placement.mjs' + new URL(import.meta.url).search);
const {combinedMap, releaseTime} = await import('./maps.mjs' + new URL(import.meta.url).search);

/** Transparency up to this still counts as covered. */
const COVERED_TOLERANCE = 0.1;

/**
 * Render `request`, in which every field is set, on `source`. `image(text)` decodes an image of the request.
 * @type {Fn.renderEdit}
 */
export function renderEdit(request, source, image, steps) {
    const {width, height} = source;
    const pixels = source.data.slice();
    const release = new Float32Array(width * height).fill(1);
    const lightness = release.slice();
    const maps = [];
    const layers = [];
    for (const exemplar of request.exemplars) {
        const placed = placeImage(image(exemplar.image), [width, height], exemplar.placement);
        const [map, raw] = combinedMap(exemplar, {width, height, image, whiteIsExemplar: request.white_means === 'exemplar'});
        maps.push(raw);
        layers.push(placed);
        const time = releaseTime(exemplar.threshold ?? request.threshold);
        for (let i = 0; i < release.length; i++) {
            const uncovered = (1 - placed[i * 4 + 3] / 255 - COVERED_TOLERANCE) / (1 - COVERED_TOLERANCE);
            const value = Math.fround(Math.max(map.data[i], Math.min(1, uncovered)));
            const released = time(value, steps);
            if (released < release[i]) release[i] = released;
            if (value < lightness[i]) lightness[i] = value;
            if (released <= 0) compositePixel(pixels, source.data, placed, i * 4);
        }
    }
    return {width, height, source: source.data.slice(), pixels, release, lightness, maps, layers};
}

/** Composite one pixel of an exemplar over the source. @type {Fn.compositePixel} */
function compositePixel(pixels, source, placed, at) {
    const alpha = placed[at + 3] / 255;
    for (let c = 0; c < 3; c++) pixels[at + c] = placed[at + c] * alpha + source[at + c] * (1 - alpha);
    pixels[at + 3] = 255;
}
