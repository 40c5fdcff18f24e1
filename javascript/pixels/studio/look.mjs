/** How the edit looks: what of the request can be drawn, the maps that only Python can make, and the worker that renders. */

const {inWords} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {canMake} = await import('../engine/maps.mjs' + new URL(import.meta.url).search);
const {decoded, isHere} = await import('../pictures.mjs' + new URL(import.meta.url).search);
const {complete, madeBy, sparse} = await import('../schema.mjs' + new URL(import.meta.url).search);

/** @type {MapName[]} */
const MAPS = ['edit_map', 'second_map'];

/** Whether the browser makes this map by itself, without Python. @type {Does.own} */
const own = map => {
    if (typeof map !== 'object' || map === null) return map == null || isHere(map);
    return canMake(map) && (!('image' in map) || isHere(map.image));
};

/** Whether a map is made from the inpaint mask, which nobody knows before the WebUI reads it. @type {Does.ofMask} */
const ofMask = map => map?.type === 'inpaint_mask' || map?.shape_of === 'inpaint_mask';

/** The maps of an exemplar that Python has to make: their fields. @type {Does.foreign} */
export const foreign = item => (isHere(item.image)
    ? MAPS.filter(name => typeof item[name] === 'object' && !own(item[name]) && !ofMask(item[name]))
    : []);

/** Answers held, and maps asked for. */
const MOST_ANSWERS = 32;
/** Milliseconds without a change before asking. */
const SETTLED = 300;

/**
 * Maps from Python. `want(items)` asks for those that are not known, one after another, once the edit is left alone; an answer
 * that nobody wants any more is dropped. Until a map is made, the last one of its place is shown. `short` names pictures.
 * @type {AskedMaps}
 */
export function askedMaps({schema, ask, short, source, png, whiteMeans, answered}) {
    const {items: {properties: fields}} = /** @type {List} */ (schema.properties.exemplars);
    /** The newest last. @type {Map<string, Answer>} */
    const answers = new Map();
    /** The requests with which they are asked for. @type {Map<string, Owner>} */
    let wanted = new Map();
    /** @type {WeakMap<Exemplar, {[name: string]: string | undefined}>} */
    let last = new WeakMap();
    /** @type {string | null} */
    let lastSource = null;
    let timer = 0;
    let busy = false;

    /** What a map depends on, as one text; the exemplar only where it is looked at. @type {(item: Exemplar, name: MapName) => string} */
    function keyOf(item, name) {
        const map = complete(/** @type {Owner} */ (item[name]), /** @type {Group} */ (madeBy(item[name], fields[name])));
        const ofExemplar = map.input !== 'source' && map.shape_of !== 'image';
        const parts = [map, source(), map.image && whiteMeans(), ...(ofExemplar ? [item.image, item.placement] : [])];
        return JSON.stringify(parts, (_, value) => (typeof value === 'string' ? short(value) : value));
    }

    async function work() {
        const next = [...wanted].find(([key]) => !answers.has(key));
        if (busy || !next || lastSource !== source()) return;
        busy = true;
        const [key, request] = next;
        /** @type {Answer} */
        let answer;
        try {
            answer = await ask({request, field: 'edit_map', source: await png()});
        } catch (error) {
            answer = {problem: inWords(error)};
        }
        busy = false;
        if (wanted.has(key)) {
            answers.set(key, answer);
            for (const old of answers.keys()) if (answers.size > MOST_ANSWERS && !wanted.has(old)) answers.delete(old);
            answered();
        }
        if (!timer) work();
    }

    return {
        want(items) {
            if (lastSource !== source()) last = new WeakMap(); // the maps of another picture
            lastSource = source();
            wanted = new Map();
            for (const item of items) {
                for (const name of foreign(item)) {
                    const {image, placement = {}, [name]: map} = item;
                    const asked = sparse({white_means: whiteMeans(), exemplars: [{image, placement, edit_map: map}]}, schema);
                    if (wanted.size < MOST_ANSWERS) wanted.set(keyOf(item, name), asked);
                }
            }
            clearTimeout(timer);
            timer = setTimeout(() => {
                timer = 0;
                work();
            }, SETTLED);
        },
        picture(item, name) {
            const seen = last.get(item) ?? {};
            const answer = answers.get(keyOf(item, name));
            if (answer) seen[name] = answer.map;
            last.set(item, seen);
            return seen[name];
        },
        said(item, name) {
            const key = keyOf(item, name);
            if (!answers.has(key)) return wanted.has(key) ? 'The WebUI is making its map …' : `No more than ${MOST_ANSWERS} maps can be shown.`;
            return answers.get(key)?.problem?.replace('exemplars[0].edit_map', name) ?? '';
        },
    };
}

/** The exemplar as the browser can draw it, or null. @type {Does.drawable} */
function drawable(item, made) {
    if (!isHere(item.image) || item.edit_map == null) return null;
    const maps = MAPS.filter(name => item[name] != null).map(name => {
        if (own(item[name])) return [name, item[name]];
        const image = foreign(item).includes(name) ? made(item, name) : undefined;
        return [name, image && {type: 'generated', image}];
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

/** Texts from here on are pictures, millions of letters long: too slow to compare and to join. */
const LONG = 100;
/** Texts that are remembered; one that comes again later gets another name. */
const MOST_NAMES = 200;
/** Pictures that the worker keeps though the last request did not use them. */
const KEPT = 8;

/** `short(text)` is the text itself if it is short, else a name that only this text has. @type {() => (text: string) => string} */
export function shortNames() {
    /** @type {Map<string, string>} */
    const names = new Map();
    let count = 0;

    return function short(text) {
        if (text.length <= LONG) return text;
        const name = names.get(text) ?? `#${count += 1}`;
        names.delete(text);
        names.set(text, name); // the newest is the last
        if (names.size > MOST_NAMES) names.delete(names.keys().next().value ?? '');
        return name;
    };
}

/**
 * `render(job)` promises what the engine's `rendered` gives, or null when a newer job came before its turn. Pictures are
 * texts, which `short` names.
 * @type {Does.renderer}
 */
export function renderer(short) {
    const worker = new Worker(new URL('./worker.mjs' + new URL(import.meta.url).search, import.meta.url), {type: 'module'});
    /** Names of the pictures that the worker has. @type {Set<string>} */
    const known = new Set();
    const ready = answer();
    /** @type {{job: Job, done: (look: Look | null) => void, failed: (error: unknown) => void} | null} */
    let waiting = null;
    let busy = false;

    /** @type {Does.answer} */
    function answer() {
        return new Promise((done, failed) => {
            worker.onmessage = ({data}) => (data.error ? failed(new Error(data.error)) : done(data.made));
            worker.onerror = event => failed(new Error(event.message || 'The studio’s worker does not start.'));
        });
    }

    async function work() {
        busy = true;
        while (waiting) {
            const {job, done, failed} = waiting;
            waiting = null;
            await rendered(job).then(done, failed);
        }
        busy = false;
    }

    /** @param {Job} job */
    async function rendered({request, source, longest, steps}) {
        await ready;
        /** @type {Map<string, {text: string, most: number}>} */
        const used = new Map();
        /** @type {(text: string, most: number) => string} */
        const named = (text, most) => {
            const name = `${most} ${short(text)}`;
            used.set(name, {text, most});
            return name;
        };
        const inShort = JSON.stringify(request, (_, value) => (typeof value === 'string' && value.length > LONG ? named(value, Infinity) : value));
        const sent = {request: JSON.parse(inShort), source: named(source, longest), steps};
        for (const [name, {text, most}] of used) {
            if (known.has(name)) continue;
            worker.postMessage({name, picture: await decoded(text, most)});
            known.add(name);
        }
        const old = [...known].filter(name => !used.has(name)).slice(0, -KEPT);
        if (old.length) worker.postMessage({forget: old});
        for (const name of old) known.delete(name);
        worker.postMessage(sent);
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
