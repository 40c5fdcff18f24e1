/** The controls that a value can have, chosen by its schema. Each shows a value, and tells `set` about a new one. */

/** @import {Control, Numeric, Schema} from './types.d.ts' */

const {element, freshId} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {isNumeric, range} = await import('./schema.mjs' + new URL(import.meta.url).search);

/**
 * The control for a schema: `node` to put on the page, `main` the input that a label names, `show(value)`.
 * Whatever the schema has that is not known here is edited as JSON, so that no field is ever out of reach.
 * @type {(schema: Schema, set: (value: any) => void) => Control}
 */
export function control(schema, set) {
    if (schema.enum) return choice(schema.enum, set);
    if (isNumeric(schema)) return number(schema, set);
    if (schema.type === 'boolean') return toggle(set);
    if (schema.type === 'string') return text(set, String, value => value ?? '');
    return text(set, JSON.parse, value => (value === undefined ? '' : JSON.stringify(value)));
}

/** @type {(values: (string | null)[], set: (value: string | null) => void) => Control} */
function choice(values, set) {
    const options = values.map((value, i) => element('option', {value: String(i)}, value ?? 'the edit’s'));
    const select = element('select', {id: freshId(), on: {change: () => set(values[Number(select.value)])}}, ...options);
    return {node: select, main: select, show: value => { select.value = String(values.indexOf(value)); }};
}

/** @type {(set: (value: boolean) => void) => Control} */
function toggle(set) {
    const box = element('input', {type: 'checkbox', id: freshId(), on: {change: () => set(box.checked)}});
    return {node: box, main: box, show: value => { box.checked = value; }};
}

/** @type {(set: (value: any) => void, read: (text: string) => any, write: (value: any) => string) => Control} */
function text(set, read, write) {
    const box = element('input', {type: 'text', id: freshId(), on: {input: change}});
    function change() {
        try {
            set(read(box.value));
            box.removeAttribute('aria-invalid');
        } catch {
            box.setAttribute('aria-invalid', 'true');
        }
    }
    return {node: box, main: box, show: value => { box.value = write(value); }};
}

/**
 * A slider for the hand and a box for the exact number. The box has no `min`: browsers would count its steps from there
 * (0.01, 0.06, ...) instead of from round numbers. A number out of range is marked while it is typed, and brought to
 * the nearest allowed one when the box is left.
 * @type {(schema: Numeric, set: (value: number) => void) => Control}
 */
function number(schema, set) {
    const {minimum, maximum, default: usual} = schema;
    const step = schema['x-step'] ?? (schema.type === 'integer' ? 1 : 0.01);
    const steps = {step, max: maximum};
    const slider = element('input', {
        type: 'range', ...steps, min: tidy(Math.ceil(minimum / step) * step), 'aria-hidden': 'true', tabindex: -1,
        on: {input: () => accept(slider.valueAsNumber)},
    });
    const box = element('input', {
        type: 'number', ...steps, id: freshId(), inputmode: 'decimal', 'aria-valuemin': minimum, 'aria-valuemax': maximum,
        on: {input: typed, change: left},
    });
    const warning = element('span', {class: 'pixels-problem', hidden: true, role: 'alert'}, range(schema));

    /** @type {(value: number) => boolean} */
    const fits = value => value >= minimum && value <= maximum && (schema.type !== 'integer' || Number.isInteger(value));
    /** @type {(value: number) => void} */
    function accept(value) {
        show(value);
        set(value);
    }
    function typed() {
        const good = fits(box.valueAsNumber);
        mark(!good);
        if (!good) return;
        slider.value = box.value;
        set(box.valueAsNumber);
    }
    function left() {
        const value = Number.isNaN(box.valueAsNumber) ? usual : Math.min(maximum, Math.max(minimum, box.valueAsNumber));
        accept(schema.type === 'integer' ? Math.round(value) : value);
    }
    /** @type {(wrong: boolean) => void} */
    function mark(wrong) {
        warning.hidden = !wrong;
        box.toggleAttribute('aria-invalid', wrong);
    }
    /** @type {(value: number) => void} */
    function show(value) {
        box.value = String(value);
        slider.value = String(value);
        mark(false);
    }
    const unit = schema['x-unit'] ? element('span', {class: 'pixels-unit'}, schema['x-unit']) : null;
    return {node: element('div', {class: 'pixels-number'}, slider, box, unit, warning), main: box, show};
}

/**
 * Without the dust of binary fractions: 0.30000000000000004 is 0.3.
 * @type {(value: number) => number}
 */
const tidy = value => Number(value.toPrecision(12));
