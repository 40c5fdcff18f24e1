/** The canvas on the page: the rendered edit, the handles over it, and pointer input. */

const {element, context2d} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {mapPair, clamp} = await import('../engine/math.mjs' + new URL(import.meta.url).search);

const [LEAST_ZOOM, MOST_ZOOM] = [0.05, 32];
const GRIP = 6;
/** Bright lines over dark ones, visible on every background. @type {[number, string][]} */
const LINES = [[3, '#000a'], [1.5, '#fff']];
const [RED, GREEN, BLUE] = [255, 110, 0];
const QUIET = 128;

/**
 * By name: write the pixels of `edit` from index `from` up to `to` into `result`. This runs for every pixel of every frame, so it
 * allocates nothing.
 * @type {Record<ViewName, (edit: RenderedEdit, from: number, to: number, result: Uint8ClampedArray) => void>}
 */
const SHADES = {
    composite({pixels}, from, to, result) {
        result.set(pixels.subarray(from * 4, to * 4));
    },
    map({lightness}, from, to, result) {
        for (let at = from, k = 0; at < to; at++, k += 4) result[k] = result[k + 1] = result[k + 2] = lightness[at] * 255;
    },
    overlay({source, lightness}, from, to, result) {
        for (let at = from, k = 0; at < to; at++, k += 4) {
            const part = 0.7 * (1 - lightness[at]);
            result[k] = source[at * 4] * (1 - part) + RED * part;
            result[k + 1] = source[at * 4 + 1] * (1 - part) + GREEN * part;
            result[k + 2] = source[at * 4 + 2] * (1 - part) + BLUE * part;
        }
    },
};

/**
 * A part of `edit`. `progress`: null, or the sampler's progress from 0 to 1; what is unlocked by then is grayed out with stripes.
 * @type {Fn.shade}
 */
function shade(edit, name, progress, {left, top, width, height}) {
    const image = new ImageData(width, height);
    for (let y = 0; y < height; y++) {
        const row = image.data.subarray(y * width * 4, (y + 1) * width * 4);
        const from = (y + top) * edit.width + left;
        SHADES[name](edit, from, from + width, row);
        if (progress !== null) fade(row, edit.release, from, progress, left + y + top);
        for (let k = 3; k < row.length; k += 4) row[k] = 255;
    }
    return image;
}

/** @type {Fn.fade} */
function fade(row, release, from, progress, stripes) {
    for (let x = 0, k = 0; k < row.length; x++, k += 4) {
        if (release[from + x] > progress) continue;
        const alpha = (x + stripes) % 12 < 6 ? 0.14 : 0.22;
        for (let c = k; c < k + 3; c++) row[c] = row[c] * alpha + QUIET * (1 - alpha);
    }
}

/** Position and zoom of the image: canvas pixels to screen pixels and back. @type {Fn.createCamera} */
function createCamera() {
    let [zoom, left, top] = [1, 0, 0];
    let fitted = true;
    return {
        fit(size, screen, again = false) {
            fitted ||= again;
            if (!fitted) return;
            zoom = Math.min(screen[0] / size[0], screen[1] / size[1]);
            [left, top] = mapPair(screen, (side, i) => (side - size[i] * zoom) / 2);
        },
        zoomBy(factor, [x, y]) {
            const next = clamp(zoom * factor, LEAST_ZOOM, MOST_ZOOM);
            left = x - (x - left) * next / zoom;
            top = y - (y - top) * next / zoom;
            zoom = next;
            fitted = false;
        },
        panBy(dx, dy) {
            left += dx;
            top += dy;
            fitted = false;
        },
        zoom: () => zoom,
        toScreen: ([x, y]) => [x * zoom + left, y * zoom + top],
        toCanvas: ([x, y]) => [(x - left) / zoom, (y - top) / zoom],
    };
}

/** @type {Fn.view} */
export function view() {
    const node = element('canvas', {
        class: 'pixels-canvas', tabindex: 0, role: 'application', 'aria-roledescription': 'canvas', 'aria-label': 'The edit before denoising',
    });
    const camera = createCamera();
    const base = element('canvas');
    /** The canvas's size in pixels of the edit; the rendered edit may be smaller and is stretched to it. @type {Pair} */
    let size = [1, 1];
    /** @type {() => Handles | null} */
    let handles = () => null;
    /** @type {Parameters<View['setBrush']>[0]} */
    let brush = null;
    let scheduled = false;

    /** @type {() => Pair} */
    const screen = () => [node.clientWidth, node.clientHeight];

    function resized() {
        const [width, height] = mapPair(screen(), side => Math.round(side * devicePixelRatio));
        if (node.width !== width || node.height !== height) Object.assign(node, {width, height});
        camera.fit(size, screen());
        draw();
    }

    /** Once per frame, however often it is called. */
    function draw() {
        if (scheduled) return;
        scheduled = true;
        requestAnimationFrame(() => {
            scheduled = false;
            paint();
        });
    }

    function paint() {
        const context = context2d(node);
        context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
        context.clearRect(0, 0, ...screen());
        context.imageSmoothingEnabled = camera.zoom() * size[0] / base.width < 3;
        context.drawImage(base, ...camera.toScreen([0, 0]), size[0] * camera.zoom(), size[1] * camera.zoom());
        const shown = handles();
        if (shown?.ghost) ghost(context, shown.ghost);
        if (shown?.corners && shown.rotate) outline(context, shown.corners.map(camera.toScreen), camera.toScreen(shown.rotate));
        for (const [name, point] of Object.entries(shown?.points ?? {})) grip(context, camera.toScreen(point), name);
        if (brush) ring(context, brush.at, brush.size * camera.zoom() / 2);
    }

    /** The whole exemplar, half transparent, to place it where the map hides it. @type {Fn.ghost} */
    function ghost(context, {image, corners: [a, b, , d], flip}) {
        const [p, q, r] = [a, b, d].map(camera.toScreen);
        context.save();
        context.globalAlpha = 0.5;
        context.transform((q[0] - p[0]) / image.width, (q[1] - p[1]) / image.width, (r[0] - p[0]) / image.height, (r[1] - p[1]) / image.height, ...p);
        if (flip) context.transform(-1, 0, 0, 1, image.width, 0);
        context.drawImage(image, 0, 0);
        context.restore();
    }

    new ResizeObserver(resized).observe(node);
    return {
        node, camera, draw, screen,
        show(edit, name, progress, part = {left: 0, top: 0, width: edit.width, height: edit.height}) {
            if (base.width !== edit.width || base.height !== edit.height) Object.assign(base, {width: edit.width, height: edit.height});
            if (part.width && part.height) context2d(base).putImageData(shade(edit, name, progress, part), part.left, part.top);
            draw();
        },
        setSize(next) {
            const changed = next.join() !== size.join();
            size = next;
            camera.fit(size, screen(), changed);
        },
        refit() {
            camera.fit(size, screen(), true);
            draw();
        },
        setHandles(give) { handles = give; },
        setBrush(next) {
            brush = next;
            draw();
        },
    };
}

/** @type {Fn.lines} */
function lines(context, path) {
    for (const [width, color] of LINES) {
        context.lineWidth = width;
        context.strokeStyle = color;
        context.beginPath();
        path();
        context.stroke();
    }
}

/** @type {Fn.ring} */
const ring = (context, point, radius) => lines(context, () => context.arc(...point, Math.max(1, radius), 0, 7));

/** @type {Fn.outline} */
function outline(context, corners, rotate) {
    lines(context, () => {
        for (const corner of corners) context.lineTo(...corner);
        context.closePath();
        context.moveTo(...mapPair(corners[0], (value, i) => (value + corners[1][i]) / 2));
        context.lineTo(...rotate);
    });
    for (const point of [...corners, rotate]) grip(context, point);
}

/** @type {Fn.grip} */
function grip(context, [x, y], name = '') {
    context.beginPath();
    context.arc(x, y, GRIP, 0, 7);
    context.fillStyle = '#fff';
    context.strokeStyle = '#000a';
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
    if (!name) return;
    context.font = '12px sans-serif';
    context.lineWidth = 3;
    context.strokeText(name, x + 10, y + 4);
    context.fillText(name, x + 10, y + 4);
}

/**
 * `begin(point, event)` returns a drag, or null. A second finger ends it (by `cancel()` if there is one) and starts a pinch:
 * `pinch(center)`. Points are in screen pixels of `node`.
 * @type {Fn.pointers}
 */
export function pointers(node, {begin, pinch, hover}) {
    /** @type {Map<number, Pair>} */
    const down = new Map();
    /** @type {Drag | null} */
    let drag = null;
    /** @type {{start: ReturnType<typeof spread>, pinching: Pinch | null} | null} */
    let two = null;

    /** @type {(event: PointerEvent) => Pair} */
    const at = event => {
        const box = node.getBoundingClientRect();
        return [event.clientX - box.left, event.clientY - box.top];
    };

    function spread() {
        const [a, b] = [...down.values()];
        const [dx, dy] = mapPair(b, (value, i) => value - a[i]);
        return {length: Math.max(1, Math.hypot(dx, dy)), angle: Math.atan2(dy, dx) * 180 / Math.PI, center: mapPair(a, (value, i) => (value + b[i]) / 2)};
    }

    node.addEventListener('pointerdown', event => {
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
            two = {start, pinching: pinch(start.center)};
        }
    });

    node.addEventListener('pointermove', event => {
        if (!down.has(event.pointerId)) return hover(at(event));
        down.set(event.pointerId, at(event));
        if (two) {
            const [now, {start, pinching}] = [spread(), two];
            pinching?.to(now.length / start.length, now.angle - start.angle, mapPair(now.center, (value, i) => value - start.center[i]));
        } else if (drag) {
            // The browser keeps the points between two frames.
            const events = event.getCoalescedEvents?.() ?? [];
            for (const each of events.length ? events : [event]) drag.to(at(each), each);
        }
    });

    /** @param {PointerEvent} event */
    function released(event) {
        if (!down.delete(event.pointerId)) return;
        if (two) down.clear();
        (two?.pinching ?? drag)?.end?.();
        two = drag = null;
    }

    node.addEventListener('pointerup', released);
    node.addEventListener('pointercancel', released);
    node.addEventListener('pointerleave', () => hover(null));
}
