/** What of the request the studio can show. */

const {complete} = await import('../schema.mjs' + new URL(import.meta.url).search);
const {canMake} = await import('../engine/makers.mjs' + new URL(import.meta.url).search);

/** Whether a picture's text is the picture itself. */
export const isHere = text => typeof text === 'string' && !/^(sha256:|https?:)/.test(text);

const shows = map => map == null || (canMake(map) && (typeof map === 'string' ? isHere(map) : map.source !== 'picture' || isHere(map.image)));

/** Whether an exemplar can be drawn: its picture is here, and the browser can make its maps. */
export const drawable = item => isHere(item.image) && item.edit_map != null && shows(item.edit_map) && shows(item.second_map);

/** Why it cannot, for people; '' if it can. */
export function lacking(item) {
    if (item.image === undefined) return 'It has no picture yet.';
    if (!isHere(item.image)) return 'Its picture is not in this browser.';
    if (item.edit_map == null) return 'It has no edit map yet: paint where it should come through, or choose a map below.';
    return drawable(item) ? '' : 'Its map is made by the WebUI when you generate; the studio cannot show it before.';
}

/**
 * The request with every field, and of its exemplars only those that can be drawn and are not hidden; `order` has their
 * places in the real request. `pixel`: how large a pixel of the edit is on the canvas.
 */
export function shownRequest(state, schema, hidden, pixel) {
    const items = state.exemplars ?? [];
    const order = items.map((_, i) => i).filter(i => drawable(items[i]) && !hidden.has(items[i]));
    const request = complete({...state, exemplars: order.map(i => items[i])}, schema);
    for (const exemplar of request.exemplars) exemplar.placement.pixel = pixel;
    return {request, order};
}
