/** One field of the form: label, explanation, the control that its schema asks for, and the way back to the default. */

const {alertLine, button, element, freshId, opener} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {bounded} = await import('./engine/numbers.mjs' + new URL(import.meta.url).search);
const {isDefault, isNumeric, range, valueOf} = await import('./schema.mjs' + new URL(import.meta.url).search);

/**
 * The field `name` of `owner`, which is changed in place; a value equal to its default is taken out of it. `follow()` of
 * the result has to be called when `owner` was changed elsewhere (in the studio).
 * The explanation is read to screen readers with the control, and opened for eyes by a button, since tablets have no
 * pointer that could hover and open a tooltip.
 * @type {Does.field}
 */
export function field(name, schema, owner, changed) {
    const {title = name, description: about} = schema;
    const {main, node: control_, show, unit} = control(schema, set);
    const hint = element('p', {class: 'pixels-hint', id: freshId()}, about);
    const help = opener('?', `About ${title}`, hint, {class: 'pixels-help'});
    const reset = button('↺', () => {
        show(schema.default);
        set(schema.default);
        main.focus();
    }, `Reset ${title} to ${schema.default ?? 'the edit’s'}`, {class: 'pixels-reset'});
    /** @type {unknown} */
    let shown;

    /** @param {unknown} value */
    function set(value) {
        if (isDefault(value, schema)) delete owner[name];
        else owner[name] = value;
        shown = value;
        offerReset();
        changed();
    }

    function follow() {
        const value = valueOf(owner, name, schema);
        if (value !== shown) show(value);
        shown = value;
        offerReset();
    }

    function offerReset() {
        reset.hidden = !(name in owner) || !('default' in schema);
    }

    follow();
    const describing = [unit?.id, about && hint.id].filter(Boolean).join(' ');
    if (describing) main.setAttribute('aria-describedby', describing);
    const beside = schema.type === 'boolean';
    // Only pointers get it as a tooltip too: screen readers have said it.
    const label = element('label', {for: main.id, on: {pointerenter() { label.title = about ?? ''; }}}, title);
    const node = element(
        'div', {class: beside ? 'pixels-field pixels-toggle' : 'pixels-field', 'data-field': name},
        element('div', {class: 'pixels-label'}, beside ? control_ : null, label, about ? help.button : null, reset),
        beside ? null : control_,
        hint,
    );
    return {node, follow};
}

/**
 * The control for a schema. Whatever the schema has that is not known here is edited as JSON, so that no field is ever out
 * of reach.
 * @type {(schema: Schema, set: (value: any) => void) => Control}
 */
export function control(schema, set) {
    if (schema.enum) return choice(schema.enum, set);
    if (isNumeric(schema)) return number(schema, set);
    if (schema.type === 'boolean') return toggle(set);
    if (schema.type === 'string') return text(set, String, value => value ?? '');
    return text(set, JSON.parse, value => (value === undefined ? '' : JSON.stringify(value)));
}

/** @type {Does.choice} */
function choice(values, set) {
    const options = values.map((value, i) => element('option', {value: String(i)}, value ?? 'the edit’s'));
    const main = element('select', {id: freshId(), on: {change: () => set(values[Number(main.value)])}}, ...options);
    return {node: main, main, show: value => { main.value = String(values.indexOf(value)); }};
}

/** @type {(set: (value: boolean) => void) => Control} */
function toggle(set) {
    const main = element('input', {type: 'checkbox', id: freshId(), on: {change: () => set(main.checked)}});
    return {node: main, main, show: value => { main.checked = value; }};
}

/** @type {Does.text} */
function text(set, read, write) {
    const main = element('input', {type: 'text', id: freshId(), on: {input: typed}});
    function typed() {
        try {
            set(read(main.value));
            main.removeAttribute('aria-invalid');
        } catch {
            main.setAttribute('aria-invalid', 'true');
        }
    }
    return {node: main, main, show: value => { main.value = write(value); }};
}

/**
 * A slider for the hand and a box for the exact number. The box has no `min`: browsers would count its steps from there
 * (0.01, 0.06, ...) instead of from round numbers. A number out of range is marked while it is typed, and brought to
 * the nearest allowed one when the box is left.
 * @type {(schema: Numeric, set: (value: number) => void) => Control}
 */
function number(schema, set) {
    const {minimum, maximum} = schema;
    const whole = schema.type === 'integer';
    const step = schema['x-step'] ?? (whole ? 1 : 0.01);
    const steps = {step, max: maximum};
    const least = Number((Math.ceil(minimum / step) * step).toPrecision(12)); // 0.30000000000000004 is 0.3
    const slider = element('input', {
        type: 'range', ...steps, min: least, 'aria-hidden': 'true', tabindex: -1, on: {input: () => accept(slider.valueAsNumber)},
    });
    const main = element('input', {
        type: 'number', ...steps, id: freshId(), inputmode: 'decimal', 'aria-valuemin': minimum, 'aria-valuemax': maximum,
        on: {input: typed, change: left},
    });
    const unit = schema['x-unit'] ? element('span', {class: 'pixels-unit', id: freshId()}, schema['x-unit']) : null;
    const warning = alertLine();

    /** @param {number} value */
    function accept(value) {
        show(value);
        set(value);
    }
    function typed() {
        const value = main.valueAsNumber;
        const good = value >= minimum && value <= maximum && (!whole || Number.isInteger(value));
        mark(!good);
        if (!good) return;
        slider.value = main.value;
        set(value);
    }
    function left() {
        const value = Number.isNaN(main.valueAsNumber) ? schema.default : bounded(main.valueAsNumber, minimum, maximum);
        accept(whole ? Math.round(value) : value);
    }
    /** @param {boolean} wrong */
    function mark(wrong) {
        warning.say(wrong ? range(schema) : '');
        main.toggleAttribute('aria-invalid', wrong);
    }
    /** @param {number} value */
    function show(value) {
        main.value = slider.value = String(value);
        mark(false);
    }
    return {node: element('div', {class: 'pixels-number'}, slider, main, unit, warning.node), main, unit, show};
}
