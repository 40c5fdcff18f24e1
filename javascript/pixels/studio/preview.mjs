/** The preview: which exemplars can be drawn, the maps that only Python can generate, and the worker that renders. */

const {errorText} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {canMakeMap} = await import('../engine/maps.mjs' + new URL(import.meta.url).search);
const {loadPixels, isEmbedded} = await import('../images.mjs' + new URL(import.meta.url).search);
const {withDefaults, mapTypeSchema, withoutDefaults} = await import('../schema.mjs' + new URL(import.meta.url).search);

/** @type {MapName[]} */
const MAP_FIELDS = ['edit_map', 'second_map'];

/** Whether the browser can draw this map without Python. @type {Fn.isDrawnHere} */
const isDrawnHere = map => {
    if (typeof map !== 'object' || map === null) return map == null || isEmbedded(map);
    return canMakeMap(map) && (!('image' in map) || isEmbedded(map.image));
};

/** Whether a map needs the inpaint mask, which is unknown before the WebUI reads it. @type {Fn.usesInpaintMask} */
const usesInpaintMask = map => map?.type === 'inpaint_mask' || map?.shape_of === 'inpaint_mask';

/** The fields of an exemplar's maps that Python has to generate. @type {Fn.pythonMapNames} */
export const pythonMapNames = item => (isEmbedded(item.image)
    ? MAP_FIELDS.filter(name => typeof item[name] === 'object' && !isDrawnHere(item[name]) && !usesInpaintMask(item[name]))
    : []);

/** Cached answers, and maps requested at once. */
const MAX_ANSWERS = 32;
/** Milliseconds without a change before a request. */
const ASK_DELAY = 300;

/**
 * Maps from Python. `update(items)` requests the unknown ones, one after another, once the edit stops changing; outdated answers are
 * dropped. Until a map is there, the exemplar's last one is shown. `short` names images.
 * @type {PythonMaps}
 */
export function pythonMaps({schema, ask, short, source, png, whiteMeans, onAnswer}) {
    const {items: {properties: fields}} = /** @type {List} */ (schema.properties.exemplars);
    /** The newest last. @type {Map<string, Answer>} */
    const answers = new Map();
    /** Their requests. @type {Map<string, Owner>} */
    let requested = new Map();
    /** @type {WeakMap<Exemplar, {[name: string]: string | undefined}>} */
    let last = new WeakMap();
    /** @type {string | null} */
    let lastSource = null;
    let timer = 0;
    let busy = false;

    /** What a map depends on, as text; the exemplar only where it is used. @type {(item: Exemplar, name: MapName) => string} */
    function keyOf(item, name) {
        const map = withDefaults(/** @type {Owner} */ (item[name]), /** @type {Group} */ (mapTypeSchema(item[name], fields[name])));
        const ofExemplar = map.input !== 'source' && map.shape_of !== 'image';
        const parts = [map, source(), map.image && whiteMeans(), ...(ofExemplar ? [item.image, item.placement] : [])];
        return JSON.stringify(parts, (_, value) => (typeof value === 'string' ? short(value) : value));
    }

    async function work() {
        const next = [...requested].find(([key]) => !answers.has(key));
        if (busy || !next || lastSource !== source()) return;
        busy = true;
        const [key, request] = next;
        /** @type {Answer} */
        let answer;
        try {
            answer = await ask({request, field: 'edit_map', source: await png()});
        } catch (error) {
            answer = {problem: errorText(error)};
        }
        busy = false;
        if (requested.has(key)) {
            answers.set(key, answer);
            for (const old of answers.keys()) if (answers.size > MAX_ANSWERS && !requested.has(old)) answers.delete(old);
            onAnswer();
        }
        if (!timer) work();
    }

    return {
        update(items) {
            if (lastSource !== source()) last = new WeakMap(); // maps of another source
            lastSource = source();
            requested = new Map();
            for (const item of items) {
                for (const name of pythonMapNames(item)) {
                    const {image, placement = {}, [name]: map} = item;
                    const asked = withoutDefaults({white_means: whiteMeans(), exemplars: [{image, placement, edit_map: map}]}, schema);
                    if (requested.size < MAX_ANSWERS) requested.set(keyOf(item, name), asked);
                }
            }
            clearTimeout(timer);
            timer = setTimeout(() => {
                timer = 0;
                work();
            }, ASK_DELAY);
        },
        image(item, name) {
            const latest = last.get(item) ?? {};
            const answer = answers.get(keyOf(item, name));
            if (answer) latest[name] = answer.map;
            last.set(item, latest);
            return latest[name];
        },
        status(item, name) {
            const key = keyOf(item, name);
            if (!answers.has(key)) return requested.has(key) ? 'The WebUI is generating its map …' : `No more than ${MAX_ANSWERS} maps can be shown.`;
            return answers.get(key)?.problem?.replace(/exemplars\[0\]\.edit_map(\.|: )/, `${fields[name].title}: `) ?? '';
        },
    };
}

/** The exemplar for the browser's renderer, or null. @type {Fn.drawable} */
function drawable(item, pythonMap) {
    if (!isEmbedded(item.image) || item.edit_map == null) return null;
    const maps = MAP_FIELDS.filter(name => item[name] != null).map(name => {
        if (isDrawnHere(item[name])) return [name, item[name]];
        const image = pythonMapNames(item).includes(name) ? pythonMap(item, name) : undefined;
        return [name, image && {type: 'generated', image}];
    });
    return maps.every(([, map]) => map) ? {...item, ...Object.fromEntries(maps)} : null;
}

/** Why an exemplar cannot be drawn, for the user; '' if nothing is missing. @type {(item: Exemplar) => string} */
export function undrawableReason(item) {
    if (item.image === undefined) return 'It has no image yet.';
    if (!isEmbedded(item.image)) return 'Its image is not in this browser.';
    if (item.edit_map == null) return 'It has no edit map yet: paint where it should appear, or choose a map type below.';
    if (MAP_FIELDS.some(name => usesInpaintMask(item[name]))) return 'Its map is the inpaint mask, which the WebUI reads only when you generate.';
    return MAP_FIELDS.every(name => isDrawnHere(item[name]) || pythonMapNames(item).includes(name)) ? '' : 'Its map’s image is not in this browser.';
}

/**
 * The request with every field set and only the exemplars that can be drawn and are not hidden; `order` has their indexes in the
 * real request.
 * @type {PreviewRequest}
 */
export function previewRequest(state, schema, {hidden, pythonMap, pixel}) {
    const shown = (state.exemplars ?? []).flatMap((each, i) => {
        const item = hidden.has(each) ? null : drawable(each, pythonMap);
        return item ? [{i, item}] : [];
    });
    /** @type {FullRequest} */
    const request = withDefaults({...state, exemplars: shown.map(({item}) => item)}, schema);
    for (const exemplar of request.exemplars) exemplar.placement.pixel = pixel;
    return {request, order: shown.map(({i}) => i)};
}

/** Longer strings are images, with millions of characters: too slow to compare. */
const LONG_TEXT = 100;
/** Names that are remembered. */
const MAX_NAMES = 200;
/** Images that the worker keeps beyond those of the last request. */
const MAX_UNUSED = 8;

/** `short(text)` is the text itself if it is short, else a unique name for it. @type {() => (text: string) => string} */
export function shortNames() {
    /** @type {Map<string, string>} */
    const names = new Map();
    let count = 0;

    return function short(text) {
        if (text.length <= LONG_TEXT) return text;
        const name = names.get(text) ?? `#${count += 1}`;
        names.delete(text);
        names.set(text, name); // the newest is the last
        if (names.size > MAX_NAMES) names.delete(names.keys().next().value ?? '');
        return name;
    };
}

/**
 * `render(job)` resolves to the result of the engine's `renderEdit`, or to null if a newer job replaced it. `short` names images.
 * @type {Fn.renderer}
 */
export function renderer(short) {
    const worker = new Worker(new URL('./worker.mjs' + new URL(import.meta.url).search, import.meta.url), {type: 'module'});
    /** Images that the worker has. @type {Set<string>} */
    const known = new Set();
    const ready = answer();
    /** @type {{job: Job, done: (edit: RenderedEdit | null) => void, failed: (error: unknown) => void} | null} */
    let waiting = null;
    let busy = false;

    /** @type {Fn.answer} */
    function answer() {
        return new Promise((done, failed) => {
            worker.onmessage = ({data}) => (data.error ? failed(new Error(data.error)) : done(data.edit));
            worker.onerror = event => failed(new Error(event.message || 'The studio’s worker does not start.'));
        });
    }

    async function work() {
        busy = true;
        while (waiting) {
            const {job, done, failed} = waiting;
            waiting = null;
            await send(job).then(done, failed);
        }
        busy = false;
    }

    /** @param {Job} job */
    async function send({request, source, longest, steps}) {
        await ready;
        /** @type {Map<string, {text: string, maxSide: number}>} */
        const used = new Map();
        /** @type {(text: string, maxSide: number) => string} */
        const named = (text, maxSide) => {
            const name = `${maxSide} ${short(text)}`;
            used.set(name, {text, maxSide});
            return name;
        };
        const shortened = JSON.stringify(request, (_, value) => (typeof value === 'string' && value.length > LONG_TEXT ? named(value, Infinity) : value));
        const message = {request: JSON.parse(shortened), source: named(source, longest), steps};
        for (const [name, {text, maxSide}] of used) {
            if (known.has(name)) continue;
            worker.postMessage({name, image: await loadPixels(text, maxSide)});
            known.add(name);
        }
        const old = [...known].filter(name => !used.has(name)).slice(0, -MAX_UNUSED);
        if (old.length) worker.postMessage({forget: old});
        for (const name of old) known.delete(name);
        worker.postMessage(message);
        return answer();
    }

    return {
        render: job => new Promise((done, failed) => {
            waiting?.done(null);
            waiting = {job, done, failed};
            if (!busy) work();
        }),
        close: () => worker.terminate(),
    };
}
