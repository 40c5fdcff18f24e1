/** What a drag on the canvas does: move, scale, turn, a gradient's points, the brush. */

const search = new URL(import.meta.url).search;
const {stroke} = await import('./brush.mjs' + search);
const {frame, gradientDragged, gradientPoints, moved, normal, scaled, sized, turned} = await import('./handles.mjs' + search);
const {BLACK} = await import('./looks.mjs' + search);

/** In screen pixels: how near a handle is taken, a snap catches; the turning handle's stem, and its distance from the edge. */
const [NEAR, CATCH, STEM, MARGIN] = [12, 7, 26, 8];

/**
 * `scene()` tells of the selected exemplar `{size, placement, own, map, image, look, layer, grey}`, or null. `preview()`
 * and `done()` are called while its placement or map (objects of the request) changes, and after; `painted(map)` after
 * a stroke, with bytes.
 */
export function tools({view, scene, tool, brush, assign, preview, done, painting, painted}) {
    const toCanvas = point => view.eye.toCanvas(point);
    const near = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) <= NEAR;
    const onScreen = point => view.eye.toScreen(point);
    let ghosted = false;
    let lastPoint = null;

    /** What the view draws over the picture. */
    function handles() {
        const now = scene();
        if (!now || tool() !== 'move') return null;
        const points = gradientPoints(now.map, now.size);
        if (!now.own) return {points};
        const stem = STEM / view.eye.zoom();
        const outside = frame(now.own, now.size, now.placement, stem);
        const seen = onScreen(outside.turn).every((place, i) => place >= MARGIN && place <= view.screen()[i] - MARGIN);
        // Where the picture fills the canvas, its handle would be beyond the edge.
        const outline = seen ? outside : frame(now.own, now.size, now.placement, -stem);
        const ghost = ghosted || !now.map ? {image: now.image, corners: outline.corners, flip: now.placement.flip} : null;
        return {...outline, points, ghost};
    }

    function begin(point, event) {
        const now = scene();
        if (event.button === 1 || event.shiftKey && tool() === 'move' && event.ctrlKey) return pan(point);
        if (!now || event.button !== 0) return null;
        return tool() === 'move' ? take(now, point) : paint(now, point, event);
    }

    function pan(point) {
        let last = point;
        return {
            to(next) {
                view.eye.shifted(next[0] - last[0], next[1] - last[1]);
                last = next;
                view.draw();
            },
            end() {},
        };
    }

    function take(now, point) {
        const shown = handles();
        const start = toCanvas(point);
        for (const [name, place] of Object.entries(shown.points)) {
            if (near(onScreen(place), point)) return changing('map', to => gradientDragged(now.map, name, to, now.size));
        }
        if (!now.own) return null;
        const {size, placement: before} = now;
        if (near(onScreen(shown.turn), point)) {
            return changing('placement', (to, event) => turned(size, before, start, to, event.shiftKey, event.altKey));
        }
        if (shown.corners.some(corner => near(onScreen(corner), point))) {
            return changing('placement', to => scaled(size, before, start, to));
        }
        return changing('placement', (to, event) =>
            moved(now.own, size, before, to.map((value, i) => value - start[i]), event.altKey ? 0 : CATCH / view.eye.zoom()));
    }

    /** A drag that changes fields of the request, which are put back if it is broken off. */
    function changing(part, fields) {
        const before = {...scene()[part]};
        let any = false;
        const finish = () => {
            ghosted = false;
            if (any) done();
            view.draw();
        };
        return {
            to(point, event) {
                any = true;
                ghosted = part === 'placement';
                assign(part, fields(toCanvas(point), event));
                preview();
            },
            end: finish,
            cancel() {
                assign(part, before);
                finish();
            },
        };
    }

    function pinch() {
        const now = scene();
        if (!now?.own) return null;
        const {placement: before, own, size} = now;
        ghosted = true;
        return {
            to(factor, angle, shift) {
                const spun = {...before, ...sized(before, factor), rotation: normal(before.rotation + angle)};
                assign('placement', {...spun, ...moved(own, size, spun, shift.map(value => value / view.eye.zoom()), 0)});
                preview();
            },
            end() {
                ghosted = false;
                done();
            },
        };
    }

    function paint(now, point, event) {
        const {size, softness, strength} = brush();
        const map = painting();
        if (!map) return null;
        const factor = map.width / now.size[0];
        const grey = (tool() === 'source') !== now.inverted ? 255 : 0;
        const line = stroke(map, grey, {size: size * factor, softness, strength});
        const put = (at, from) => {
            const [x, y] = toCanvas(at);
            const pressure = from.pointerType === 'pen' ? Math.max(0.05, from.pressure) : 1;
            live(now, map, line.to({x: x * factor, y: y * factor, pressure}));
        };
        // With Shift, a straight line from where the last stroke ended.
        if (event.shiftKey && lastPoint) put(onScreen(lastPoint), event);
        put(point, event);
        lastPoint = toCanvas(point);
        return {
            to(next, from) {
                if (from.shiftKey) return;
                put(next, from);
                lastPoint = toCanvas(next);
                view.setBrush({at: next, size});
            },
            end: () => painted(map),
        };
    }

    /** The part of the picture under the brush at once; what shaping does to it is seen when it is rendered. */
    function live({look, layer, inverted}, map, part) {
        if (look.width !== map.width || look.height !== map.height) return;
        for (let y = part.top; y < part.top + part.height; y++) {
            for (let x = part.left; x < part.left + part.width; x++) {
                const at = y * map.width + x;
                const grey = inverted ? 255 - map.data[at] : map.data[at];
                const from = layer && grey <= BLACK && layer[at * 4 + 3] > 229 ? layer : look.source;
                for (let c = 0; c < 3; c++) look.pixels[at * 4 + c] = from[at * 4 + c];
                look.lightness[at] = grey / 255;
                look.release[at] = grey / 255;
            }
        }
        view.showPart(look, part);
    }

    return {begin, pinch, handles};
}
