/** Renders edits off the main thread. It gets each image once, under a short name, and then requests. */

const {errorText} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {renderEdit} = await import('../engine/render.mjs' + new URL(import.meta.url).search);

/** @type {Map<string, Pixels>} */
const images = new Map();

/** @param {string} name */
function image(name) {
    const known = images.get(name);
    if (!known) throw new Error('an image did not reach the worker.');
    return known;
}

addEventListener('message', ({data}) => {
    if (data.forget) return data.forget.forEach((/** @type {string} */ name) => images.delete(name));
    if (data.name) return images.set(data.name, data.image);
    try {
        const edit = renderEdit(data.request, image(data.source), image, data.steps);
        const arrays = [edit.source, edit.pixels, edit.release, edit.lightness, ...edit.layers, ...edit.maps.map(map => map.data)];
        postMessage({edit}, {transfer: [...new Set(arrays.map(each => each.buffer))]});
    } catch (error) {
        postMessage({error: errorText(error)});
    }
});
postMessage({ready: true}); // earlier messages would be lost
