/** The bytes that strokes are painted on, and their way into the request. */

/** @import {Exemplar, Look, Pair, Painting} from '../types.d.ts' */

const {greyPng} = await import('./scene.mjs' + new URL(import.meta.url).search);

/**
 * `item()` is the exemplar that is painted on; `look()` what is rendered, `raw()` its map in it, before shaping, null while
 * that is not the map of the request; `size()` that of the canvas; `whiteEdits()` whether white is the exemplar in the user's maps. `changed()` is called
 * when a stroke has come into the request.
 * @param {{
 *     item: () => Exemplar | undefined, look: () => Look | null, raw: () => Look['maps'][0] | undefined | null,
 *     size: () => Pair | null, whiteEdits: () => boolean, changed: () => void,
 * }} studio
 */
export function painter({item, look, raw, size, whiteEdits, changed}) {
    /** The bytes of the last stroke: the next one may begin before it is rendered. @type {WeakMap<Exemplar, {map: Painting, text: string}>} */
    const strokes = new WeakMap();
    let stroking = false;

    /**
     * The map as bytes that can be painted on; an empty one where there is none, and null while it is not known what there is.
     * @type {() => Painting | null}
     */
    function begin() {
        const now = item();
        const shown = look();
        const map = now && shown ? lastOf(now) ?? renderedOf(now, shown) : null;
        stroking = map !== null;
        return map;
    }

    /** @type {(now: Exemplar) => Painting | null} */
    function lastOf(now) {
        const last = strokes.get(now);
        return last && last.text === now.edit_map ? {...last.map, data: last.map.data.slice()} : null;
    }

    /** @type {(now: Exemplar, shown: Look) => Painting | null} */
    function renderedOf(now, {width, height}) {
        const map = raw();
        if (map === null || !map && now.edit_map != null) return null;
        const data = new Uint8ClampedArray(width * height);
        if (map) for (let i = 0; i < data.length; i++) data[i] = map.data[i] * 255;
        else data.fill(now.shaping?.invert ? 0 : 255);
        return {width, height, data};
    }

    /** @type {(map: Painting) => void} */
    function end(map) {
        stroking = false;
        const now = item();
        if (!now) return;
        const text = greyPng(whiteEdits() ? {...map, data: map.data.map(value => 255 - value)} : map);
        strokes.set(now, {map, text});
        now.edit_map = text;
        changed();
    }

    /** The stroke is broken off; what was seen of it has to be rendered away. */
    function cancel() {
        stroking = false;
    }

    /**
     * All of the map exemplar (0) or source (255), whatever there is.
     * @type {(grey: number) => void}
     */
    function fill(grey) {
        const now = item();
        const [width, height] = size() ?? [0, 0];
        if (!now || !width) return;
        end({width, height, data: new Uint8ClampedArray(width * height).fill(now.shaping?.invert ? 255 - grey : grey)});
    }

    return {begin, end, cancel, fill, stroking: () => stroking};
}
