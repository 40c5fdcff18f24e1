/** Painting on a map: strokes change its pixels, which become a PNG in the request. */

const {clamp} = await import('../engine/math.mjs' + new URL(import.meta.url).search);
const {encodeGrayPng} = await import('../images.mjs' + new URL(import.meta.url).search);
const {ceil, floor, hypot, max, min} = Math;

/**
 * A stroke on `map` that moves its pixels towards `gray`; crossing itself does not add up. The returned function continues the
 * stroke to a point and returns the rectangle that changed.
 * @type {Fn.strokeOn}
 */
export function stroke(map, gray, {size, hardness, opacity}) {
    const before = map.data.slice();
    const covered = new Float32Array(map.data.length);
    /** @type {{x: number, y: number, pressure: number} | null} */
    let last = null;

    return point => {
        const from = last ?? point;
        last = point;
        const radius = size / 2 + 1;
        const left = max(0, floor(min(from.x, point.x) - radius));
        const top = max(0, floor(min(from.y, point.y) - radius));
        const right = min(map.width, ceil(max(from.x, point.x) + radius));
        const bottom = min(map.height, ceil(max(from.y, point.y) + radius));
        const [dx, dy] = [point.x - from.x, point.y - from.y];
        const length = dx * dx + dy * dy || 1;
        for (let y = top; y < bottom; y++) {
            for (let x = left; x < right; x++) {
                const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
                const t = clamp((px * dx + py * dy) / length, 0, 1);
                const half = max(0.5, size / 2 * (from.pressure + t * (point.pressure - from.pressure)));
                const part = (half + 0.5 - hypot(px - t * dx, py - t * dy)) / max(1, half * (1 - hardness));
                if (part <= 0) continue;
                const i = y * map.width + x;
                const cover = part >= 1 ? 1 : part * part * (3 - 2 * part);
                if (cover <= covered[i]) continue;
                covered[i] = cover;
                map.data[i] = before[i] + (gray - before[i]) * cover * opacity + 0.5;
            }
        }
        return {left, top, width: max(0, right - left), height: max(0, bottom - top)};
    };
}

/** @type {Painter} */
export function painter({item, edit, raw, size, whiteIsExemplar, changed}) {
    /**
     * The map after the last stroke: the next one may begin before it is rendered.
     * @type {WeakMap<Exemplar, {map: Painting, text: string}>}
     */
    const strokes = new WeakMap();
    let stroking = false;

    /** @type {(now: Exemplar) => Painting | null} */
    function lastOf(now) {
        const last = strokes.get(now);
        return last?.text === now.edit_map && last ? {...last.map, data: last.map.data.slice()} : null;
    }

    /** @type {Fn.renderedOf} */
    function renderedOf(now, {width, height}) {
        const map = raw();
        if (map === null || !map && now.edit_map != null) return null;
        const data = new Uint8ClampedArray(width * height);
        if (map) for (let i = 0; i < data.length; i++) data[i] = map.data[i] * 255;
        else data.fill(now.shaping?.invert ? 0 : 255);
        return {width, height, data};
    }

    /** @param {Painting} map */
    function end(map) {
        stroking = false;
        const now = item();
        if (!now) return;
        const text = encodeGrayPng(whiteIsExemplar() ? {...map, data: map.data.map(value => 255 - value)} : map);
        strokes.set(now, {map, text});
        now.edit_map = text;
        changed();
    }

    return {
        begin() {
            const now = item();
            const shown = edit();
            const map = now && shown ? lastOf(now) ?? renderedOf(now, shown) : null;
            stroking = map !== null;
            return map;
        },
        end,
        cancel() { stroking = false; },
        fill(gray) {
            const now = item();
            const [width, height] = size() ?? [0, 0];
            if (!now || !width) return;
            end({width, height, data: new Uint8ClampedArray(width * height).fill(now.shaping?.invert ? 255 - gray : gray)});
        },
        stroking: () => stroking,
    };
}
