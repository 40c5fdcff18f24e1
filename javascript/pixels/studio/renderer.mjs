/** The worker that renders, seen from the page: one request at a time, and of those that wait only the newest. */

/**
 * @import {Look, WholeRequest} from '../types.d.ts'
 * @typedef {{request: WholeRequest, source: string, longest: number, steps: number}} Job
 * @typedef {{job: Job, done: (look: Look | null) => void, failed: (error: unknown) => void}} Waiting
 */

const {decoded} = await import('./scene.mjs' + new URL(import.meta.url).search);

/** Pictures that the worker keeps though the last request did not use them. */
const KEPT = 8;

/**
 * `render({request, source, longest, steps})` promises what the engine's `rendered` gives, or null when a newer request
 * came before its turn. Pictures are texts, which `short` names; `longest` is the longest side at which the source is
 * rendered.
 * @param {(text: string) => string} short
 */
export function renderer(short) {
    const worker = new Worker(new URL('./worker.mjs' + new URL(import.meta.url).search, import.meta.url), {type: 'module'});
    /** @type {Map<string, string>} */
    const names = new Map();
    const ready = answer();
    /** @type {Waiting | null} */
    let waiting = null;
    let busy = false;

    /** @type {() => Promise<Look>} */
    function answer() {
        return new Promise((done, failed) => {
            worker.onmessage = ({data}) => (data.error ? failed(new Error(data.error)) : done(data.made));
            worker.onerror = event => failed(new Error(event.message || 'The studio’s worker does not start.'));
        });
    }

    /** @type {(job: Job) => Promise<Look | null>} */
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

    /** @type {(job: Job) => Promise<Look>} */
    async function rendered({request, source, longest, steps}) {
        await ready;
        const used = new Set();
        const sent = {request: /** @type {WholeRequest} */ (await named(request, used)), source: await give(source, longest, used), steps};
        forget(used);
        const answered = answer();
        worker.postMessage(sent);
        return answered;
    }

    /**
     * The request with short names in place of pictures, which the worker has got.
     * @type {(value: unknown, used: Set<string>) => Promise<unknown>}
     */
    async function named(value, used) {
        if (typeof value === 'string' && value.length > 100) return give(value, Infinity, used);
        if (Array.isArray(value)) return Promise.all(value.map(each => named(each, used)));
        if (typeof value !== 'object' || value === null) return value;
        const entries = Object.entries(value).map(async ([key, each]) => [key, await named(each, used)]);
        return Object.fromEntries(await Promise.all(entries));
    }

    /** @type {(text: string, longest: number, used: Set<string>) => Promise<string>} */
    async function give(text, longest, used) {
        const key = `${longest} ${short(text)}`;
        used.add(key);
        const known = names.get(key);
        if (known) return known;
        const picture = await decoded(text, longest);
        const name = `picture ${key}`;
        names.set(key, name);
        worker.postMessage({name, picture});
        return name;
    }

    /** @type {(used: Set<string>) => void} */
    function forget(used) {
        const old = [...names].filter(([key]) => !used.has(key)).slice(0, -KEPT);
        if (old.length) worker.postMessage({forget: old.map(([, name]) => name)});
        for (const [key] of old) names.delete(key);
    }

    return {render, close: () => worker.terminate()};
}
