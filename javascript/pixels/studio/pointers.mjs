/** Pointers on the canvas: mouse, pen and fingers, told apart into a drag with one and a pinch with two. */

/** @import {Drag, Pair, Pinch} from '../types.d.ts' */

const {both} = await import('../engine/pair.mjs' + new URL(import.meta.url).search);

/**
 * `begin(point, event)` returns what to do with the drag: `{to(point, event), end()}`, or null. A second finger ends it
 * (`cancel()` where there is one) and makes a pinch: `pinch(centre)` returns `{to(factor, angle, shift), end()}`.
 * Points are in screen pixels of `node`.
 * @param {HTMLElement} node
 * @param {{begin: (point: Pair, event: PointerEvent) => Drag | null, pinch: (centre: Pair) => Pinch | null, hover: (point: Pair | null) => void}} does
 */
export function pointers(node, {begin, pinch, hover}) {
    /** @type {Map<number, Pair>} */
    const down = new Map();
    /** @type {Drag | null} */
    let drag = null;
    /** @type {{start: ReturnType<typeof spread>, does: Pinch | null} | null} */
    let two = null;

    /** @type {(event: PointerEvent) => Pair} */
    const at = event => {
        const box = node.getBoundingClientRect();
        return [event.clientX - box.left, event.clientY - box.top];
    };

    /** @type {() => {length: number, angle: number, centre: Pair}} */
    function spread() {
        const [a, b] = [...down.values()];
        return {
            length: Math.max(1, Math.hypot(b[0] - a[0], b[1] - a[1])),
            angle: Math.atan2(b[1] - a[1], b[0] - a[0]) * 180 / Math.PI,
            centre: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2],
        };
    }

    /** @type {(event: PointerEvent) => void} */
    function pressed(event) {
        node.focus({preventScroll: true});
        node.setPointerCapture(event.pointerId);
        down.set(event.pointerId, at(event));
        event.preventDefault();
        if (down.size === 1) {
            drag = begin(at(event), event);
        } else if (down.size === 2) {
            (drag?.cancel ?? drag?.end)?.();
            drag = null;
            const start = spread();
            two = {start, does: pinch(start.centre)};
        }
    }

    /** @type {(event: PointerEvent) => void} */
    function moved(event) {
        if (!down.has(event.pointerId)) {
            hover(at(event));
            return;
        }
        down.set(event.pointerId, at(event));
        if (two) {
            const [now, {start, does}] = [spread(), two];
            does?.to(now.length / start.length, now.angle - start.angle, both(now.centre, (value, i) => value - start.centre[i]));
        } else if (drag) {
            // A fast hand moves on between two frames; the browser keeps the points in between.
            const events = event.getCoalescedEvents?.() ?? [];
            for (const each of events.length ? events : [event]) drag.to(at(each), each);
        }
    }

    /** @type {(event: PointerEvent) => void} */
    function released(event) {
        if (!down.delete(event.pointerId)) return;
        if (two) {
            two.does?.end();
            two = null;
            down.clear();
        } else {
            drag?.end();
            drag = null;
        }
    }

    node.addEventListener('pointerdown', pressed);
    node.addEventListener('pointermove', moved);
    node.addEventListener('pointerup', released);
    node.addEventListener('pointercancel', released);
    node.addEventListener('pointerleave', () => hover(null));
}
