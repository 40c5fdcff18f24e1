/** Where the picture lies on the screen: fitted, zoomed, moved. Canvas pixels to screen pixels and back. */

/** @import {Pair} from '../types.d.ts' */

const [LEAST, MOST] = [0.05, 32];

export function camera() {
    let [zoom, left, top] = [1, 0, 0];
    let fitted = true;

    /**
     * Put a picture of `size` into a screen of `screen`, if the user has not chosen another part.
     * @type {(size: Pair, screen: Pair, again?: boolean) => void}
     */
    function fit(size, screen, again = false) {
        fitted ||= again;
        if (!fitted) return;
        zoom = Math.min(screen[0] / size[0], screen[1] / size[1]);
        left = (screen[0] - size[0] * zoom) / 2;
        top = (screen[1] - size[1] * zoom) / 2;
    }

    /**
     * `factor` times as large, with the screen's point `[x, y]` staying where it is.
     * @type {(factor: number, place: Pair) => void}
     */
    function zoomed(factor, [x, y]) {
        const next = Math.min(MOST, Math.max(LEAST, zoom * factor));
        left = x - (x - left) * next / zoom;
        top = y - (y - top) * next / zoom;
        zoom = next;
        fitted = false;
    }

    /** @type {(dx: number, dy: number) => void} */
    function shifted(dx, dy) {
        left += dx;
        top += dy;
        fitted = false;
    }

    return {
        fit, zoomed, shifted,
        zoom: () => zoom,
        /** @type {() => Pair} */
        origin: () => [left, top],
        /** @type {(point: Pair) => Pair} */
        toScreen: ([x, y]) => [x * zoom + left, y * zoom + top],
        /** @type {(point: Pair) => Pair} */
        toCanvas: ([x, y]) => [(x - left) / zoom, (y - top) / zoom],
    };
}
