/** The form of the request: objects with their pictures, fields and folds, and the list of exemplars with a card for each. */

const {alertLine, button, element, freshId, inWords} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {field, mapSlot, slot} = await import('./field.mjs' + new URL(import.meta.url).search);
const {EXEMPLAR, MAP} = await import('./pictures.mjs' + new URL(import.meta.url).search);
const {isGroup, isList, isMade, isPicture, missing, sparse} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {takePictures} = await import('./transfer.mjs' + new URL(import.meta.url).search);

/**
 * The form of `owner` (changed in place) as the schema has it, lists of objects left to the caller: `node`, and the
 * picture slots in order. What it shows may be changed anywhere, in the studio or in another form: all of it follows `edit`.
 * @type {Does.form}
 */
export function form(schema, owner, changed, edit) {
    /** @type {{pictures: HTMLElement[], fields: HTMLElement[], folds: HTMLElement[]}} */
    const parts = {pictures: [], fields: [], folds: []};
    /** @type {Slot[]} */
    const slots = [];

    /** @type {Does.part} */
    function part(name, inner) {
        if (isGroup(inner)) {
            const node = fold(name, inner, owner[name] ??= {}, changed, edit);
            parts.folds.push(node);
            return node;
        }
        if (isMade(inner) || isPicture(inner)) {
            const made = isMade(inner) ? mapSlot(name, inner, owner, {
                form: (way, value, tell) => form(way, value, tell, edit), use: MAP, changed,
                remark: about => howRead(about, owner[inner['x-shaping'] ?? '']?.invert, edit.state.white_means === 'exemplar'),
            }) : slot(name, inner, owner, {
                changed, ...('type' in owner ? {use: MAP} : {use: EXEMPLAR, more: (/** @type {Blob[]} */ files) => edit.add(files, owner)}),
            });
            edit.followers.add(() => made.follow());
            slots.push(made);
            parts.pictures.push(made.node);
            return made.node;
        }
        const {node, follow} = field(name, inner, owner, changed);
        edit.followers.add(follow);
        parts.fields.push(node);
        return node;
    }

    for (const [name, inner] of Object.entries(schema.properties)) {
        if (isList(inner) || 'const' in inner) continue;
        const node = part(name, inner);
        const needs = inner['x-needs'];
        if (needs) following(edit, () => { node.hidden = owner[needs] == null; });
    }
    const node = element('div', {class: 'pixels-form'});
    if (slots.length) node.append(element('div', {class: 'pixels-pictures'}, ...parts.pictures));
    if (parts.fields.length) node.append(element('div', {class: 'pixels-fields'}, ...parts.fields));
    node.append(...parts.folds);
    return {node, slots};
}

/** Do it now, and after every change. @type {Does.following} */
function following(edit, does) {
    edit.followers.add(does);
    does();
}

/** A group under its title, which also tells how many of its fields differ from their defaults. @type {Does.fold} */
function fold(name, schema, owner, changed, edit) {
    const badge = element('span', {class: 'pixels-badge'});
    const summary = element('summary', {title: schema.description}, schema.title ?? name, badge);
    following(edit, () => {
        const differing = Object.keys(sparse(owner, schema)).length;
        badge.textContent = differing ? `${differing} changed` : '';
    });
    return element('details', {class: 'pixels-fold', 'data-field': name}, summary, form(schema, owner, changed, edit).node);
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
    function place(index, item) {
        const card = draw(item);
        items.splice(index, 0, item);
        shown.splice(index, 0, card);
        list.insertBefore(card.node, list.children[index] ?? null);
        return card;
    }

    /** @type {(index: number, item: Owner) => Card} */
    function insert(index, item) {
        const card = place(index, item);
        rearranged();
        return card;
    }

    /** @param {number} index */
    const duplicate = index => insert(index + 1, structuredClone(items[index]));

    /** @type {Does.move} */
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
            await edit.add(files);
        } catch (error) {
            trouble.say(inWords(error));
        }
    });
    list.append(...shown.map(card => card.node));
    number();
    return {
        node: element('div', {}, list, adding, trouble.node), duplicate, move, remove,
        add(given, after) {
            const at = items.indexOf(after ?? {}) + 1 || items.length;
            const fitting = given.slice(0, most - items.length);
            fitting.forEach(({text, note}, i) => place(at + i, {image: text}).said(note));
            if (fitting.length) rearranged();
            const left = given.length - fitting.length;
            return left ? `There can be at most ${most} exemplars; ${left} of the pictures had no room.` : '';
        },
    };
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
    const inside = form(schema, item, changed, edit);
    const node = element(
        'li', {class: 'pixels-card', 'aria-labelledby': heading.id},
        element('div', {class: 'pixels-head'}, heading, lacks, element('div', {class: 'pixels-actions'}, ...Object.values(buttons))),
        inside.node,
    );

    following(edit, () => {
        const titles = missing(item, schema);
        const words = [titles.length ? `needs ${titles.join(' and ')}` : '', isGone(item) ? 'picture missing' : ''].filter(Boolean).join('; ');
        if (lacks.textContent !== words) lacks.textContent = words; // else screen readers would say it again
    });
    return {
        node,
        said: note => inside.slots[0]?.follow(note),
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

/** Whether a picture, or one in a part of an exemplar, is not here: the request has its hash alone. @type {Does.isGone} */
const isGone = value => (typeof value === 'string' ? value.startsWith('sha256:') : Object.values(value ?? {}).some(isGone));
