/** The form of one object of the request: its pictures side by side, its fields, and a fold for each of its groups. */

/** @import {Edit, Group, Owner, Slot} from './types.d.ts' */

const {element} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {EXEMPLAR, MAP} = await import('./pictures.mjs' + new URL(import.meta.url).search);
const {isGroup, isList, isMade, isPicture, sparse} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {field} = await import('./field.mjs' + new URL(import.meta.url).search);
const {mapSlot} = await import('./mapslot.mjs' + new URL(import.meta.url).search);
const {slot} = await import('./slot.mjs' + new URL(import.meta.url).search);

/**
 * The form of `owner` (changed in place) as the schema has it, lists of objects left to the caller: `node`, and the
 * picture slots in order. `edit.state` is the whole request, and `edit.followers`, a set, gets what has to be called
 * when something in it changes: how a map is read stands at another place than the map.
 * @type {(schema: Group, owner: Owner, changed: () => void, edit?: Edit) => {node: HTMLElement, slots: Slot[]}}
 */
export function form(schema, owner, changed, edit = {state: owner, followers: new Set()}) {
    const pictures = element('div', {class: 'pixels-pictures'});
    const fields = element('div', {class: 'pixels-fields'});
    /** @type {HTMLElement[]} */
    const folds = [];
    /** @type {Slot[]} */
    const slots = [];
    /** @type {(() => void)[]} */
    const followers = [];
    /** @type {(() => void)[]} */
    const dependent = [];
    const changedHere = () => {
        for (const follow of followers) follow();
        changed();
    };
    for (const [name, inner] of Object.entries(schema.properties)) {
        if (isList(inner) || 'const' in inner) continue;
        /** @type {HTMLElement} */
        let node;
        if (isGroup(inner)) {
            const made = fold(name, inner, owner[name] ??= {}, changedHere, edit);
            followers.push(made.count);
            folds.push(node = made.node);
        } else if (isMade(inner)) {
            const made = mapSlot(name, inner, owner, {
                form: (way, value, tell) => form(way, value, tell, edit), use: MAP, changed: changedHere,
                remark: about => inWords(about, owner[inner['x-shaping'] ?? '']?.invert, edit.state.white_means === 'edit'),
            });
            edit.followers.add(made.follow);
            slots.push(made);
            node = made.node;
        } else if (isPicture(inner)) {
            const made = slot(name, inner, owner, {use: name === 'image' && 'source' in owner ? MAP : EXEMPLAR, changed: changedHere});
            slots.push(made);
            node = made.node;
        } else {
            const made = field(name, inner, owner, changedHere);
            edit.followers.add(made.follow);
            fields.append(node = made.node);
        }
        const needs = inner['x-needs'];
        if (needs) dependent.push(() => { node.hidden = owner[needs] == null; });
    }
    followers.push(...dependent);
    for (const follow of dependent) follow();
    pictures.append(...slots.map(each => each.node));
    const parts = [pictures, fields, ...folds].filter(part => part.childElementCount);
    return {node: element('div', {class: 'pixels-form'}, ...parts), slots};
}

/**
 * A group under its title, which also tells how many of its fields differ from their defaults.
 * @type {(name: string, schema: Group, owner: Owner, changed: () => void, edit: Edit) => {node: HTMLElement, count: () => void}}
 */
function fold(name, schema, owner, changed, edit) {
    const badge = element('span', {class: 'pixels-badge'});
    const count = () => {
        const differing = Object.keys(sparse(owner, schema)).length;
        badge.textContent = differing ? `${differing} changed` : '';
    };
    const inside = form(schema, owner, changed, edit);
    const summary = element('summary', {title: schema.description}, schema.title ?? name, badge);
    count();
    return {node: element('details', {class: 'pixels-fold', 'data-field': name}, summary, inside.node), count};
}

/**
 * Which way round a map is read is the first thing that people get wrong, so every map says it.
 * @type {(about: string | undefined, inverted: boolean | undefined, whiteEdits: boolean) => string}
 */
function inWords(about, inverted, whiteEdits) {
    if (about) return inverted ? `Inverted, so the other way round: ${about}` : about;
    const words = Boolean(inverted) === Boolean(whiteEdits)
        ? 'White keeps the source, black becomes the exemplar'
        : 'Black keeps the source, white becomes the exemplar';
    return inverted ? `Inverted: ${words[0].toLowerCase()}${words.slice(1)}` : words;
}
