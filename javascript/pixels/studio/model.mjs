/** What of the request the studio can show. */

const {complete} = await import('../schema.mjs' + new URL(import.meta.url).search);
const {isHere} = await import('../pictures.mjs' + new URL(import.meta.url).search);
const {canMake} = await import('../engine/makers.mjs' + new URL(import.meta.url).search);

const MAPS = ['edit_map', 'second_map'];

const isGiven = map => typeof map === 'string' || map.source === 'picture';

/** Whether the browser makes this map by itself, without Python. */
const own = map => map == null || (canMake(map) && (!isGiven(map) || isHere(typeof map === 'string' ? map : map.image)));

/** The maps of an exemplar that Python has to make: their fields. */
export const foreign = item => (isHere(item.image) ? MAPS.filter(name => typeof item[name] === 'object' && !own(item[name])) : []);

/** What a map that Python makes depends on, as one text: also on how the user's own pictures are read. */
export function mapKey(item, name, source, whiteMeans) {
    const {[name]: map, image, placement} = item;
    return JSON.stringify([map, source, whiteMeans, ...(map.of === 'source' ? [] : [image, placement])]);
}

/**
 * The exemplar as the browser can draw it, or null. `made(item, name)` gives the picture of a map that Python has made, or
 * undefined.
 */
export function drawable(item, made) {
    if (!isHere(item.image) || item.edit_map == null) return null;
    const maps = MAPS.filter(name => item[name] != null).map(name => {
        if (own(item[name])) return [name, item[name]];
        const image = foreign(item).includes(name) ? made(item, name) : undefined;
        return [name, image && {source: 'made', image}];
    });
    return maps.every(([, map]) => map) ? {...item, ...Object.fromEntries(maps)} : null;
}

/** Why an exemplar cannot be drawn, for people; '' if nothing is missing in the request. */
export function lacking(item) {
    if (item.image === undefined) return 'It has no picture yet.';
    if (!isHere(item.image)) return 'Its picture is not in this browser.';
    if (item.edit_map == null) return 'It has no edit map yet: paint where it should come through, or choose a map below.';
    return MAPS.every(name => own(item[name]) || foreign(item).includes(name)) ? '' : 'Its map’s picture is not in this browser.';
}

/**
 * The request with every field, and of its exemplars only those that can be drawn and are not hidden; `order` has their
 * places in the real request. `pixel`: how large a pixel of the edit is on the canvas.
 */
export function shownRequest(state, schema, {hidden, made, pixel}) {
    const all = (state.exemplars ?? []).map((item, i) => [i, hidden.has(item) ? null : drawable(item, made)]);
    const shown = all.filter(([, item]) => item);
    const request = complete({...state, exemplars: shown.map(([, item]) => item)}, schema);
    for (const exemplar of request.exemplars) exemplar.placement.pixel = pixel;
    return {request, order: shown.map(([i]) => i)};
}
