/** The studio's buttons and sliders. */

const {button, element, freshId} = await import('../dom.mjs' + new URL(import.meta.url).search);

/**
 * Buttons of which one is pressed: `value()`, `set(value)`; `chosen(value)` when the user changes it.
 * @template {string} Value
 * @param {string} label
 * @param {[Value, string, string][]} options each with its face and what it means
 * @param {(value: Value) => void} chosen
 */
export function choice(label, options, chosen) {
    let current = options[0][0];
    const buttons = options.map(([value, face, about]) => button(face, null, () => {
        set(value);
        chosen(value);
    }, {title: about, 'aria-pressed': 'false', 'data-value': value}));
    /** @param {Value} value */
    function set(value) {
        current = value;
        options.forEach(([each], i) => buttons[i].setAttribute('aria-pressed', String(each === value)));
    }
    set(current);
    return {node: element('div', {class: 'pixels-choice', role: 'group', 'aria-label': label}, ...buttons), value: () => current, set};
}

/**
 * A slider with its name and value.
 * @param {string} label
 * @param {{min: number, max: number, step: number, value: number, unit?: string}} range
 */
export function slider(label, {min, max, step, value, unit = ''}) {
    const input = element('input', {type: 'range', id: freshId(), min, max, step, value, on: {input: show}});
    const said = element('output', {for: input.id});
    function show() {
        said.textContent = `${input.value}${unit}`;
    }
    /** @param {number} wanted */
    function set(wanted) {
        input.value = String(wanted);
        show();
    }
    show();
    return {node: element('div', {class: 'pixels-slider'}, element('label', {for: input.id}, label), input, said), value: () => input.valueAsNumber, set};
}

/**
 * The brush's sliders, and buttons that fill the whole map with a grey.
 * @param {(grey: number) => void} fill
 */
export function brushRow(fill) {
    const size = slider('Size', {min: 1, max: 400, step: 1, value: 80, unit: ' px'});
    const softness = slider('Softness', {min: 0, max: 1, step: 0.05, value: 0.5});
    const strength = slider('Strength', {min: 0.05, max: 1, step: 0.05, value: 1});
    const node = element(
        'div', {class: 'pixels-row pixels-tools', hidden: true}, size.node, softness.node, strength.node,
        button('All exemplar', null, () => fill(0)), button('All source', null, () => fill(255)),
    );
    return {
        node,
        values: () => ({size: size.value(), softness: softness.value(), strength: strength.value()}),
        /** @param {number} factor */
        resize(factor) {
            // At least by a pixel: a small brush would stay as it is for ever.
            const grown = Math.round(size.value() * factor);
            size.set(Math.max(1, grown === size.value() ? grown + Math.sign(factor - 1) : grown));
        },
    };
}

/**
 * What the keys do, as a list that is opened by a button.
 * @param {[string, string][]} keys
 */
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
