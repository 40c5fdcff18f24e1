/** The form of the request: images, fields, folded groups, and the list of exemplars with a card for each. */

const {alertLine, button, element, errorText, setText, uniqueId} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {fieldControl, mapSlot, imageSlot} = await import('./fields.mjs' + new URL(import.meta.url).search);
const {EXEMPLAR_UPLOAD, MAP_UPLOAD} = await import('./images.mjs' + new URL(import.meta.url).search);
const {isGroup, isList, isMapField, isImageField, missingTitles, withoutDefaults} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {acceptImages} = await import('./drop_and_paste.mjs' + new URL(import.meta.url).search);

/**
 * The form of `owner`, which is changed in place: `node`, and the image slots in order. Lists of objects are left to the caller.
 * The form updates itself when the edit is changed elsewhere (in the studio, in another form).
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
            const slot = isMapField(inner) ? mapSlot(name, inner, owner, {
                form: (type, value, onChange) => form(type, value, onChange, edit), limits: MAP_UPLOAD, changed,
                remark: about => polarityText(about, owner[inner['x-shaping'] ?? '']?.invert, edit.state.white_means === 'exemplar'),
            }) : imageSlot(name, inner, owner, {
                changed, ...('type' in owner ? {limits: MAP_UPLOAD}
                    : {limits: EXEMPLAR_UPLOAD, more: (/** @type {Blob[]} */ files) => edit.add(files, owner)}),
            });
            edit.listeners.add(() => slot.update());
            slots.push(slot);
            parts.images.push(slot.node);
            return slot.node;
        }
        const {node, update} = fieldControl(name, inner, owner, changed);
        edit.listeners.add(update);
        parts.fields.push(node);
        return node;
    }

    for (const [name, inner] of Object.entries(schema.properties)) {
        if (isList(inner) || 'const' in inner) continue;
        const node = part(name, inner);
        const needs = inner['x-needs'];
        if (needs) subscribe(edit, () => { node.hidden = !owner[needs]; });
    }
    const node = element('div', {class: 'pixels-form'});
    if (slots.length) node.append(element('div', {class: 'pixels-images'}, ...parts.images));
    if (parts.fields.length) node.append(element('div', {class: 'pixels-fields'}, ...parts.fields));
    node.append(...parts.folds);
    return {node, slots};
}

/** Call `listener` now and after every change. @type {Fn.subscribe} */
function subscribe(edit, listener) {
    edit.listeners.add(listener);
    listener();
}

/** A group under its title, with the number of fields that differ from their defaults. @type {Fn.foldedGroup} */
function foldedGroup(name, schema, owner, changed, edit) {
    const badge = element('span', {class: 'pixels-badge'});
    const summary = element('summary', {title: schema.description}, schema.title ?? name, badge);
    subscribe(edit, () => {
        const differing = Object.keys(withoutDefaults(owner, schema)).length;
        badge.textContent = differing ? `${differing} changed` : '';
    });
    return element('details', {class: 'pixels-fold', 'data-field': name}, summary, form(schema, owner, changed, edit).node);
}

/** Which of white and black keeps the source: every map says it, since tools differ. @type {Fn.polarityText} */
function polarityText(description, inverted, whiteIsExemplar) {
    if (description) return inverted ? `Inverted (black and white swapped): ${description}` : description;
    const [source, exemplar] = Boolean(inverted) === whiteIsExemplar ? ['white', 'black'] : ['black', 'white'];
    const text = `${source} keeps the source, ${exemplar} becomes the exemplar`;
    return inverted ? `Inverted: ${text}` : text[0].toUpperCase() + text.slice(1);
}

/**
 * The cards for `items`, which is changed in place; then `changed(true)` is called: undoing it is a step of its own.
 * @type {Fn.exemplarCards}
 */
export function exemplarCards(schema, items, changed, edit) {
    const max = schema.maxItems ?? Infinity;
    const list = element('ol', {class: 'pixels-cards', 'aria-label': schema.title});
    const add = button('Add an exemplar', () => insert(items.length, {}).focus(), 'Add an exemplar, or drop images here', {class: 'pixels-add'});
    const addRow = element('div', {class: 'pixels-add-row'}, add);
    const error = alertLine();
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
    function insertCard(index, item) {
        const card = draw(item);
        items.splice(index, 0, item);
        shown.splice(index, 0, card);
        list.insertBefore(card.node, list.children[index] ?? null);
        return card;
    }

    /** @type {(index: number, item: Owner) => Card} */
    function insert(index, item) {
        const card = insertCard(index, item);
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
        shown.forEach((card, i) => card.number(i, items.length, max));
        add.disabled = items.length >= max;
    }

    acceptImages(addRow, async files => {
        error.show('');
        try {
            await edit.add(files);
        } catch (problem) {
            error.show(errorText(problem));
        }
    });
    list.append(...shown.map(card => card.node));
    number();
    return {
        node: element('div', {}, list, addRow, error.node), duplicate, move, remove,
        add(uploads, after) {
            const at = items.indexOf(after ?? {}) + 1 || items.length;
            const added = uploads.slice(0, max - items.length);
            added.forEach(({text, note}, i) => insertCard(at + i, {image: text}).showNote(note));
            if (added.length) reordered();
            const left = uploads.length - added.length;
            return left ? `There can be at most ${max} exemplars; ${left} of the images were not added.` : '';
        },
    };
}

/** @type {Fn.exemplarCard} */
function exemplarCard(schema, item, changed, edit, actions) {
    const heading = element('span', {class: 'pixels-heading', id: uniqueId(), role: 'heading', 'aria-level': 3});
    const missing = element('span', {class: 'pixels-missing', 'aria-live': 'polite'});
    const which = {'aria-describedby': heading.id}; // for screen readers that list all buttons
    /** @type {Record<CardAction, HTMLButtonElement>} */
    const buttons = {
        up: button('↑', () => actions.move(-1), 'Move up (one layer lower)', which),
        down: button('↓', () => actions.move(1), 'Move down (one layer higher)', which),
        duplicate: button('Duplicate', actions.duplicate, '', which),
        remove: button('Remove', actions.remove, '', which),
    };
    const fields = form(schema, item, changed, edit);
    const node = element(
        'li', {class: 'pixels-card', 'aria-labelledby': heading.id},
        element('div', {class: 'pixels-card-header'}, heading, missing, element('div', {class: 'pixels-actions'}, ...Object.values(buttons))),
        fields.node,
    );

    subscribe(edit, () => {
        const titles = missingTitles(item, schema);
        const text = [titles.length ? `needs ${titles.join(' and ')}` : '', hasMissingImage(item) ? 'image missing' : ''].filter(Boolean).join('; ');
        setText(missing, text);
    });
    return {
        node,
        showNote: note => fields.slots[0]?.update(note),
        number(index, count, max) {
            heading.textContent = `Exemplar ${index + 1}`;
            buttons.up.disabled = index === 0;
            buttons.down.disabled = index === count - 1;
            buttons.duplicate.disabled = count >= max;
        },
        focus(action) {
            const wanted = action && buttons[action];
            const other = node.querySelector(action ? '.pixels-actions button:enabled' : '.pixels-drop, input, select');
            (wanted?.disabled === false ? wanted : /** @type {HTMLElement | null} */ (other))?.focus();
        },
    };
}

/** Whether the request has only the hash of an image. @type {Fn.hasMissingImage} */
const hasMissingImage = value => (typeof value === 'string' ? value.startsWith('sha256:') : Object.values(value ?? {}).some(hasMissingImage));
