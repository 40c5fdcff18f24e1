/** The list of exemplars, one card each: add, duplicate, move, remove. */

const {button, element, freshId} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {form} = await import('./form.mjs' + new URL(import.meta.url).search);
const {missing} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {claim, mayHavePicture, picturesIn} = await import('./transfer.mjs' + new URL(import.meta.url).search);

/** The cards for `items`, a list of objects that is changed in place. `edit` is what `form` wants to know of the rest. */
export function cards(schema, items, changed, edit) {
    const most = schema.maxItems ?? Infinity;
    const list = element('ol', {class: 'pixels-cards', 'aria-label': schema.title});
    const add = button('Add an exemplar', null, () => insert(items.length, {}).focus(), {
        class: 'pixels-add', title: 'Add an exemplar, or drop pictures here',
    });
    const adding = element('div', {class: 'pixels-adding', on: {dragover, dragleave, drop}}, add);
    const trouble = element('p', {class: 'pixels-problem', role: 'alert', hidden: true});
    const shown = items.map(draw);

    function draw(item) {
        const card = exemplarCard(schema.items, item, changed, edit, {
            up: () => move(card, -1),
            down: () => move(card, 1),
            duplicate: () => insert(items.indexOf(item) + 1, structuredClone(item)).focus(),
            remove: () => remove(card),
        });
        return card;
    }

    function insert(index, item) {
        const card = draw(item);
        items.splice(index, 0, item);
        shown.splice(index, 0, card);
        list.insertBefore(card.node, list.children[index] ?? null);
        renumber();
        changed();
        return card;
    }

    function move(card, by) {
        const from = shown.indexOf(card);
        const to = from + by;
        for (const each of [items, shown]) each.splice(to, 0, ...each.splice(from, 1));
        list.insertBefore(card.node, shown[to + 1]?.node ?? null);
        renumber();
        card.focus(by < 0 ? 'up' : 'down');
        changed();
    }

    function remove(card) {
        const index = shown.indexOf(card);
        for (const each of [items, shown]) each.splice(index, 1);
        card.node.remove();
        renumber();
        const next = shown[Math.min(index, shown.length - 1)];
        if (next) next.focus('remove');
        else add.focus();
        changed();
    }

    function renumber() {
        shown.forEach((card, i) => card.number(i, items.length, most));
        add.disabled = items.length >= most;
    }

    function dragover(event) {
        if (add.disabled || !mayHavePicture(event.dataTransfer)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        adding.classList.add('pixels-over');
    }
    function dragleave() {
        adding.classList.remove('pixels-over');
    }
    async function drop(event) {
        claim(event);
        dragleave();
        trouble.hidden = true;
        try {
            for (const file of await picturesIn(event.dataTransfer)) {
                if (items.length < most) insert(items.length, {}).take([file]);
            }
        } catch (error) {
            trouble.textContent = error.message;
            trouble.hidden = false;
        }
    }

    list.append(...shown.map(card => card.node));
    renumber();
    return element('div', {}, list, adding, trouble);
}

/** One exemplar's card. `take(files)` puts a picture into its first slot. */
function exemplarCard(schema, item, changed, edit, actions) {
    const heading = element('span', {class: 'pixels-heading', id: freshId()});
    const lacks = element('span', {class: 'pixels-lacks', 'aria-live': 'polite'});
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

    function number(index, count, most) {
        heading.textContent = `Exemplar ${index + 1}`;
        buttons.up.disabled = index === 0;
        buttons.down.disabled = index === count - 1;
        buttons.duplicate.disabled = count >= most;
    }

    /** Focus the button for an action, or its neighbour if that cannot be pressed now; without one, the first slot. */
    function focus(action) {
        const target = action ? Object.values(buttons).find(each => each === buttons[action] && !each.disabled) : null;
        (target ?? node.querySelector(action ? '.pixels-actions button:enabled' : '.pixels-drop, input, select')).focus();
    }

    check();
    return {node, number, focus, take: files => inside.slots[0]?.take(files)};
}
