/** The place for an edit map: a picture, or one of the ways of making a map, with the fields of that way. */

/** @import {Group, Owner, Schema, Slot, Use} from './types.d.ts' */

const {element, freshId} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {isGroup, madeBy, sourceOf} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {slot} = await import('./slot.mjs' + new URL(import.meta.url).search);

const PICTURE = 'picture given';
const NONE = 'none';

/**
 * The field `name` of `owner`, which is changed in place. `form(schema, owner, changed)` draws the fields of a way of
 * making a map. `remark(about)` tells in words which way round the map is read, `use` how large pictures are reduced.
 * What was set for a way is kept when another one is chosen, and is there again when the user comes back to it.
 * `follow()` of the result has to be called when something changed; `take(files)` puts a picture in.
 * @param {string} name
 * @param {Schema} schema
 * @param {Owner} owner
 * @param {{form: (way: Group, made: Owner, tell: () => void) => {node: HTMLElement}, use: Use, remark: (about?: string) => string, changed: () => void}} edit
 * @returns {Slot & {follow: () => void}}
 */
export function mapSlot(name, schema, owner, {form, use, remark, changed}) {
    const title = schema.title ?? name;
    const optional = 'default' in schema;
    const ways = schema.anyOf?.filter(isGroup) ?? [];
    const faces = [
        {value: PICTURE, face: 'Picture given here'}, ...ways.map(way => ({value: sourceOf(way), face: way.title ?? sourceOf(way)})),
    ];
    if (optional) faces.unshift({value: NONE, face: 'None'});
    const select = element(
        'select', {id: freshId(), 'aria-label': `${title}: made from`, title: schema.description, on: {change: () => choose(select.value)}},
        ...faces.map(({value, face}) => element('option', {value}, face)),
    );
    const said = element('p', {class: 'pixels-remark'});
    const body = element('div', {class: 'pixels-made'});
    const node = element(
        'div', {class: 'pixels-map', 'data-map': name},
        element('div', {class: 'pixels-label'}, element('label', {for: select.id}, `${title} from`)), select, body,
    );
    const kept = new Map();
    /** @type {ReturnType<typeof slot> | null} */
    let picture = null;
    /** @type {unknown} */
    let drawn;

    /** @type {() => string} */
    function current() {
        const value = owner[name];
        if (typeof value === 'string') return PICTURE;
        return value == null ? (optional ? NONE : PICTURE) : value.source;
    }

    /** @type {(way: string) => void} */
    function choose(way) {
        if (owner[name] != null) kept.set(current(), owner[name]);
        if (kept.has(way)) owner[name] = kept.get(way);
        else if (way === PICTURE || way === NONE) delete owner[name];
        else owner[name] = {source: way};
        draw(way);
        changed();
    }

    /** @type {(way: string) => void} */
    function draw(way) {
        select.value = way;
        picture = null;
        drawn = owner[name];
        if (way === PICTURE) {
            picture = slot(name, schema, owner, {use, remark: said, changed});
            body.replaceChildren(picture.node);
        } else if (way === NONE) {
            body.replaceChildren();
        } else {
            const chosen = ways.find(each => sourceOf(each) === way);
            body.replaceChildren(said, chosen ? form(chosen, owner[name], changed).node : '');
        }
        follow();
    }

    function follow() {
        if (owner[name] !== drawn) { // painted in the studio, or a picture that came into the slot
            if (typeof owner[name] !== 'string' || current() !== select.value || !picture) return draw(current());
            drawn = owner[name];
            picture.show();
        }
        const way = typeof owner[name] === 'object' ? madeBy(owner[name], schema) : null;
        said.textContent = remark(way?.description);
    }

    draw(current());
    return {
        node, follow,
        take(files) {
            if (!picture) choose(PICTURE);
            return picture?.take(files);
        },
    };
}
