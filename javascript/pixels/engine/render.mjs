/** An edit in pixels: `pixels_ext/edit/prepare.py` and `pixels_ext/imaging/compositing.py` for the browser. */

const {placeImage} = await import('./placement.mjs' + new URL(import.meta.url).search);
const {combinedMap, releaseTime} = await import('./maps.mjs' + new URL(import.meta.url).search);
const {clamp} = await import('./math.mjs' + new URL(import.meta.url).search);

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
    /** Whose pixel is shown: the source's (0), or an exemplar's by its number. */
    const owner = new Uint8Array(release.length);
    const parts = request.exemplars.map((exemplar, index) => {
        const placed = placeImage(image(exemplar.image), [width, height], exemplar.placement);
        const [{data}, {data: limited}, raw] = combinedMap(
            exemplar, {width, height, image, whiteIsExemplar: request.white_means === 'exemplar'});
        const time = releaseTime(exemplar.threshold ?? request.threshold);
        const start = Math.fround(exemplar.lay_up_to);
        /** The source's release time. @type {(value: number) => number} */
        const sourceTime = value => time(clamp((value - start) / (1 - start), 0, 1), steps);
        for (let i = 0; i < data.length; i++) {
            const uncovered = (1 - placed[i * 4 + 3] / 255 - COVERED_TOLERANCE) / (1 - COVERED_TOLERANCE);
            data[i] = Math.max(data[i], Math.min(1, uncovered));
            limited[i] = Math.max(limited[i], data[i]);
            if (data[i] < lightness[i]) lightness[i] = data[i];
            if (sourceTime(data[i]) > 0) continue;
            owner[i] = index + 1;
            compositePixel(pixels, source.data, placed, i * 4);
        }
        return {exemplar, placed, raw, data, limited, time, start, sourceTime};
    });
    // As `release_map` in `pixels_ext/core/release.py`.
    parts.forEach(({exemplar: {hold, seam_width}, data, limited, time, start, sourceTime}, index) => {
        const inside = insideShare(owner, index + 1, width, seam_width / 100 * Math.min(width, height));
        for (let i = 0; i < data.length; i++) {
            const value = data[i];
            if (sourceTime(value) > 0) {
                release[i] = Math.min(release[i], sourceTime(limited[i]));
                continue;
            }
            const share = start ? Math.min(inside[i], (start - value) / start) : inside[i];
            release[i] = 1 - (1 - time((limited[i] - value) / (1 - value), steps)) * (1 - hold * time(share, steps));
        }
    });
    const [maps, layers] = [parts.map(({raw}) => raw), parts.map(({placed}) => placed)];
    return {width, height, source: source.data.slice(), pixels, release, lightness, maps, layers};
}

/**
 * How far inside of exemplar `own` each pixel is: from 0 at the seam to 1 from `reach` pixels on.
 * @type {Fn.insideShare}
 */
function insideShare(owner, own, width, reach) {
    const along = new Float32Array(owner.length); // the distance within the row
    for (const step of [1, -1]) {
        let far = 0;
        for (let k = 0; k < owner.length; k++) {
            const i = step > 0 ? k : owner.length - 1 - k;
            if (k % width === 0) far = Infinity;
            far = owner[i] === own ? far + 1 : 0;
            along[i] = step > 0 ? far : Math.min(along[i], far);
        }
    }
    return along.map((across, i) => {
        if (!across || !reach) return Math.min(1, across);
        let nearest = Math.min(across, reach + 0.5) ** 2;
        for (let k = 1; k * k < nearest; k++) {
            const row = Math.min(along[i - k * width] ?? Infinity, along[i + k * width] ?? Infinity);
            nearest = Math.min(nearest, k * k + row * row);
        }
        return (Math.sqrt(nearest) - 0.5) / reach;
    });
}

/** Composite one pixel of an exemplar over the source. @type {Fn.compositePixel} */
function compositePixel(pixels, source, placed, at) {
    const alpha = placed[at + 3] / 255;
    for (let c = 0; c < 3; c++) pixels[at + c] = placed[at + c] * alpha + source[at + c] * (1 - alpha);
    pixels[at + 3] = 255;
}
