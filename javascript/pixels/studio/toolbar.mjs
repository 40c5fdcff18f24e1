/** The studio's buttons and sliders. */

const {button, element, freshId} = await import('../dom.mjs' + new URL(import.meta.url).search);

/** Buttons of which one is pressed: `value()`, `set(value)`; `chosen(value)` when the user changes it. */
export function choice(label, options, chosen) {
    let current = options[0][0];
    const buttons = options.map(([value, face, about]) => button(face, null, () => {
        set(value);
        chosen(value);
    }, {title: about, 'aria-pressed': 'false', 'data-value': value}));
    function set(value) {
        current = value;
        options.forEach(([each], i) => buttons[i].setAttribute('aria-pressed', String(each === value)));
    }
    set(current);
    return {node: element('div', {class: 'pixels-choice', role: 'group', 'aria-label': label}, ...buttons), value: () => current, set};
}

/** A slider with its name and value. */
export function slider(label, {min, max, step, value, unit = ''}) {
    const input = element('input', {type: 'range', id: freshId(), min, max, step, value, on: {input: show}});
    const said = element('output', {for: input.id});
    function show() {
        said.textContent = `${input.value}${unit}`;
    }
    function set(wanted) {
        input.value = String(wanted);
        show();
    }
    show();
    return {node: element('div', {class: 'pixels-slider'}, element('label', {for: input.id}, label), input, said), value: () => input.valueAsNumber, set};
}

/** What the keys do, as a list that is opened by a button. */
export function keyHelp(keys) {
    const list = element('dl', {class: 'pixels-keys', hidden: true, id: freshId()});
    for (const [key, about] of keys) list.append(element('dt', {}, key), element('dd', {}, about));
    const open = button('?', 'Keys', () => toggle(), {'aria-expanded': 'false', 'aria-controls': list.id});
    function toggle() {
        list.hidden = !list.hidden;
        open.setAttribute('aria-expanded', String(!list.hidden));
    }
    return {list, open, toggle};
}
