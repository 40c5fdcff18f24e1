/** What of the request the studio can show, and the maps that only Python can make. */

const {inWords} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {canMake} = await import('../engine/maps.mjs' + new URL(import.meta.url).search);
const {isHere} = await import('../pictures.mjs' + new URL(import.meta.url).search);
const {complete, sparse} = await import('../schema.mjs' + new URL(import.meta.url).search);

/** @type {MapName[]} */
const MAPS = ['edit_map', 'second_map'];

/** Whether the browser makes this map by itself, without Python. @type {(map: EditMap | null | undefined) => boolean} */
const own = map => {
    if (map == null || typeof map === 'string') return map == null || isHere(map);
    return canMake(map) && (!('image' in map) || isHere(map.image));
};

/** Whether a map is made from the inpaint mask, which nobody knows before the WebUI reads it. @type {(map: any) => boolean} */
const ofMask = map => map?.source === 'inpaint mask' || map?.shape_of === 'inpaint mask';

/** The maps of an exemplar that Python has to make: their fields. @type {(item: Exemplar) => MapName[]} */
export const foreign = item => (isHere(item.image)
    ? MAPS.filter(name => typeof item[name] === 'object' && !own(item[name]) && !ofMask(item[name]))
    : []);

/**
 * Maps from Python, each asked for once for what it depends on. `short` names pictures, whose texts are long; `answered()`
 * is called when there is something new.
 * @type {AskedMaps}
 */
export function askedMaps({schema, ask, short, source, png, whiteMeans, answered}) {
    /** What was asked for; null while there is no answer. @type {Map<string, Answer | null>} */
    const made = new Map();

    /** What the map depends on, as one text. @type {(item: Exemplar, name: MapName) => string} */
    function keyOf(item, name) {
        const {[name]: map, image, placement} = item;
        const ofSource = typeof map === 'object' && map !== null && 'of' in map && map.of === 'source';
        const parts = [map, source(), whiteMeans(), ...(ofSource ? [] : [image, placement])];
        return JSON.stringify(parts, (_, value) => (typeof value === 'string' ? short(value) : value));
    }

    return {
        async want(item, name) {
            const key = keyOf(item, name);
            if (made.has(key)) return;
            made.set(key, null);
            try {
                const request = sparse({white_means: whiteMeans(), exemplars: [item]}, schema);
                made.set(key, await ask({request, field: name, source: await png()}));
            } catch (error) {
                made.set(key, {problem: inWords(error)});
            }
            answered();
        },
        picture: (item, name) => made.get(keyOf(item, name))?.map,
        said(item, name) {
            const answer = made.get(keyOf(item, name));
            return answer ? answer.problem ?? '' : 'The WebUI is making its map …';
        },
    };
}

/** The exemplar as the browser can draw it, or null. @type {(item: Exemplar, made: MapPicture) => Exemplar | null} */
function drawable(item, made) {
    if (!isHere(item.image) || item.edit_map == null) return null;
    const maps = MAPS.filter(name => item[name] != null).map(name => {
        if (own(item[name])) return [name, item[name]];
        const image = foreign(item).includes(name) ? made(item, name) : undefined;
        return [name, image && {source: 'made', image}];
    });
    return maps.every(([, map]) => map) ? {...item, ...Object.fromEntries(maps)} : null;
}

/** Why an exemplar cannot be drawn, for people; '' if nothing is missing in the request. @type {(item: Exemplar) => string} */
export function lacking(item) {
    if (item.image === undefined) return 'It has no picture yet.';
    if (!isHere(item.image)) return 'Its picture is not in this browser.';
    if (item.edit_map == null) return 'It has no edit map yet: paint where it should come through, or choose a map below.';
    if (MAPS.some(name => ofMask(item[name]))) return 'Its map is the inpaint mask, which the WebUI reads when you generate; it cannot be shown before.';
    return MAPS.every(name => own(item[name]) || foreign(item).includes(name)) ? '' : 'Its map’s picture is not in this browser.';
}

/**
 * The request with every field, and of its exemplars only those that can be drawn and are not hidden; `order` has their
 * places in the real request.
 * @type {ShownRequest}
 */
export function shownRequest(state, schema, {hidden, made, pixel}) {
    const shown = (state.exemplars ?? []).flatMap((each, i) => {
        const item = hidden.has(each) ? null : drawable(each, made);
        return item ? [{i, item}] : [];
    });
    /** @type {WholeRequest} */
    const request = complete({...state, exemplars: shown.map(({item}) => item)}, schema);
    for (const exemplar of request.exemplars) exemplar.placement.pixel = pixel;
    return {request, order: shown.map(({i}) => i)};
}
