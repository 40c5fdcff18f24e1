/** The list of exemplars, one card each: add, duplicate, move, remove. */

/**
 * @import {Edit, Group, List, Owner} from './types.d.ts'
 * @typedef {ReturnType<typeof exemplarCard>} Card
 * @typedef {'up' | 'down' | 'duplicate' | 'remove'} Action
 */

const {button, element, freshId, inWords} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {form} = await import('./form.mjs' + new URL(import.meta.url).search);
const {missing} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {claim, mayHavePicture, picturesIn} = await import('./transfer.mjs' + new URL(import.meta.url).search);

/**
 * The cards for `items`, a list of objects that is changed in place; `changed(apart)` tells of it. `edit` is what `form`
 * wants to know of the rest. Besides `node`, what the studio's strip does with an exemplar too.
 * @param {List} schema
 * @param {Owner[]} items
 * @param {(apart?: boolean) => void} changed
 * @param {Edit} edit
 */
export function cards(schema, items, changed, edit) {
    const most = schema.maxItems ?? Infinity;
    const list = element('ol', {class: 'pixels-cards', 'aria-label': schema.title});
    const add = button('Add an exemplar', null, () => insert(items.length, {}).focus(), {
        class: 'pixels-add', title: 'Add an exemplar, or drop pictures here',
    });
    const adding = element('div', {class: 'pixels-adding', on: {dragover, dragleave, drop}}, add);
    const trouble = element('p', {class: 'pixels-problem', role: 'alert', hidden: true});
    const shown = items.map(draw);

    /** @param {Owner} item */
    function draw(item) {
        const here = () => items.indexOf(item);
        /** @type {Card} */
        const card = exemplarCard(schema.items, item, changed, edit, {
            up() {
                move(here(), -1);
                card.focus('up');
            },
            down() {
                move(here(), 1);
                card.focus('down');
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
        renumber();
        changed(true);
        return card;
    }

    /** @type {(index: number) => Card} */
    const duplicate = index => insert(index + 1, structuredClone(items[index]));

    /** @type {(from: number, by: number) => void} */
    function move(from, by) {
        const to = from + by;
        items.splice(to, 0, ...items.splice(from, 1));
        shown.splice(to, 0, ...shown.splice(from, 1));
        list.insertBefore(shown[to].node, shown[to + 1]?.node ?? null);
        renumber();
        changed(true);
    }

    /** @type {(index: number) => void} */
    function remove(index) {
        items.splice(index, 1);
        for (const card of shown.splice(index, 1)) card.node.remove();
        renumber();
        changed(true);
    }

    function renumber() {
        shown.forEach((card, i) => card.number(i, items.length, most));
        add.disabled = items.length >= most;
    }

    /** @type {(event: DragEvent) => void} */
    function dragover(event) {
        if (add.disabled || !mayHavePicture(event.dataTransfer)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        adding.classList.add('pixels-over');
    }
    function dragleave() {
        adding.classList.remove('pixels-over');
    }
    /** @type {(event: DragEvent) => Promise<void>} */
    async function drop(event) {
        claim(event);
        dragleave();
        trouble.hidden = true;
        try {
            for (const file of await picturesIn(event.dataTransfer)) {
                if (items.length < most) insert(items.length, {}).take(Promise.resolve([file]));
            }
        } catch (error) {
            trouble.textContent = inWords(error);
            trouble.hidden = false;
        }
    }

    list.append(...shown.map(card => card.node));
    renumber();
    return {node: element('div', {}, list, adding, trouble), duplicate, move, remove};
}

/**
 * One exemplar's card. `take(files)` puts a picture into its first slot.
 * @param {Group} schema
 * @param {Owner} item
 * @param {() => void} changed
 * @param {Edit} edit
 * @param {Record<Action, () => void>} actions
 */
function exemplarCard(schema, item, changed, edit, actions) {
    const heading = element('span', {class: 'pixels-heading', id: freshId()});
    const lacks = element('span', {class: 'pixels-lacks', 'aria-live': 'polite'});
    /** @type {Record<Action, HTMLButtonElement>} */
    const buttons = {
        up: button('↑', 'Move up (further below the others)', actions.up),
        down: button('↓', 'Move down (further on top)', actions.down),
        duplicate: button('Duplicate', null, actions.duplicate),
        remove: button('Remove', null, actions.remove),
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

    /** @type {(index: number, count: number, most: number) => void} */
    function number(index, count, most) {
        heading.textContent = `Exemplar ${index + 1}`;
        buttons.up.disabled = index === 0;
        buttons.down.disabled = index === count - 1;
        buttons.duplicate.disabled = count >= most;
    }

    /**
     * Focus the button for an action, or its neighbour if that cannot be pressed now; without one, the first slot.
     * @type {(action?: Action) => void}
     */
    function focus(action) {
        const target = action && !buttons[action].disabled ? buttons[action] : null;
        const other = node.querySelector(action ? '.pixels-actions button:enabled' : '.pixels-drop, input, select');
        (target ?? /** @type {HTMLElement | null} */ (other))?.focus();
    }

    check();
    return {node, number, focus, take: (/** @type {Promise<Blob[]>} */ files) => inside.slots[0]?.take(files)};
}
