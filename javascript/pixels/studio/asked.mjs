/** The maps that only Python can make, asked for when they are first shown. */

/**
 * @import {Answer, Ask, Exemplar, Group} from '../types.d.ts'
 * @import {MapName} from './model.mjs'
 */

const {inWords} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {sparse} = await import('../schema.mjs' + new URL(import.meta.url).search);
const {mapKey} = await import('./model.mjs' + new URL(import.meta.url).search);

/**
 * `source()` is the address of the picture that is edited and `png()` promises it as a text; `whiteMeans()` tells how the
 * user's maps are read, `short` names pictures. `answered()` is called when there is something new.
 * @param {{
 *     schema: Group, ask: Ask, source: () => string | null, png: () => Promise<string>, whiteMeans: () => string,
 *     short: (text: string) => string, answered: () => void,
 * }} studio
 */
export function askedMaps({schema, ask, source, png, whiteMeans, short, answered}) {
    /** What was asked for; null while there is no answer. @type {Map<string, Answer | null>} */
    const made = new Map();
    /** @type {(item: Exemplar, name: MapName) => string} */
    const keyOf = (item, name) => mapKey(item, name, source(), whiteMeans(), short);

    /**
     * Have Python make a map, once for what it depends on.
     * @type {(item: Exemplar, name: MapName) => Promise<void>}
     */
    async function want(item, name) {
        const key = keyOf(item, name);
        if (made.has(key)) return;
        made.set(key, null);
        try {
            const request = {white_means: whiteMeans(), exemplars: [item]};
            made.set(key, await ask({request: sparse(request, schema), field: name, source: await png()}));
        } catch (error) {
            made.set(key, {problem: inWords(error)});
        }
        answered();
    }

    return {
        want,
        /** @type {(item: Exemplar, name: MapName) => string | undefined} */
        picture: (item, name) => made.get(keyOf(item, name))?.map,
        /**
         * What is to be said about a map; '' if all is well.
         * @type {(item: Exemplar, name: MapName) => string}
         */
        said(item, name) {
            const answer = made.get(keyOf(item, name));
            return answer ? answer.problem ?? '' : 'The WebUI is making its map …';
        },
    };
}
