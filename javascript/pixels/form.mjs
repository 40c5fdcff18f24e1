/** The form of the request: objects with their images, fields and folds, and the list of exemplars with a card for each. */

const {alertLine, button, element, uniqueId, errorText} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {fieldControl, mapSlot, imageSlot} = await import('./fields.mjs' + new URL(import.meta.url).search);
const {EXEMPLAR_UPLOAD, MAP_UPLOAD} = await import('./images.mjs' + new URL(import.meta.url).search);
const {isGroup, isList, isMapField, isImageField, missingTitles, withoutDefaults} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {acceptImages} = await import('./drop_and_paste.mjs' + new URL(import.meta.url).search);

/**
 * The form of `owner` (changed in place) as the schema has it, lists of objects left to the caller: `node`, and the
 * image slots in order. What it shows may be changed anywhere, in the studio or in another form: all of it follows `edit`.
 * @type {Fn.form}
 */
export function form(schema, owner, changed, edit) {
    /** @type {{images: HTMLElement[], fields: HTMLElement[], folds: HTMLElement[]}} */
    const parts = {images: [], fields: [], folds: []};
    /** @type {Slot[]} */
    const slots = [];

    /** @type {Fn.part} */
    function part(name, inner) {
        if (isGroup(inner)) {
            const node = foldedGroup(name, inner, owner[name] ??= {}, changed, edit);
            parts.folds.push(node);
            return node;
        }
        if (isMapField(inner) || isImageField(inner)) {
            const made = isMapField(inner) ? mapSlot(name, inner, owner, {
                form: (way, value, tell) => form(way, value, tell, edit), limits: MAP_UPLOAD, changed,
                remark: about => polarityText(about, owner[inner['x-shaping'] ?? '']?.invert, edit.state.white_means === 'edit'),
            }) : imageSlot(name, inner, owner, {
                changed, ...('source' in owner ? {limits: MAP_UPLOAD} : {limits: EXEMPLAR_UPLOAD, more: (/** @type {Blob[]} */ files) => edit.add(files, owner)}),
            });
            edit.followers.add(() => made.follow());
            slots.push(made);
            parts.images.push(made.node);
            return made.node;
        }
        const {node, follow} = fieldControl(name, inner, owner, changed);
        edit.followers.add(follow);
        parts.fields.push(node);
        return node;
    }

    for (const [name, inner] of Object.entries(schema.properties)) {
        if (isList(inner) || 'const' in inner) continue;
        const node = part(name, inner);
        const needs = inner['x-needs'];
        if (needs) subscribe(edit, () => { node.hidden = owner[needs] == null; });
    }
    const node = element('div', {class: 'pixels-form'});
    if (slots.length) node.append(element('div', {class: 'pixels-images'}, ...parts.images));
    if (parts.fields.length) node.append(element('div', {class: 'pixels-fields'}, ...parts.fields));
    node.append(...parts.folds);
    return {node, slots};
}

/** Do it now, and after every change. @type {Fn.subscribe} */
function subscribe(edit, does) {
    edit.followers.add(does);
    does();
}

/** A group under its title, which also tells how many of its fields differ from their defaults. @type {Fn.foldedGroup} */
function foldedGroup(name, schema, owner, changed, edit) {
    const badge = element('span', {class: 'pixels-badge'});
    const summary = element('summary', {title: schema.description}, schema.title ?? name, badge);
    subscribe(edit, () => {
        const differing = Object.keys(withoutDefaults(owner, schema)).length;
        badge.textContent = differing ? `${differing} changed` : '';
    });
    return element('details', {class: 'pixels-fold', 'data-field': name}, summary, form(schema, owner, changed, edit).node);
}

/** Which way round a map is read is the first thing that people get wrong, so every map says it. @type {Fn.polarityText} */
function polarityText(about, inverted, whiteIsExemplar) {
    if (about) return inverted ? `Inverted, so the other way round: ${about}` : about;
    const [keeps, edits] = Boolean(inverted) === whiteIsExemplar ? ['white', 'black'] : ['black', 'white'];
    const words = `${keeps} keeps the source, ${edits} becomes the exemplar`;
    return inverted ? `Inverted: ${words}` : words[0].toUpperCase() + words.slice(1);
}

/**
 * The cards for `items`, a list of objects that is changed in place; `changed(true)` tells of it, and that undoing it is a
 * step of its own.
 * @type {Fn.exemplarCards}
 */
export function exemplarCards(schema, items, changed, edit) {
    const most = schema.maxItems ?? Infinity;
    const list = element('ol', {class: 'pixels-cards', 'aria-label': schema.title});
    const add = button('Add an exemplar', () => insert(items.length, {}).focus(), 'Add an exemplar, or drop images here', {class: 'pixels-add'});
    const adding = element('div', {class: 'pixels-add-row'}, add);
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
        reordered();
        return card;
    }

    /** @param {number} index */
    const duplicate = index => insert(index + 1, structuredClone(items[index]));

    /** @type {Fn.move} */
    function move(from, by) {
        const to = from + by;
        items.splice(to, 0, ...items.splice(from, 1));
        shown.splice(to, 0, ...shown.splice(from, 1));
        list.insertBefore(shown[to].node, shown[to + 1]?.node ?? null);
        reordered();
    }

    /** @param {number} index */
    function remove(index) {
        items.splice(index, 1);
        for (const card of shown.splice(index, 1)) card.node.remove();
        reordered();
    }

    function reordered() {
        number();
        changed(true);
    }

    function number() {
        shown.forEach((card, i) => card.number(i, items.length, most));
        add.disabled = items.length >= most;
    }

    acceptImages(adding, async files => {
        trouble.say('');
        try {
            await edit.add(files);
        } catch (error) {
            trouble.say(errorText(error));
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
            if (fitting.length) reordered();
            const left = given.length - fitting.length;
            return left ? `There can be at most ${most} exemplars; ${left} of the images had no room.` : '';
        },
    };
}

/** @type {Fn.exemplarCard} */
function exemplarCard(schema, item, changed, edit, does) {
    const heading = element('span', {class: 'pixels-heading', id: uniqueId(), role: 'heading', 'aria-level': 3});
    const lacks = element('span', {class: 'pixels-missing', 'aria-live': 'polite'});
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
        element('div', {class: 'pixels-card-header'}, heading, lacks, element('div', {class: 'pixels-actions'}, ...Object.values(buttons))),
        inside.node,
    );

    subscribe(edit, () => {
        const titles = missingTitles(item, schema);
        const words = [titles.length ? `needs ${titles.join(' and ')}` : '', hasMissingImage(item) ? 'image missing' : ''].filter(Boolean).join('; ');
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

/** Whether an image, or one in a part of an exemplar, is not here: the request has its hash alone. @type {Fn.hasMissingImage} */
const hasMissingImage = value => (typeof value === 'string' ? value.startsWith('sha256:') : Object.values(value ?? {}).some(hasMissingImage));
