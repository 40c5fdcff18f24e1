/** The worker that renders, seen from the page: one request at a time, and of those that wait only the newest. */

const {decoded} = await import('./scene.mjs' + new URL(import.meta.url).search);

/** Pictures that the worker keeps though the last request did not use them. */
const KEPT = 8;

/**
 * `render({request, source, longest, steps})` promises what the engine's `rendered` gives, or null when a newer request
 * came before its turn. Pictures are texts; `longest` is the longest side at which the source is rendered.
 */
export function renderer() {
    const search = new URL(import.meta.url).search;
    const worker = new Worker(new URL('./worker.mjs' + search, import.meta.url), {type: 'module'});
    const names = new Map();
    const ready = answer();
    let waiting = null;
    let busy = false;

    function answer() {
        return new Promise((done, failed) => {
            worker.onmessage = ({data}) => (data.error ? failed(new Error(data.error)) : done(data.made));
            worker.onerror = event => failed(new Error(event.message || 'The studio’s worker does not start.'));
        });
    }

    function render(job) {
        return new Promise((done, failed) => {
            waiting?.done(null);
            waiting = {job, done, failed};
            if (!busy) work();
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

    async function rendered({request, source, longest, steps}) {
        await ready;
        const used = new Set();
        const sent = {request: await named(request, used), source: await give(source, longest, used), steps};
        forget(used);
        const answered = answer();
        worker.postMessage(sent);
        return answered;
    }

    /** The request with short names in place of pictures, which the worker has got. */
    async function named(value, used) {
        if (typeof value === 'string' && value.length > 100) return give(value, Infinity, used);
        if (Array.isArray(value)) return Promise.all(value.map(each => named(each, used)));
        if (typeof value !== 'object' || value === null) return value;
        const entries = Object.entries(value).map(async ([key, each]) => [key, await named(each, used)]);
        return Object.fromEntries(await Promise.all(entries));
    }

    async function give(text, longest, used) {
        const key = `${longest} ${text}`;
        used.add(key);
        if (!names.has(key)) {
            const picture = await decoded(text, longest);
            names.set(key, `picture ${performance.now()} ${names.size}`);
            worker.postMessage({name: names.get(key), picture});
        }
        return names.get(key);
    }

    function forget(used) {
        const old = [...names.keys()].filter(key => !used.has(key)).slice(0, -KEPT);
        if (old.length) worker.postMessage({forget: old.map(key => names.get(key))});
        for (const key of old) names.delete(key);
    }

    return {render, close: () => worker.terminate()};
}
