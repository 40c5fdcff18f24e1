/** The form of the request: objects with their pictures, fields and folds, and the list of exemplars with a card for each. */

const {alertLine, button, element, freshId, inWords} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {field} = await import('./field.mjs' + new URL(import.meta.url).search);
const {EXEMPLAR, MAP, takePictures} = await import('./pictures.mjs' + new URL(import.meta.url).search);
const {isGroup, isList, isMade, isPicture, missing, sparse} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {mapSlot, slot} = await import('./slots.mjs' + new URL(import.meta.url).search);

/**
 * The form of `owner` (changed in place) as the schema has it, lists of objects left to the caller: `node`, and the
 * picture slots in order. How a map is read stands at another place of the request than the map: `edit` knows.
 * @type {Does.form}
 */
export function form(schema, owner, changed, edit) {
    /** @type {{pictures: HTMLElement[], fields: HTMLElement[], folds: HTMLElement[]}} */
    const parts = {pictures: [], fields: [], folds: []};
    /** @type {Slot[]} */
    const slots = [];
    /** What follows changes in this form alone. @type {(() => void)[]} */
    const followers = [];
    const changedHere = () => {
        for (const follow of followers) follow();
        changed();
    };

    /** @type {(name: string, inner: Schema) => HTMLElement} */
    function part(name, inner) {
        if (isGroup(inner)) {
            const {node, count} = fold(name, inner, owner[name] ??= {}, changedHere, edit);
            followers.push(count);
            parts.folds.push(node);
            return node;
        }
        if (isMade(inner) || isPicture(inner)) {
            const made = isMade(inner) ? mapSlot(name, inner, owner, {
                form: (way, value, tell) => form(way, value, tell, edit), use: MAP, changed: changedHere,
                remark: about => howRead(about, owner[inner['x-shaping'] ?? '']?.invert, edit.state.white_means === 'edit'),
            }) : slot(name, inner, owner, {use: name === 'image' && 'source' in owner ? MAP : EXEMPLAR, changed: changedHere});
            if (isMade(inner)) edit.followers.add(made.follow);
            slots.push(made);
            parts.pictures.push(made.node);
            return made.node;
        }
        const {node, follow} = field(name, inner, owner, changedHere);
        edit.followers.add(follow);
        parts.fields.push(node);
        return node;
    }

    for (const [name, inner] of Object.entries(schema.properties)) {
        if (isList(inner) || 'const' in inner) continue;
        const node = part(name, inner);
        const needs = inner['x-needs'];
        if (needs) followers.push(() => { node.hidden = owner[needs] == null; });
    }
    for (const follow of followers) follow();
    const node = element('div', {class: 'pixels-form'});
    if (slots.length) node.append(element('div', {class: 'pixels-pictures'}, ...parts.pictures));
    if (parts.fields.length) node.append(element('div', {class: 'pixels-fields'}, ...parts.fields));
    node.append(...parts.folds);
    return {node, slots};
}

/** A group under its title, which also tells how many of its fields differ from their defaults. @type {Does.fold} */
function fold(name, schema, owner, changed, edit) {
    const badge = element('span', {class: 'pixels-badge'});
    const summary = element('summary', {title: schema.description}, schema.title ?? name, badge);
    return {
        node: element('details', {class: 'pixels-fold', 'data-field': name}, summary, form(schema, owner, changed, edit).node),
        count() {
            const differing = Object.keys(sparse(owner, schema)).length;
            badge.textContent = differing ? `${differing} changed` : '';
        },
    };
}

/** Which way round a map is read is the first thing that people get wrong, so every map says it. @type {Does.howRead} */
function howRead(about, inverted, whiteEdits) {
    if (about) return inverted ? `Inverted, so the other way round: ${about}` : about;
    const [keeps, edits] = Boolean(inverted) === whiteEdits ? ['white', 'black'] : ['black', 'white'];
    const words = `${keeps} keeps the source, ${edits} becomes the exemplar`;
    return inverted ? `Inverted: ${words}` : words[0].toUpperCase() + words.slice(1);
}

/**
 * The cards for `items`, a list of objects that is changed in place; `changed(true)` tells of it, and that undoing it is a
 * step of its own.
 * @type {Does.cards}
 */
export function cards(schema, items, changed, edit) {
    const most = schema.maxItems ?? Infinity;
    const list = element('ol', {class: 'pixels-cards', 'aria-label': schema.title});
    const add = button('Add an exemplar', () => insert(items.length, {}).focus(), 'Add an exemplar, or drop pictures here', {class: 'pixels-add'});
    const adding = element('div', {class: 'pixels-adding'}, add);
    const trouble = alertLine();
    const shown = items.map(draw);

    /** @type {(item: Owner) => Card} */
    function draw(item) {
        const here = () => items.indexOf(item);
        const card = exemplarCard(schema.items, item, changed, edit, {
            move(by) {
                move(here(), by);
                card.focus(by < 0 ? 'up' : 'down');
            },
            duplicate: () => duplicate(here()).focus(),
            remove() {
                const index = here();
                remove(index);
                const next = shown[Math.min(index, shown.length - 1)];
                if (next) next.focus('remove');
                else add.focus();
            },
        });
        return card;
    }

    /** @type {(index: number, item: Owner) => Card} */
    function insert(index, item) {
        const card = draw(item);
        items.splice(index, 0, item);
        shown.splice(index, 0, card);
        list.insertBefore(card.node, list.children[index] ?? null);
        rearranged();
        return card;
    }

    /** @param {number} index */
    const duplicate = index => insert(index + 1, structuredClone(items[index]));

    /** @type {(from: number, by: number) => void} */
    function move(from, by) {
        const to = from + by;
        items.splice(to, 0, ...items.splice(from, 1));
        shown.splice(to, 0, ...shown.splice(from, 1));
        list.insertBefore(shown[to].node, shown[to + 1]?.node ?? null);
        rearranged();
    }

    /** @param {number} index */
    function remove(index) {
        items.splice(index, 1);
        for (const card of shown.splice(index, 1)) card.node.remove();
        rearranged();
    }

    function rearranged() {
        number();
        changed(true);
    }

    function number() {
        shown.forEach((card, i) => card.number(i, items.length, most));
        add.disabled = items.length >= most;
    }

    takePictures(adding, async files => {
        trouble.say('');
        try {
            for (const file of await files) if (items.length < most) insert(items.length, {}).take(Promise.resolve([file]));
        } catch (error) {
            trouble.say(inWords(error));
        }
    }, () => add.disabled);
    list.append(...shown.map(card => card.node));
    number();
    return {node: element('div', {}, list, adding, trouble.node), duplicate, move, remove};
}

/** @type {Does.exemplarCard} */
function exemplarCard(schema, item, changed, edit, does) {
    const heading = element('span', {class: 'pixels-heading', id: freshId(), role: 'heading', 'aria-level': 3});
    const lacks = element('span', {class: 'pixels-lacks', 'aria-live': 'polite'});
    const its = {'aria-describedby': heading.id}; // which exemplar, when a screen reader lists all buttons
    /** @type {Record<CardAction, HTMLButtonElement>} */
    const buttons = {
        up: button('↑', () => does.move(-1), 'Move up (further below the others)', its),
        down: button('↓', () => does.move(1), 'Move down (further on top)', its),
        duplicate: button('Duplicate', does.duplicate, '', its),
        remove: button('Remove', does.remove, '', its),
    };
    const inside = form(schema, item, () => {
        check();
        changed();
    }, edit);
    const node = element(
        'li', {class: 'pixels-card', 'aria-labelledby': heading.id},
        element('div', {class: 'pixels-head'}, heading, lacks, element('div', {class: 'pixels-actions'}, ...Object.values(buttons))),
        inside.node,
    );

    function check() {
        const titles = missing(item, schema);
        const gone = JSON.stringify(item).includes('"sha256:');
        const words = [titles.length ? `needs ${titles.join(' and ')}` : '', gone ? 'picture missing' : ''];
        lacks.textContent = words.filter(Boolean).join('; ');
    }

    check();
    return {
        node,
        take: files => inside.slots[0]?.take(files),
        number(index, count, most) {
            heading.textContent = `Exemplar ${index + 1}`;
            buttons.up.disabled = index === 0;
            buttons.down.disabled = index === count - 1;
            buttons.duplicate.disabled = count >= most;
        },
        focus(action) {
            const wanted = action && buttons[action];
            const other = node.querySelector(action ? '.pixels-actions button:enabled' : '.pixels-drop, input, select');
            (wanted?.disabled === false ? wanted : /** @type {HTMLElement | null} */ (other))?.focus();
        },
    };
}
