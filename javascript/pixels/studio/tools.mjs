/** What a drag on the canvas does: move, scale, turn, a gradient's points, the brush. */

/**
 * @import {Drag, Handles, Linear, Look, Pair, Painting, Pinch, Placement, Radial, Rectangle, Scene, ToolName} from '../types.d.ts'
 * @import {camera} from './camera.mjs'
 * @typedef {'placement' | 'map'} Part
 * @typedef {Partial<Placement> | Partial<Linear> | Partial<Radial>} Fields
 */

const {both} = await import('../engine/pair.mjs' + new URL(import.meta.url).search);
const {stroke} = await import('./brush.mjs' + new URL(import.meta.url).search);
const {frame, gradientDragged, gradientPoints, moved, normal, scaled, sized, turned} = await import('./handles.mjs' + new URL(import.meta.url).search);
const {BLACK} = await import('./looks.mjs' + new URL(import.meta.url).search);

/** In screen pixels: how near a handle is taken, a snap catches; the turning handle's stem, and its distance from the edge. */
const [NEAR, CATCH, STEM, MARGIN] = [12, 7, 26, 8];

/**
 * `scene()` tells of the selected exemplar, or null. `assign(part, fields)` changes its placement or map (objects of the
 * request); `preview()` and `done()` are called while they change, and after. `painting()` gives bytes to paint on, or
 * null, and `painted(map)` takes them after a stroke; `discarded()` is called when it is broken off.
 *
 * @param {{
 *     view: {eye: ReturnType<typeof camera>, draw: () => void, screen: () => Pair,
 *         setBrush: (brush: {at: Pair, size: number} | null) => void, showPart: (look: Look, part: Rectangle) => void},
 *     scene: () => Scene | null, tool: () => ToolName, brush: () => {size: number, softness: number, strength: number},
 *     assign: (part: Part, fields: Fields) => void, preview: () => void, done: () => void,
 *     painting: () => Painting | null, painted: (map: Painting) => void, discarded: () => void,
 * }} studio
 */
export function tools({view, scene, tool, brush, assign, preview, done, painting, painted, discarded}) {
    const toCanvas = (/** @type {Pair} */ point) => view.eye.toCanvas(point);
    const onScreen = (/** @type {Pair} */ point) => view.eye.toScreen(point);
    /** @type {(a: Pair, b: Pair) => boolean} */
    const near = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) <= NEAR;
    let ghosted = false;
    /** Where the last stroke ended, in canvas pixels. @type {Pair | null} */
    let lastPoint = null;
    /** Where the brush is that keys move. @type {Pair | null} */
    let cursor = null;

    /**
     * What the view draws over the picture.
     * @type {() => Handles | null}
     */
    function handles() {
        const now = scene();
        return now && tool() === 'move' ? grips(now) : null;
    }

    /** @type {(now: Scene) => Handles} */
    function grips(now) {
        const points = gradientPoints(now.map, now.size);
        if (!now.own) return {points};
        const stem = STEM / view.eye.zoom();
        const outside = frame(now.own, now.size, now.placement, stem);
        const seen = onScreen(outside.turn).every((place, i) => place >= MARGIN && place <= view.screen()[i] - MARGIN);
        // Where the picture fills the canvas, its handle would be beyond the edge.
        const outline = seen ? outside : frame(now.own, now.size, now.placement, -stem);
        const shown = ghosted || !now.map ? now.image : null;
        return {...outline, points, ghost: shown && {image: shown, corners: outline.corners, flip: now.placement.flip}};
    }

    /** @type {(point: Pair, event: PointerEvent) => Drag | null} */
    function begin(point, event) {
        const now = scene();
        if (event.button === 1 || event.shiftKey && tool() === 'move' && event.ctrlKey) return pan(point);
        if (!now || event.button !== 0) return null;
        return tool() === 'move' ? take(now, point) : paint(now, point, event);
    }

    /** @type {(point: Pair) => Drag} */
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

    /** @type {(now: Scene, point: Pair) => Drag | null} */
    function take(now, point) {
        const {map, own, size, placement: before} = now;
        const shown = grips(now);
        const start = toCanvas(point);
        for (const [name, place] of Object.entries(shown.points)) {
            if (!near(onScreen(place), point)) continue;
            const gradient = /** @type {Linear | Radial} */ (map);
            return changing('map', gradient, to => gradientDragged(gradient, name, to, size));
        }
        if (!own) return null;
        if (shown.turn && near(onScreen(shown.turn), point)) {
            return changing('placement', before, (to, event) => turned(size, before, start, to, event.shiftKey, event.altKey));
        }
        if (shown.corners?.some(corner => near(onScreen(corner), point))) {
            return changing('placement', before, to => scaled(size, before, start, to));
        }
        return changing('placement', before, (to, event) =>
            moved(own, size, before, both(to, (value, i) => value - start[i]), event.altKey ? 0 : CATCH / view.eye.zoom()));
    }

    /**
     * A drag that changes fields of the request, which are put back if it is broken off.
     * @type {(part: Part, now: Fields, fields: (point: Pair, event: PointerEvent) => Fields) => Drag}
     */
    function changing(part, now, fields) {
        const before = {...now};
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

    /**
     * Two fingers lay the exemplar; while painting, they move and zoom the view.
     * @type {(centre: Pair) => Pinch | null}
     */
    function pinch(centre) {
        const now = scene();
        if (tool() !== 'move') return lookCloser(centre);
        if (!now?.own) return null;
        const {placement: before, own, size} = now;
        ghosted = true;
        return {
            to(factor, angle, shift) {
                const spun = {...before, ...sized(before, factor), rotation: normal(before.rotation + angle)};
                assign('placement', {...spun, ...moved(own, size, spun, both(shift, value => value / view.eye.zoom()), 0)});
                preview();
            },
            end() {
                ghosted = false;
                done();
            },
        };
    }

    /** @type {(centre: Pair) => Pinch} */
    function lookCloser(centre) {
        let last = {factor: 1, at: centre};
        return {
            to(factor, angle, shift) {
                const at = both(centre, (place, i) => place + shift[i]);
                view.eye.shifted(at[0] - last.at[0], at[1] - last.at[1]);
                view.eye.zoomed(factor / last.factor, at);
                last = {factor, at};
                view.draw();
            },
            end() {},
        };
    }

    /** @type {(now: Scene, point: Pair, event: {shiftKey: boolean, pointerType?: string, pressure?: number}) => Drag | null} */
    function paint(now, point, event) {
        const {size, softness, strength} = brush();
        const map = painting();
        if (!map) return null;
        const factor = map.width / now.size[0];
        const grey = (tool() === 'source') !== now.inverted ? 255 : 0;
        const line = stroke(map, grey, {size: size * factor, softness, strength});
        /** @type {(at: Pair, from: typeof event) => void} */
        const put = (at, from) => {
            const [x, y] = toCanvas(at);
            const pressure = from.pointerType === 'pen' ? Math.max(0.05, from.pressure ?? 0) : 1;
            live(now, map, line.to({x: x * factor, y: y * factor, pressure}));
            lastPoint = cursor = [x, y];
        };
        // With Shift, a straight line from where the last stroke ended.
        if (event.shiftKey && lastPoint) put(onScreen(lastPoint), event);
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
     * @type {(now: Scene, map: Painting, part: Rectangle) => void}
     */
    function live({look, layer, inverted}, map, part) {
        if (look?.width !== map.width || look.height !== map.height) return;
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

    /**
     * Move the brush by keys, at first from the middle: where it is then, in canvas pixels, or null.
     * @type {(by: Pair) => Pair | null}
     */
    function step(by) {
        const now = scene();
        if (!now) return null;
        const from = cursor ?? both(now.size, side => side / 2);
        cursor = both(from, (place, i) => Math.min(now.size[i], Math.max(0, place + by[i])));
        view.setBrush({at: onScreen(cursor), size: brush().size});
        return both(cursor, Math.round);
    }

    /**
     * A dab where the brush is, or with `line` a straight line to there from where the last stroke ended.
     * @type {(line: boolean) => void}
     */
    function dab(line) {
        const now = scene();
        step([0, 0]);
        if (now && cursor) paint(now, onScreen(cursor), {shiftKey: line})?.end();
    }

    return {begin, pinch, handles, step, dab};
}
