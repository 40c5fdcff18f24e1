/** The exemplars as a strip under the canvas, lowest first: one is selected; it is moved, duplicated, hidden, removed. */

/** @import {Exemplar} from '../types.d.ts' */

const {button, element, freshId} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {addressOf, isHere} = await import('../pictures.mjs' + new URL(import.meta.url).search);

/**
 * `list` has the keyboard's focus; `show(items, selected, isHidden)` has to be called after changes. `most`: how many
 * exemplars there may be.
 * @param {number} most
 * @param {{select: (index: number) => void, move: (by: number) => void, duplicate: () => void, hide: () => void, remove: () => void}} does
 */
export function layers(most, does) {
    const list = element('ul', {
        class: 'pixels-layers', role: 'listbox', tabindex: 0, 'aria-label': 'Exemplars, the lowest first', 'aria-orientation': 'horizontal',
    });
    const buttons = {
        lower: button('←', 'Move below (Shift+Page up)', () => does.move(-1)),
        raise: button('→', 'Move above (Shift+Page down)', () => does.move(1)),
        duplicate: button('Duplicate', null, does.duplicate, {title: 'Duplicate this exemplar (Ctrl+D)'}),
        hide: button('Hide', null, does.hide, {'aria-pressed': 'false', title: 'Hide this exemplar here; it stays in the edit (H)'}),
        remove: button('Remove', null, does.remove, {title: 'Remove this exemplar (Delete)'}),
    };
    const node = element('div', {class: 'pixels-row pixels-tools'}, list, ...Object.values(buttons));
    /** @type {{image: string | undefined, node: HTMLElement}[]} */
    let shown = [];

    /** @type {(items: Exemplar[], selected: number, isHidden: (item: Exemplar) => boolean) => void} */
    function show(items, selected, isHidden) {
        // Pictures that stay are not drawn anew: while one is dragged, this runs for every frame.
        const same = items.length === shown.length && items.every((item, i) => item.image === shown[i].image);
        if (!same) {
            shown = items.map((item, i) => ({image: item.image, node: option(item, i)}));
            list.replaceChildren(...shown.map(each => each.node));
        }
        items.forEach((item, i) => {
            const hidden = isHidden(item);
            shown[i].node.setAttribute('aria-selected', String(i === selected));
            shown[i].node.setAttribute('aria-label', `Exemplar ${i + 1}${hidden ? ', hidden' : ''}`);
            shown[i].node.classList.toggle('pixels-gone', hidden);
        });
        if (shown[selected]) list.setAttribute('aria-activedescendant', shown[selected].node.id);
        else list.removeAttribute('aria-activedescendant');
        const now = items[selected];
        buttons.hide.setAttribute('aria-pressed', String(Boolean(now && isHidden(now))));
        enable(buttons.lower, selected > 0);
        enable(buttons.raise, selected < items.length - 1);
        enable(buttons.duplicate, Boolean(now) && items.length < most);
    }

    /** @type {(item: Exemplar, index: number) => HTMLElement} */
    function option(item, index) {
        const face = isHere(item.image) ? element('img', {src: addressOf(item.image), alt: '', draggable: 'false'}) : null;
        return element('li', {role: 'option', id: freshId(), on: {click: () => does.select(index)}}, face, element('span', {}, String(index + 1)));
    }

    /**
     * A button that cannot be pressed loses the focus; the list has it then.
     * @type {(which: HTMLButtonElement, yes: boolean) => void}
     */
    function enable(which, yes) {
        if (!yes && which === document.activeElement) list.focus();
        which.disabled = !yes;
    }

    return {node, list, show};
}
