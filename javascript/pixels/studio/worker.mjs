/** Renders edits away from the page's own thread. It is told pictures once, by short names, and then requests. */

const {rendered} = await import('../engine/render.mjs' + new URL(import.meta.url).search);

const pictures = new Map();

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
        const made = rendered(data.request, pictures.get(data.source), name => pictures.get(name), data.steps);
        const buffers = [made.source, made.pixels, made.release, made.lightness, ...made.layers, ...made.maps.map(map => map.data)].map(each => each.buffer);
        postMessage({made}, [...new Set(buffers)]);
    } catch (error) {
        postMessage({error: error.message});
    }
}

addEventListener('message', answer);
postMessage({ready: true}); // what is sent before this line has run would be lost
