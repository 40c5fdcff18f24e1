/** One field of the form: label, explanation, control, and the way back to the default. */

/** @import {Owner, Schema} from './types.d.ts' */

const {button, element, freshId} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {control} = await import('./controls.mjs' + new URL(import.meta.url).search);
const {isDefault, valueOf} = await import('./schema.mjs' + new URL(import.meta.url).search);

/**
 * The field `name` of `owner`, which is changed in place; a value equal to its default is taken out of it. `follow()` of
 * the result has to be called when `owner` was changed elsewhere (in the studio); `node` goes on the page.
 * The explanation is read to screen readers with the control, and opened for eyes by a button, since tablets have no
 * pointer that could hover and open a tooltip.
 * @type {(name: string, schema: Schema, owner: Owner, changed: () => void) => {node: HTMLElement, follow: () => void}}
 */
export function field(name, schema, owner, changed) {
    const title = schema.title ?? name;
    const made = control(schema, value => { set(value); });
    const hint = element('p', {class: 'pixels-hint', id: freshId(), hidden: true}, schema.description ?? '');
    const help = button('?', `About ${title}`, () => {
        hint.hidden = !hint.hidden;
        help.setAttribute('aria-expanded', String(!hint.hidden));
    }, {class: 'pixels-help', 'aria-expanded': 'false', 'aria-controls': hint.id});
    const reset = button('↺', `Reset ${title} to ${schema.default ?? 'the edit’s'}`, () => {
        made.show(schema.default);
        set(schema.default);
        made.main.focus();
    }, {class: 'pixels-reset'});

    /** @type {unknown} */
    let shown;

    /** @type {(value: unknown) => void} */
    function set(value) {
        shown = value;
        if (isDefault(value, schema)) delete owner[name];
        else owner[name] = value;
        reset.hidden = !(name in owner) || !('default' in schema);
        changed();
    }

    function follow() {
        const value = valueOf(owner, name, schema);
        if (value !== shown) made.show(value);
        shown = value;
        reset.hidden = !(name in owner) || !('default' in schema);
    }

    follow();
    if (schema.description) made.main.setAttribute('aria-describedby', hint.id);
    const label = element('label', {for: made.main.id, title: schema.description}, title);
    const isToggle = schema.type === 'boolean';
    const node = element(
        'div', {class: isToggle ? 'pixels-field pixels-toggle' : 'pixels-field', 'data-field': name},
        element('div', {class: 'pixels-label'}, isToggle ? made.node : null, label, schema.description ? help : null, reset),
        isToggle ? null : made.node,
        hint,
    );
    return {node, follow};
}
