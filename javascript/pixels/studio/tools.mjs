/** What a drag on the canvas does: move, scale, turn, a gradient's points, the brush. Points are in canvas pixels. */

const {both, bounded} = await import('../engine/numbers.mjs' + new URL(import.meta.url).search);
const {placedSize} = await import('../engine/place.mjs' + new URL(import.meta.url).search);
const {stroke} = await import('./painting.mjs' + new URL(import.meta.url).search);

/** In screen pixels: how near a handle is taken, a snap catches; the turning handle's stem, and its distance from the edge. */
const [NEAR, CATCH, STEM, MARGIN] = [12, 7, 26, 8];
/** Greys up to here count as black when a stroke is shown before it is rendered (the default black point). */
const BLACK = 5;

/** @type {Does.tools} */
export function tools({view, scene, tool, brush, assign, preview, done, painting, painted, discarded}) {
    const {eye} = view;
    const near = (/** @type {Pair | undefined} */ handle, /** @type {Pair} */ point) => handle && distance(eye.toScreen(handle), point) <= NEAR;
    let ghosted = false;
    /** Where the last stroke ended, in canvas pixels. @type {Pair | null} */
    let lastPoint = null;
    /** Where the brush is that keys move. @type {Pair | null} */
    let cursor = null;

    /** @type {Does.grips} */
    function grips(now) {
        const points = gradientPoints(now.map, now.size);
        if (!now.own) return {points};
        const stem = STEM / eye.zoom();
        const outside = frame(now.own, now.size, now.placement, stem);
        const seen = eye.toScreen(outside.turn).every((place, i) => place >= MARGIN && place <= view.screen()[i] - MARGIN);
        // Where the picture fills the canvas, its handle would be beyond the edge.
        const outline = seen ? outside : frame(now.own, now.size, now.placement, -stem);
        const image = ghosted || !now.map ? now.image : null;
        return {...outline, points, ghost: image && {image, corners: outline.corners, flip: now.placement.flip}};
    }

    /** Two fingers, or one hand. @type {Does.lookCloser} */
    function lookCloser(centre) {
        let last = {factor: 1, at: centre};
        return {
            to(factor, angle, shift) {
                const at = both(centre, (place, i) => place + shift[i]);
                eye.shifted(at[0] - last.at[0], at[1] - last.at[1]);
                eye.zoomed(factor / last.factor, at);
                last = {factor, at};
                view.draw();
            },
        };
    }

    /** @type {Does.take} */
    function take(now, point) {
        const {map, own, size, placement: before} = now;
        const shown = grips(now);
        const start = eye.toCanvas(point);
        const taken = Object.keys(shown.points).find(name => near(shown.points[name], point));
        if (taken) {
            const gradient = /** @type {Linear | Radial} */ (map);
            return changing('map', gradient, to => gradientDragged(gradient, taken, to, size));
        }
        if (!own) return null;
        return changing('placement', before, (to, {altKey, shiftKey}) => {
            if (near(shown.turn, point)) return turned(size, before, start, to, shiftKey, altKey);
            if (shown.corners?.some(corner => near(corner, point))) return scaled(size, before, start, to);
            return moved(own, size, before, both(to, (value, i) => value - start[i]), altKey ? 0 : CATCH / eye.zoom());
        });
    }

    /** A drag that changes fields of the request, which are put back if it is broken off. @type {Does.changing} */
    function changing(part, now, fields) {
        const before = {...now};
        let any = false;
        const end = () => {
            ghosted = false;
            if (any) done();
            view.draw();
        };
        return {
            to(point, event) {
                any = true;
                ghosted = part === 'placement';
                assign(part, fields(eye.toCanvas(point), event));
                preview();
            },
            end,
            cancel() {
                assign(part, before);
                end();
            },
        };
    }

    /** @type {Does.paint} */
    function paint(now, point, event) {
        const {size, softness, strength} = brush();
        const map = painting();
        if (!map) return null;
        const factor = map.width / now.size[0];
        const grey = (tool() === 'source') !== now.inverted ? 255 : 0;
        const line = stroke(map, grey, {size: size * factor, softness, strength});
        /** @type {(at: Pair, from: typeof event) => void} */
        const put = (at, from) => {
            const [x, y] = eye.toCanvas(at);
            const pressure = from.pointerType === 'pen' ? Math.max(0.05, from.pressure ?? 0) : 1;
            live(now, map, line({x: x * factor, y: y * factor, pressure}));
            lastPoint = cursor = [x, y];
        };
        // With Shift, a straight line from where the last stroke ended.
        if (event.shiftKey && lastPoint) put(eye.toScreen(lastPoint), event);
        put(point, event);
        return {
            to(next, from) {
                if (from.shiftKey) return;
                put(next, from);
                view.setBrush({at: next, size});
            },
            end: () => painted(map),
            cancel: discarded, // a second finger came: nobody wanted to paint
        };
    }

    /**
     * The part of the picture under the brush at once; what shaping does to it is seen when it is rendered.
     * @type {Does.live}
     */
    function live({look, layer, inverted}, map, part) {
        if (look?.width !== map.width || look.height !== map.height) return;
        for (let y = part.top; y < part.top + part.height; y++) {
            for (let x = part.left; x < part.left + part.width; x++) {
                const at = y * map.width + x;
                const grey = inverted ? 255 - map.data[at] : map.data[at];
                const from = layer && grey <= BLACK && layer[at * 4 + 3] > 229 ? layer : look.source;
                for (let c = 0; c < 3; c++) look.pixels[at * 4 + c] = from[at * 4 + c];
                look.lightness[at] = look.release[at] = grey / 255;
            }
        }
        view.showPart(look, part);
    }

    /** @type {Tools['step']} */
    function step(by) {
        const now = scene();
        if (!now) return null;
        const from = cursor ?? both(now.size, side => side / 2);
        cursor = both(from, (place, i) => bounded(place + by[i], 0, now.size[i]));
        view.setBrush({at: eye.toScreen(cursor), size: brush().size});
        return both(cursor, Math.round);
    }

    return {
        step,
        dab(line) {
            const now = scene();
            step([0, 0]);
            const dabbed = now && cursor && paint(now, eye.toScreen(cursor), {shiftKey: line});
            dabbed?.end?.();
            return Boolean(dabbed);
        },
        handles() {
            const now = scene();
            return now && tool() === 'move' ? grips(now) : null;
        },
        begin(point, event) {
            const now = scene();
            if (event.button === 1 || event.shiftKey && tool() === 'move' && event.ctrlKey) {
                const by = lookCloser(point);
                return {to: next => by.to(1, 0, both(next, (place, i) => place - point[i]))};
            }
            if (!now || event.button !== 0) return null;
            return tool() === 'move' ? take(now, point) : paint(now, point, event);
        },
        pinch(centre) {
            const now = scene();
            if (tool() !== 'move') return lookCloser(centre);
            if (!now?.own) return null;
            const {placement: before, own, size} = now;
            ghosted = true;
            return {
                to(factor, angle, shift) {
                    const spun = {...before, ...sized(before, factor), rotation: normal(before.rotation + angle)};
                    assign('placement', {...spun, ...moved(own, size, spun, both(shift, value => value / eye.zoom()))});
                    preview();
                },
                end() {
                    ghosted = false;
                    done();
                },
            };
        },
    };
}

const {abs, atan2, cos, hypot, max, min, PI, sin} = Math;

/** The point at fractions of the canvas. @type {Does.pointAt} */
const pointAt = (x, y, size) => [x * size[0], y * size[1]];

/** As the request has it: in bounds, to three places. @type {Does.tidy} */
const tidy = (value, least, most) => Number(bounded(value, least, most).toFixed(3));

/** The corners of a placed exemplar in order, its centre, and the point by which it is turned. @type {Does.frame} */
function frame(own, size, placement, stem) {
    const [w, h] = both(placedSize(own, size, placement), side => side / 2);
    const angle = placement.rotation * PI / 180;
    const centre = pointAt(placement.x, placement.y, size);
    /** @type {(x: number, y: number) => Pair} */
    const at = (x, y) => [centre[0] + x * cos(angle) - y * sin(angle), centre[1] + x * sin(angle) + y * cos(angle)];
    return {centre, corners: [at(-w, -h), at(w, -h), at(w, h), at(-w, h)], turn: at(0, -h - stem)};
}

/** Points of a gradient by the fields that they stand for. @type {Does.gradientPoints} */
function gradientPoints(map, size) {
    if (typeof map !== 'object') return {};
    if (map.type === 'linear') return {start: pointAt(map.start_x, map.start_y, size), end: pointAt(map.end_x, map.end_y, size)};
    if (map.type !== 'radial') return {};
    const center = pointAt(map.center_x, map.center_y, size);
    /** @type {(radius: number) => Pair} */
    const right = radius => [center[0] + radius * min(...size), center[1]];
    return {center, inner: right(map.inner), outer: right(map.outer)};
}

/** The fields of a gradient after one of its points was dragged to `point`. @type {Does.gradientDragged} */
function gradientDragged(map, name, point, size) {
    if (map.type === 'radial' && name !== 'center') {
        const radius = distance(point, pointAt(map.center_x, map.center_y, size)) / min(...size);
        return name === 'inner' ? {inner: tidy(radius, 0, map.outer - 0.01)} : {outer: tidy(radius, map.inner + 0.01, 3)};
    }
    const {x, y} = centredAt(point, size);
    const fields = {[`${name}_x`]: x, [`${name}_y`]: y};
    const next = {...map, ...fields};
    const together = next.type === 'linear' && next.start_x === next.end_x && next.start_y === next.end_y;
    return together ? {} : fields; // a gradient needs two points
}

/** A placement moved by `by`, its edges and centre caught by the canvas's within `catching` pixels (0: not at all). @type {Does.moved} */
function moved(own, size, placement, by, catching = 0) {
    const {centre, corners} = frame(own, size, placement, 0);
    return centredAt(both(centre, (from, i) => {
        const place = from + by[i];
        const reach = max(...corners.map(corner => abs(corner[i] - from)));
        const off = [size[i] / 2 - place, reach - place, size[i] - reach - place].reduce((a, b) => (abs(b) < abs(a) ? b : a));
        return abs(off) <= catching ? place + off : place;
    }), size);
}

/** @type {Does.centredAt} */
export const centredAt = (point, size) => ({x: tidy(point[0] / size[0], -2, 3), y: tidy(point[1] / size[1], -2, 3)});

/** A placement scaled so that what was at `from` lies as far from the centre as `to`. @type {Does.scaled} */
function scaled(size, placement, from, to) {
    const centre = pointAt(placement.x, placement.y, size);
    return sized(placement, max(1, distance(to, centre)) / max(1, distance(from, centre)));
}

/** @type {Does.sized} */
export const sized = ({scale}, factor) => ({scale: tidy(scale * factor, 0.01, 20)});

/**
 * A placement turned so that what was at `from` lies in the direction of `to`; caught by quarters, or by 15 degrees.
 * @type {Does.turned}
 */
function turned(size, placement, from, to, byFifteen, free) {
    const centre = pointAt(placement.x, placement.y, size);
    const direction = (/** @type {Pair} */ point) => atan2(point[1] - centre[1], point[0] - centre[0]) * 180 / PI;
    const rotation = placement.rotation + direction(to) - direction(from);
    const step = byFifteen ? 15 : 90;
    const nearest = Math.round(rotation / step) * step;
    return {rotation: normal(byFifteen || (!free && abs(rotation - nearest) < 2) ? nearest : rotation)};
}

/** An angle from -180 to 180, to a tenth of a degree. @type {Does.normal} */
export const normal = angle => Math.round((((angle + 180) % 360 + 360) % 360 - 180) * 10) / 10;

/** @type {Does.distance} */
const distance = (a, b) => hypot(a[0] - b[0], a[1] - b[1]);
