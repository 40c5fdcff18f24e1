/** Dragging on the canvas: move, scale, rotate, a gradient's points, the brush. Points are in canvas pixels. */

const {mapPair, clamp} = await import('../engine/math.mjs' + new URL(import.meta.url).search);
const {placedSize} = await import('../engine/placement.mjs' + new URL(import.meta.url).search);
const {stroke} = await import('./painting.mjs' + new URL(import.meta.url).search);

/** In screen pixels: the radius of a handle, the snapping distance, the rotation handle's stem, its margin to the edge. */
const [HANDLE, SNAP, STEM, MARGIN] = [12, 7, 26, 8];
/** Grays up to this count as black while a stroke is not rendered yet (the default black point). */
const BLACK = 5;

/** @type {Fn.tools} */
export function tools({view, scene, tool, brush, assign, preview, done, painting, painted, discarded}) {
    const {camera} = view;
    const near = (/** @type {Pair | undefined} */ handle, /** @type {Pair} */ point) => handle && distance(camera.toScreen(handle), point) <= HANDLE;
    let showGhost = false;
    /** The end of the last stroke, in canvas pixels. @type {Pair | null} */
    let lastPoint = null;
    /** The brush when moved by keys. @type {Pair | null} */
    let cursor = null;

    /** @type {Fn.handlesOf} */
    function handlesOf(now) {
        const points = gradientPoints(now.map, now.size);
        if (!now.own) return {points};
        const stem = STEM / camera.zoom();
        const outside = placedFrame(now.own, now.size, now.placement, stem);
        const visible = camera.toScreen(outside.rotate).every((value, i) => value >= MARGIN && value <= view.screen()[i] - MARGIN);
        // Where the image fills the canvas, its handle would be outside.
        const outline = visible ? outside : placedFrame(now.own, now.size, now.placement, -stem);
        const image = showGhost || !now.map ? now.image : null;
        return {...outline, points, ghost: image && {image, corners: outline.corners, flip: now.placement.flip}};
    }

    /** By two fingers, or by a drag. @type {Fn.panAndZoom} */
    function panAndZoom(center) {
        let last = {factor: 1, at: center};
        return {
            to(factor, angle, shift) {
                const at = mapPair(center, (value, i) => value + shift[i]);
                camera.panBy(at[0] - last.at[0], at[1] - last.at[1]);
                camera.zoomBy(factor / last.factor, at);
                last = {factor, at};
                view.draw();
            },
        };
    }

    /** @type {Fn.grab} */
    function grab(now, point) {
        const {map, own, size, placement: before} = now;
        const shown = handlesOf(now);
        const start = camera.toCanvas(point);
        const dragged = Object.keys(shown.points).find(name => near(shown.points[name], point));
        if (dragged) {
            const gradient = /** @type {Linear | Radial} */ (map);
            return dragFields('map', gradient, to => dragGradient(gradient, dragged, to, size));
        }
        if (!own) return null;
        return dragFields('placement', before, (to, {altKey, shiftKey}) => {
            if (near(shown.rotate, point)) return rotateByDrag(size, before, start, to, shiftKey, altKey);
            if (shown.corners?.some(corner => near(corner, point))) return scaleByDrag(size, before, start, to);
            return movePlacement(own, size, before, mapPair(to, (value, i) => value - start[i]), altKey ? 0 : SNAP / camera.zoom());
        });
    }

    /** A drag that changes fields of the request, which are restored if it is canceled. @type {Fn.dragFields} */
    function dragFields(part, now, fields) {
        const before = {...now};
        let any = false;
        const end = () => {
            showGhost = false;
            if (any) done();
            view.draw();
        };
        return {
            to(point, event) {
                any = true;
                showGhost = part === 'placement';
                assign(part, fields(camera.toCanvas(point), event));
                preview();
            },
            end,
            cancel() {
                assign(part, before);
                end();
            },
        };
    }

    /** @type {Fn.paint} */
    function paint(now, point, event) {
        const {size, hardness, opacity} = brush();
        const map = painting();
        if (!map) return null;
        const factor = map.width / now.size[0];
        const gray = (tool() === 'source') !== now.inverted ? 255 : 0;
        const line = stroke(map, gray, {size: size * factor, hardness, opacity});
        /** @type {(at: Pair, from: typeof event) => void} */
        const put = (at, from) => {
            const [x, y] = camera.toCanvas(at);
            const pressure = from.pointerType === 'pen' ? Math.max(0.05, from.pressure ?? 0) : 1;
            previewStroke(now, map, line({x: x * factor, y: y * factor, pressure}));
            lastPoint = cursor = [x, y];
        };
        // With Shift, a straight line from the end of the last stroke.
        if (event.shiftKey && lastPoint) put(camera.toScreen(lastPoint), event);
        put(point, event);
        return {
            to(next, from) {
                if (from.shiftKey) return;
                put(next, from);
                view.setBrush({at: next, size});
            },
            end: () => painted(map),
            cancel: discarded, // by a second finger
        };
    }

    /**
     * Update the image under the brush at once; shaping is applied when it is rendered.
     * @type {Fn.previewStroke}
     */
    function previewStroke({edit, layer, inverted}, map, part) {
        if (edit?.width !== map.width || edit.height !== map.height) return;
        for (let y = part.top; y < part.top + part.height; y++) {
            for (let x = part.left; x < part.left + part.width; x++) {
                const at = y * map.width + x;
                const gray = inverted ? 255 - map.data[at] : map.data[at];
                const from = layer && gray <= BLACK && layer[at * 4 + 3] > 229 ? layer : edit.source;
                for (let c = 0; c < 3; c++) edit.pixels[at * 4 + c] = from[at * 4 + c];
                edit.lightness[at] = edit.release[at] = gray / 255;
            }
        }
        view.showPart(edit, part);
    }

    /** @type {Tools['step']} */
    function step(by) {
        const now = scene();
        if (!now) return null;
        const from = cursor ?? mapPair(now.size, side => side / 2);
        cursor = mapPair(from, (value, i) => clamp(value + by[i], 0, now.size[i]));
        view.setBrush({at: camera.toScreen(cursor), size: brush().size});
        return mapPair(cursor, Math.round);
    }

    return {
        step,
        dab(line) {
            const now = scene();
            step([0, 0]);
            const dabbed = now && cursor && paint(now, camera.toScreen(cursor), {shiftKey: line});
            dabbed?.end?.();
            return Boolean(dabbed);
        },
        handles() {
            const now = scene();
            return now && tool() === 'move' ? handlesOf(now) : null;
        },
        begin(point, event) {
            const now = scene();
            if (event.button === 1 || event.shiftKey && tool() === 'move' && event.ctrlKey) {
                const by = panAndZoom(point);
                return {to: next => by.to(1, 0, mapPair(next, (value, i) => value - point[i]))};
            }
            if (!now || event.button !== 0) return null;
            return tool() === 'move' ? grab(now, point) : paint(now, point, event);
        },
        pinch(center) {
            const now = scene();
            if (tool() !== 'move') return panAndZoom(center);
            if (!now?.own) return null;
            const {placement: before, own, size} = now;
            showGhost = true;
            return {
                to(factor, angle, shift) {
                    const next = {...before, ...scaleBy(before, factor), rotation: normalizeAngle(before.rotation + angle)};
                    assign('placement', {...next, ...movePlacement(own, size, next, mapPair(shift, value => value / camera.zoom()))});
                    preview();
                },
                end() {
                    showGhost = false;
                    done();
                },
            };
        },
    };
}

const {abs, atan2, cos, hypot, max, min, PI, sin} = Math;

/** The point at fractions of the canvas. @type {Fn.pointAt} */
const pointAt = (x, y, size) => [x * size[0], y * size[1]];

/** Clamped and rounded to three decimals, for the request. @type {Fn.roundField} */
const roundField = (value, least, most) => Number(clamp(value, least, most).toFixed(3));

/** A placed exemplar's corners in order, its center, and its rotation handle. @type {Fn.placedFrame} */
function placedFrame(own, size, placement, stem) {
    const [w, h] = mapPair(placedSize(own, size, placement), side => side / 2);
    const angle = placement.rotation * PI / 180;
    const center = pointAt(placement.x, placement.y, size);
    /** @type {(x: number, y: number) => Pair} */
    const at = (x, y) => [center[0] + x * cos(angle) - y * sin(angle), center[1] + x * sin(angle) + y * cos(angle)];
    return {center, corners: [at(-w, -h), at(w, -h), at(w, h), at(-w, h)], rotate: at(0, -h - stem)};
}

/** A gradient's points, by their fields. @type {Fn.gradientPoints} */
function gradientPoints(map, size) {
    if (typeof map !== 'object') return {};
    if (map.type === 'linear') return {start: pointAt(map.start_x, map.start_y, size), end: pointAt(map.end_x, map.end_y, size)};
    if (map.type !== 'radial') return {};
    const center = pointAt(map.center_x, map.center_y, size);
    /** @type {(radius: number) => Pair} */
    const right = radius => [center[0] + radius * min(...size), center[1]];
    return {center, inner: right(map.inner), outer: right(map.outer)};
}

/** A gradient's fields after one of its points was dragged to `point`. @type {Fn.dragGradient} */
function dragGradient(map, name, point, size) {
    if (map.type === 'radial' && name !== 'center') {
        const radius = distance(point, pointAt(map.center_x, map.center_y, size)) / min(...size);
        return name === 'inner' ? {inner: roundField(radius, 0, map.outer - 0.01)} : {outer: roundField(radius, map.inner + 0.01, 3)};
    }
    const {x, y} = centerAt(point, size);
    const fields = {[`${name}_x`]: x, [`${name}_y`]: y};
    const next = {...map, ...fields};
    const degenerate = next.type === 'linear' && next.start_x === next.end_x && next.start_y === next.end_y;
    return degenerate ? {} : fields; // a gradient needs two points
}

/** A placement moved by `by`; its edges and center snap to the canvas's within `snap` pixels. @type {Fn.movePlacement} */
function movePlacement(own, size, placement, by, snap = 0) {
    const {center, corners} = placedFrame(own, size, placement, 0);
    return centerAt(mapPair(center, (from, i) => {
        const value = from + by[i];
        const extent = max(...corners.map(corner => abs(corner[i] - from)));
        const off = [size[i] / 2 - value, extent - value, size[i] - extent - value].reduce((a, b) => (abs(b) < abs(a) ? b : a));
        return abs(off) <= snap ? value + off : value;
    }), size);
}

/** @type {Fn.centerAt} */
export const centerAt = (point, size) => ({x: roundField(point[0] / size[0], -2, 3), y: roundField(point[1] / size[1], -2, 3)});

/** A placement scaled so that `from` is as far from the center as `to`. @type {Fn.scaleByDrag} */
function scaleByDrag(size, placement, from, to) {
    const center = pointAt(placement.x, placement.y, size);
    return scaleBy(placement, max(1, distance(to, center)) / max(1, distance(from, center)));
}

/** @type {Fn.scaleBy} */
export const scaleBy = ({scale}, factor) => ({scale: roundField(scale * factor, 0.01, 20)});

/**
 * A placement rotated so that `from` is in the direction of `to`; it snaps to quarter turns, or to 15 degrees.
 * @type {Fn.rotateByDrag}
 */
function rotateByDrag(size, placement, from, to, by15, noSnap) {
    const center = pointAt(placement.x, placement.y, size);
    const direction = (/** @type {Pair} */ point) => atan2(point[1] - center[1], point[0] - center[0]) * 180 / PI;
    const rotation = placement.rotation + direction(to) - direction(from);
    const step = by15 ? 15 : 90;
    const nearest = Math.round(rotation / step) * step;
    return {rotation: normalizeAngle(by15 || (!noSnap && abs(rotation - nearest) < 2) ? nearest : rotation)};
}

/** An angle from -180 to 180, to a tenth of a degree. @type {Fn.normalizeAngle} */
export const normalizeAngle = angle => Math.round((((angle + 180) % 360 + 360) % 360 - 180) * 10) / 10;

/** @type {Fn.distance} */
const distance = (a, b) => hypot(a[0] - b[0], a[1] - b[1]);
