/** The canvas on the page: the edit as it is looked at, the handles over it, the brush under the pointer. */

/** @import {Handles, Look, Pair, Rectangle, ViewName} from '../types.d.ts' */

const {element, pen: penOf} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {both} = await import('../engine/pair.mjs' + new URL(import.meta.url).search);
const {camera} = await import('./camera.mjs' + new URL(import.meta.url).search);
const {shaded} = await import('./looks.mjs' + new URL(import.meta.url).search);

const GRIP = 6;
/** @type {Record<string, string>} */
const NAMES = {start: 'start', end: 'end', center: 'centre', inner: 'inner', outer: 'outer'};

/** `size` is the canvas's size in pixels of the edit; what is looked at may be smaller and is stretched to it. */
export function view() {
    const node = element('canvas', {
        class: 'pixels-canvas', tabindex: 0, role: 'application', 'aria-roledescription': 'canvas', 'aria-label': 'The edit as it begins',
    });
    const eye = camera();
    const base = document.createElement('canvas');
    /** @type {Pair} */
    let size = [1, 1];
    /** @type {() => Handles | null} */
    let handles = () => null;
    /** @type {{at: Pair, size: number} | null} */
    let brush = null;
    let asked = false;

    /** @type {() => Pair} */
    const screen = () => [node.clientWidth, node.clientHeight];

    function resized() {
        const ratio = window.devicePixelRatio || 1;
        const [width, height] = both(screen(), side => Math.round(side * ratio));
        if (node.width !== width || node.height !== height) Object.assign(node, {width, height});
        eye.fit(size, screen());
        draw();
    }

    /**
     * Show a whole look, or the part of it that changed.
     * @type {(look: Look, name: ViewName, progress: number | null, part?: Rectangle) => void}
     */
    function show(look, name, progress, part) {
        if (base.width !== look.width || base.height !== look.height) Object.assign(base, {width: look.width, height: look.height});
        const rectangle = part ?? {left: 0, top: 0, width: look.width, height: look.height};
        if (rectangle.width && rectangle.height) {
            penOf(base).putImageData(shaded(look, name, progress, rectangle), rectangle.left, rectangle.top);
        }
        draw();
    }

    /** Once per frame, however often it is asked for. */
    function draw() {
        if (asked) return;
        asked = true;
        requestAnimationFrame(() => {
            asked = false;
            paint();
        });
    }

    function paint() {
        const pen = penOf(node);
        const ratio = window.devicePixelRatio || 1;
        pen.setTransform(ratio, 0, 0, ratio, 0, 0);
        pen.clearRect(0, 0, screen()[0], screen()[1]);
        const [left, top] = eye.origin();
        pen.imageSmoothingEnabled = eye.zoom() * size[0] / base.width < 3;
        pen.drawImage(base, left, top, size[0] * eye.zoom(), size[1] * eye.zoom());
        const shown = handles();
        if (shown?.ghost) ghost(pen, shown.ghost);
        if (shown?.corners && shown.turn) outline(pen, shown.corners, shown.turn);
        for (const [name, point] of Object.entries(shown?.points ?? {})) grip(pen, eye.toScreen(point), NAMES[name]);
        if (brush) ring(pen, brush.at, brush.size * eye.zoom() / 2);
    }

    /**
     * The whole exemplar, half transparent, so that it can be laid where the map hides it.
     * @type {(pen: CanvasRenderingContext2D, ghost: NonNullable<Handles['ghost']>) => void}
     */
    function ghost(pen, {image, corners: [a, b, , d], flip}) {
        const [p, q, r] = [a, b, d].map(eye.toScreen);
        pen.save();
        pen.globalAlpha = 0.5;
        pen.transform((q[0] - p[0]) / image.width, (q[1] - p[1]) / image.width, (r[0] - p[0]) / image.height, (r[1] - p[1]) / image.height, ...p);
        if (flip) pen.transform(-1, 0, 0, 1, image.width, 0);
        pen.drawImage(image, 0, 0);
        pen.restore();
    }

    /** @type {(pen: CanvasRenderingContext2D, corners: Pair[], turn: Pair) => void} */
    function outline(pen, corners, turn) {
        const points = corners.map(eye.toScreen);
        const middle = both(points[0], (place, i) => (place + points[1][i]) / 2);
        const stem = eye.toScreen(turn);
        for (const {width, colour} of [{width: 3, colour: '#000a'}, {width: 1.5, colour: '#fff'}]) {
            pen.lineWidth = width;
            pen.strokeStyle = colour;
            pen.beginPath();
            points.forEach(point => pen.lineTo(...point));
            pen.closePath();
            pen.moveTo(...middle);
            pen.lineTo(...stem);
            pen.stroke();
        }
        for (const point of [...points, stem]) grip(pen, point);
    }

    /** @type {(pen: CanvasRenderingContext2D, place: Pair, name?: string) => void} */
    function grip(pen, [x, y], name = '') {
        pen.beginPath();
        pen.arc(x, y, GRIP, 0, 7);
        pen.fillStyle = '#fff';
        pen.strokeStyle = '#000a';
        pen.lineWidth = 1.5;
        pen.fill();
        pen.stroke();
        if (!name) return;
        pen.font = '12px sans-serif';
        pen.lineWidth = 3;
        pen.strokeText(name, x + 10, y + 4);
        pen.fillText(name, x + 10, y + 4);
    }

    /** @type {(pen: CanvasRenderingContext2D, place: Pair, radius: number) => void} */
    function ring(pen, [x, y], radius) {
        for (const {width, colour} of [{width: 3, colour: '#0008'}, {width: 1.5, colour: '#fff'}]) {
            pen.beginPath();
            pen.arc(x, y, Math.max(1, radius), 0, 7);
            pen.lineWidth = width;
            pen.strokeStyle = colour;
            pen.stroke();
        }
    }

    new ResizeObserver(resized).observe(node);
    return {
        node, eye, show, draw, screen,
        /** @param {Pair} next */
        setSize(next) {
            const changed = next[0] !== size[0] || next[1] !== size[1];
            size = next;
            eye.fit(size, screen(), changed);
        },
        refit() {
            eye.fit(size, screen(), true);
            draw();
        },
        /** @param {() => Handles | null} give */
        setHandles(give) { handles = give; },
        /** @param {{at: Pair, size: number} | null} next */
        setBrush(next) {
            brush = next;
            draw();
        },
    };
}
