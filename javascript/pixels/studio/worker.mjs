/** Renders edits away from the page's own thread. It is told pictures once, by short names, and then requests. */

/** @import {Pixels} from '../types.d.ts' */

const {inWords} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {rendered} = await import('../engine/render.mjs' + new URL(import.meta.url).search);

/** @type {Map<string, Pixels>} */
const pictures = new Map();

/** @type {(name: string) => Pixels} */
function picture(name) {
    const known = pictures.get(name);
    if (!known) throw new Error('a picture did not reach the worker.');
    return known;
}

/** @param {MessageEvent} event */
function answer({data}) {
    if ('forget' in data) {
        for (const name of data.forget) pictures.delete(name);
        return;
    }
    if ('name' in data) {
        pictures.set(data.name, data.picture);
        return;
    }
    try {
        const made = rendered(data.request, picture(data.source), picture, data.steps);
        const buffers = [made.source, made.pixels, made.release, made.lightness, ...made.layers, ...made.maps.map(map => map.data)].map(each => each.buffer);
        postMessage({made}, {transfer: [...new Set(buffers)]});
    } catch (error) {
        postMessage({error: inWords(error)});
    }
}

addEventListener('message', answer);
postMessage({ready: true}); // what is sent before this line has run would be lost
