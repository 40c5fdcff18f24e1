/** The studio's buttons and sliders, and the strip of exemplars. */

const {button, element, freshId, opener} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {addressOf, isHere} = await import('../pictures.mjs' + new URL(import.meta.url).search);

/** Everything that Tab stops at, if it is seen. */
const STOPS = 'button:enabled, input:enabled, select:enabled, [tabindex="0"]';

/** @type {(node: HTMLElement, yes: boolean) => void} */
const press = (node, yes) => node.setAttribute('aria-pressed', String(yes));

/** Buttons of which one is pressed; `chosen()` is called when the user changes it. @type {Choices} */
export function choice(label, options, chosen) {
    let current = options[0][0];
    const buttons = options.map(([value, face, about]) => button(face, () => {
        set(value);
        chosen();
    }, about, {'data-value': value}));
    /** @param {typeof current} value */
    function set(value) {
        current = value;
        options.forEach(([each], i) => press(buttons[i], each === value));
    }
    set(current);
    const node = element('div', {class: 'pixels-choice', role: 'group', 'aria-label': label}, ...buttons);
    return {node, set, value: () => current, face: () => options.find(([each]) => each === current)?.[1]};
}

/**
 * A slider with its name and value.
 * @type {(label: string, least: number, most: number, step: number, value: number, unit?: string) => Slider}
 */
function slider(label, least, most, step, value, unit = '') {
    const input = element('input', {type: 'range', id: freshId(), min: least, max: most, step, value, on: {input: show}});
    const said = element('span', {'aria-hidden': 'true'}); // the slider says it itself
    function show() {
        said.textContent = `${input.value}${unit}`;
        input.setAttribute('aria-valuetext', said.textContent);
    }
    show();
    return {
        node: element('div', {class: 'pixels-slider'}, element('label', {for: input.id}, label), input, said),
        value: () => input.valueAsNumber,
        set(wanted) {
            input.value = String(wanted);
            show();
        },
    };
}

/** The brush's sliders, and buttons that fill the whole map with a grey. @type {(fill: (grey: number) => void) => BrushRow} */
export function brushRow(fill) {
    const size = slider('Size', 1, 400, 1, 80, ' px');
    const softness = slider('Softness', 0, 1, 0.05, 0.5);
    const strength = slider('Strength', 0.05, 1, 0.05, 1);
    return {
        node: element(
            'div', {class: 'pixels-row pixels-tools', hidden: true}, size.node, softness.node, strength.node,
            button('All exemplar', () => fill(0)), button('All source', () => fill(255)),
        ),
        values: () => ({size: size.value(), softness: softness.value(), strength: strength.value()}),
        resize(factor) {
            // At least by a pixel: a small brush would stay as it is for ever.
            const grown = Math.round(size.value() * factor);
            size.set(Math.max(1, grown === size.value() ? grown + Math.sign(factor - 1) : grown));
        },
    };
}

/** What the keys do, as a list that is opened by a button. @param {string[][]} words */
export function keyHelp(words) {
    const list = element('dl', {class: 'pixels-keys'});
    for (const [key, about] of words) list.append(element('dt', {}, key), element('dd', {}, about));
    return {list, ...opener('?', 'Keys', list)};
}

/**
 * A button for the whole window: the studio is a dialogue then, and Tab stays in it. `changed()` is called when the room
 * has changed.
 * @type {(node: HTMLElement, changed: () => void) => {face: HTMLElement, is: () => boolean, set: (yes: boolean) => void}}
 */
export function fullWindow(node, changed) {
    const face = button('Full window', () => set(!is()), 'Fill the window (W)');
    const is = () => node.classList.contains('pixels-full');

    /** @param {boolean} yes */
    function set(yes) {
        node.classList.toggle('pixels-full', yes);
        for (const [name, value] of [['role', 'dialog'], ['aria-modal', 'true']]) {
            if (yes) node.setAttribute(name, value);
            else node.removeAttribute(name);
        }
        press(face, yes);
        changed();
    }

    node.addEventListener('keydown', event => {
        if (event.key !== 'Tab' || !is()) return;
        const stops = /** @type {HTMLElement[]} */ ([...node.querySelectorAll(STOPS)]).filter(each => each.getClientRects().length);
        const [first, last] = event.shiftKey ? [stops.at(-1), stops[0]] : [stops[0], stops.at(-1)];
        if (event.target !== last) return;
        event.preventDefault();
        first?.focus();
    });
    press(face, false);
    return {face, is, set};
}

/** The exemplars in a row, lowest first; one is selected. `most`: how many there may be. @type {(most: number, does: Actions) => Strip} */
export function layers(most, does) {
    const list = element('ul', {
        class: 'pixels-layers', role: 'listbox', tabindex: 0, 'aria-label': 'Exemplars, the lowest first', 'aria-orientation': 'horizontal',
    });
    const lower = button('←', () => does.move(-1), 'Move below (Shift+Page up)');
    const raise = button('→', () => does.move(1), 'Move above (Shift+Page down)');
    const duplicate = button('Duplicate', does.duplicate, 'Duplicate this exemplar (Ctrl+D)');
    const hide = button('Hide', does.hide, 'Hide this exemplar here; it stays in the edit (H)');
    const remove = button('Remove', does.remove, 'Remove this exemplar (Delete)');
    /** @type {{image: string | undefined, node: HTMLElement}[]} */
    let shown = [];

    /** @type {(item: Exemplar, index: number) => HTMLElement} */
    function option({image}, index) {
        const face = isHere(image) ? element('img', {src: addressOf(image), alt: '', draggable: 'false'}) : null;
        return element('li', {role: 'option', id: freshId(), on: {click: () => does.select(index)}}, face, element('span', {}, String(index + 1)));
    }

    return {
        node: element('div', {class: 'pixels-row pixels-tools'}, list, lower, raise, duplicate, hide, remove),
        list,
        show(items, selected, isHidden) {
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
            const now = items[selected];
            list.setAttribute('aria-activedescendant', shown[selected]?.node.id ?? '');
            press(hide, Boolean(now && isHidden(now)));
            enable(lower, selected > 0, list);
            enable(raise, selected < items.length - 1, list);
            enable(duplicate, Boolean(now) && items.length < most, list);
        },
    };
}

/**
 * A button that cannot be pressed loses the focus; `other` has it then.
 * @type {(which: HTMLButtonElement, yes: boolean, other: HTMLElement) => void}
 */
export function enable(which, yes, other) {
    if (!yes && which === document.activeElement) other.focus({preventScroll: true});
    which.disabled = !yes;
}
