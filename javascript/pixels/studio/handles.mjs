/** Where the handles of an exemplar and of a gradient lie, in canvas pixels, and what dragging them means. */

/** @import {EditMap, Linear, Pair, Placement, Radial} from '../types.d.ts' */

const {both} = await import('../engine/pair.mjs' + new URL(import.meta.url).search);
const {placedSize} = await import('../engine/place.mjs' + new URL(import.meta.url).search);

/** @type {Pair[]} */
const CORNERS = [[-1, -1], [1, -1], [1, 1], [-1, 1]];
const {abs, atan2, cos, hypot, max, min, PI, sin} = Math;

/**
 * The corners of a placed exemplar in order, its centre, and the point by which it is turned.
 * @type {(own: Pair, size: Pair, placement: Placement, stem: number) => {centre: Pair, corners: Pair[], turn: Pair}}
 */
export function frame(own, size, placement, stem) {
    const [w, h] = both(placedSize(own, size, placement), side => side / 2);
    const angle = placement.rotation * PI / 180;
    /** @type {Pair} */
    const centre = [placement.x * size[0], placement.y * size[1]];
    /** @type {(x: number, y: number) => Pair} */
    const at = (x, y) => [centre[0] + x * cos(angle) - y * sin(angle), centre[1] + x * sin(angle) + y * cos(angle)];
    return {centre, corners: CORNERS.map(([x, y]) => at(x * w, y * h)), turn: at(0, -h - stem)};
}

/**
 * Points of a gradient by the fields that they stand for, as [x, y] in canvas pixels.
 * @type {(map: EditMap | undefined, size: Pair) => Record<string, Pair>}
 */
export function gradientPoints(map, size) {
    const shorter = min(...size);
    if (typeof map !== 'object') return {};
    if (map.source === 'linear') {
        return {start: [map.start_x * size[0], map.start_y * size[1]], end: [map.end_x * size[0], map.end_y * size[1]]};
    }
    if (map.source === 'radial') {
        /** @type {Pair} */
        const centre = [map.center_x * size[0], map.center_y * size[1]];
        return {center: centre, inner: [centre[0] + map.inner * shorter, centre[1]], outer: [centre[0] + map.outer * shorter, centre[1]]};
    }
    return {};
}

/**
 * The fields of a gradient after one of its points was dragged to `point`.
 * @type {(map: Linear | Radial, name: string, point: Pair, size: Pair) => Partial<Linear> | Partial<Radial>}
 */
export function gradientDragged(map, name, point, size) {
    if (map.source === 'radial' && name !== 'center') {
        const radius = hypot(point[0] - map.center_x * size[0], point[1] - map.center_y * size[1]) / min(...size);
        return name === 'inner' ? {inner: bounded(radius, 0, map.outer - 0.01)} : {outer: bounded(radius, map.inner + 0.01, 3)};
    }
    const fields = {[`${name}_x`]: bounded(point[0] / size[0], -2, 3), [`${name}_y`]: bounded(point[1] / size[1], -2, 3)};
    const next = {...map, ...fields};
    const together = next.source === 'linear' && next.start_x === next.end_x && next.start_y === next.end_y;
    return together ? {} : fields; // a gradient needs two points
}

/**
 * A placement moved by `by`, its edges and centre caught by the canvas's within `catching` pixels (0: not at all).
 * @type {(own: Pair, size: Pair, placement: Placement, by: Pair, catching: number) => Pick<Placement, 'x' | 'y'>}
 */
export function moved(own, size, placement, by, catching) {
    /** @type {Pair} */
    const to = [placement.x * size[0] + by[0], placement.y * size[1] + by[1]];
    const {centre, corners} = frame(own, size, placement, 0);
    const caught = both(to, (place, i) => {
        const reach = max(...corners.map(corner => abs(corner[i] - centre[i])));
        const off = [size[i] / 2 - place, reach - place, size[i] - reach - place].reduce((a, b) => (abs(b) < abs(a) ? b : a));
        return abs(off) <= catching ? place + off : place;
    });
    return centredAt(caught, size);
}

/**
 * The placement whose centre is at a point in canvas pixels.
 * @type {(point: Pair, size: Pair) => Pick<Placement, 'x' | 'y'>}
 */
export const centredAt = (point, size) => ({x: bounded(point[0] / size[0], -2, 3), y: bounded(point[1] / size[1], -2, 3)});

/**
 * A placement scaled so that what was at `from` lies as far from the centre as `to`.
 * @type {(size: Pair, placement: Placement, from: Pair, to: Pair) => Pick<Placement, 'scale'>}
 */
export function scaled(size, placement, from, to) {
    const centre = [placement.x * size[0], placement.y * size[1]];
    /** @type {(point: Pair) => number} */
    const away = point => max(1, hypot(point[0] - centre[0], point[1] - centre[1]));
    return sized(placement, away(to) / away(from));
}

/**
 * A placement `factor` times as large.
 * @type {(placement: Placement, factor: number) => Pick<Placement, 'scale'>}
 */
export const sized = ({scale}, factor) => ({scale: bounded(scale * factor, 0.01, 20)});

/**
 * A placement turned so that what was at `from` lies in the direction of `to`; caught by quarters, or by 15 degrees.
 * @type {(size: Pair, placement: Placement, from: Pair, to: Pair, byFifteen: boolean, free: boolean) => Pick<Placement, 'rotation'>}
 */
export function turned(size, placement, from, to, byFifteen, free) {
    const centre = [placement.x * size[0], placement.y * size[1]];
    /** @type {(point: Pair) => number} */
    const direction = point => atan2(point[1] - centre[1], point[0] - centre[0]) * 180 / PI;
    const rotation = placement.rotation + direction(to) - direction(from);
    const step = byFifteen ? 15 : 90;
    const nearest = Math.round(rotation / step) * step;
    return {rotation: normal(byFifteen || (!free && abs(rotation - nearest) < 2) ? nearest : rotation)};
}

/**
 * An angle from -180 to 180, to a tenth of a degree.
 * @type {(angle: number) => number}
 */
export const normal = angle => Math.round((((angle + 180) % 360 + 360) % 360 - 180) * 10) / 10;

/** @type {(value: number, least: number, most: number) => number} */
const bounded = (value, least, most) => Number(min(most, max(least, value)).toFixed(3));
