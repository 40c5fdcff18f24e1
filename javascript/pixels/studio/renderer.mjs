/** The worker that renders, seen from the page: one request at a time, and of those that wait only the newest. */

const {decoded} = await import('../pictures.mjs' + new URL(import.meta.url).search);

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
 * @type {(short: (text: string) => string) => {render: (job: Job) => Promise<Look | null>, close: () => void}}
 */
export function renderer(short) {
    const worker = new Worker(new URL('./worker.mjs' + new URL(import.meta.url).search, import.meta.url), {type: 'module'});
    /** Names of the pictures that the worker has. @type {Set<string>} */
    const known = new Set();
    const ready = answer();
    /** @type {{job: Job, done: (look: Look | null) => void, failed: (error: unknown) => void} | null} */
    let waiting = null;
    let busy = false;

    /** @type {() => Promise<Look>} */
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
        const inShort = JSON.stringify(request, (_, value) => (value?.length > LONG ? named(value, Infinity) : value));
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
