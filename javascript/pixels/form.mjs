/** The form of one object of the request: its pictures side by side, its fields, and a fold for each of its groups. */

const {element} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {EXEMPLAR, MAP} = await import('./pictures.mjs' + new URL(import.meta.url).search);
const {isGroup, isList, isPicture, sparse} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {field} = await import('./field.mjs' + new URL(import.meta.url).search);
const {slot} = await import('./slot.mjs' + new URL(import.meta.url).search);

/**
 * The form of `owner` (changed in place) as the schema has it, lists of objects left to the caller: `node`, and the
 * picture slots in order.
 */
export function form(schema, owner, changed) {
    const pictures = element('div', {class: 'pixels-pictures'});
    const fields = element('div', {class: 'pixels-fields'});
    const folds = [];
    const slots = [];
    const followers = [];
    const changedHere = () => {
        for (const follow of followers) follow();
        changed();
    };
    for (const [name, inner] of Object.entries(schema.properties)) {
        if (isList(inner)) continue;
        if (isGroup(inner)) {
            const made = fold(name, inner, owner[name] ??= {}, changedHere);
            folds.push(made.node);
            followers.push(made.count);
        } else if (isPicture(inner)) {
            const {remark, use, follow} = name === 'edit_map' ? forMap(owner) : {use: EXEMPLAR};
            if (follow) followers.push(follow);
            slots.push(slot(name, inner, owner, {use, remark, changed: changedHere}));
        } else {
            fields.append(field(name, inner, owner, changedHere));
        }
    }
    pictures.append(...slots.map(each => each.node));
    const parts = [pictures, fields, ...folds].filter(part => part.childElementCount);
    return {node: element('div', {class: 'pixels-form'}, ...parts), slots};
}

/** A group under its title, which also tells how many of its fields differ from their defaults. */
function fold(name, schema, owner, changed) {
    const badge = element('span', {class: 'pixels-badge'});
    const count = () => {
        const differing = Object.keys(sparse(owner, schema)).length;
        badge.textContent = differing ? `${differing} changed` : '';
    };
    const inside = form(schema, owner, changed);
    const summary = element('summary', {title: schema.description}, schema.title ?? name, badge);
    count();
    return {node: element('details', {class: 'pixels-fold', 'data-field': name}, summary, inside.node), count};
}

/** Which way round a map is read is the first thing that people get wrong, so every map says it. */
function forMap(exemplar) {
    const remark = element('p', {class: 'pixels-remark'});
    const follow = () => {
        remark.textContent = exemplar.shaping?.invert
            ? 'Inverted: black keeps the source, white becomes the exemplar'
            : 'White keeps the source, black becomes the exemplar';
    };
    follow();
    return {use: MAP, remark, follow};
}
