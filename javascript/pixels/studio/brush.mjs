/** A soft brush in grey: how a stroke changes a map of bytes, segment by segment. */

/**
 * @import {Painting, Rectangle} from '../types.d.ts'
 * @typedef {{x: number, y: number, pressure: number}} Point
 */

/**
 * A stroke on `map` `{width, height, data}` (bytes, changed in place), towards `grey`.
 *
 * `size` is the brush's diameter in pixels, `softness` the part of its radius over which it fades, `strength` how far it
 * goes towards `grey` at most: a stroke that crosses itself goes no further. `to({x, y, pressure})` draws on from the
 * last point and returns the changed rectangle.
 * @type {(map: Painting, grey: number, brush: {size: number, softness: number, strength: number}) => {to: (point: Point) => Rectangle}}
 */
export function stroke(map, grey, {size, softness, strength}) {
    const before = map.data.slice();
    const covered = new Float32Array(map.data.length);
    /** @type {Point | null} */
    let last = null;

    /** @type {(point: Point) => Rectangle} */
    function to(point) {
        const from = last ?? point;
        last = point;
        const reach = size / 2 + 1;
        const left = Math.max(0, Math.floor(Math.min(from.x, point.x) - reach));
        const top = Math.max(0, Math.floor(Math.min(from.y, point.y) - reach));
        const right = Math.min(map.width, Math.ceil(Math.max(from.x, point.x) + reach));
        const bottom = Math.min(map.height, Math.ceil(Math.max(from.y, point.y) + reach));
        const [dx, dy] = [point.x - from.x, point.y - from.y];
        const length = dx * dx + dy * dy || 1;
        for (let y = top; y < bottom; y++) {
            for (let x = left; x < right; x++) {
                const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
                const t = Math.min(1, Math.max(0, (px * dx + py * dy) / length));
                const radius = Math.max(0.5, size / 2 * (from.pressure + t * (point.pressure - from.pressure)));
                const fade = Math.max(1, radius * softness);
                const part = (radius + 0.5 - Math.hypot(px - t * dx, py - t * dy)) / fade;
                if (part <= 0) continue;
                const i = y * map.width + x;
                const cover = part >= 1 ? 1 : part * part * (3 - 2 * part);
                if (cover <= covered[i]) continue;
                covered[i] = cover;
                map.data[i] = before[i] + (grey - before[i]) * cover * strength + 0.5;
            }
        }
        return {left, top, width: Math.max(0, right - left), height: Math.max(0, bottom - top)};
    }

    return {to};
}
