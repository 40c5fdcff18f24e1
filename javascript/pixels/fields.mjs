/** One field of the form: a control with its label and explanation, a slot for an image, or a map that may be made. */

const {alertLine, button, element, uniqueId, errorText, disclosure} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {clamp} = await import('./engine/math.mjs' + new URL(import.meta.url).search);
const {imageUrl, isEmbedded, encodeUpload} = await import('./images.mjs' + new URL(import.meta.url).search);
const {isDefault, isGroup, isNumeric, mapTypeSchema, rangeText, mapTypeOf, fieldValue} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {acceptImages} = await import('./drop_and_paste.mjs' + new URL(import.meta.url).search);

/**
 * The field `name` of `owner`, which is changed in place; a value equal to its default is taken out of it. `follow()` of
 * the result has to be called when `owner` was changed elsewhere (in the studio).
 * The explanation is read to screen readers with the control, and opened for eyes by a button, since tablets have no
 * pointer that could hover and open a tooltip.
 * @type {Fn.fieldControl}
 */
export function fieldControl(name, schema, owner, changed) {
    const {title = name, description: about} = schema;
    const {main, node: control_, show, unit} = control(schema, set);
    const hint = element('p', {class: 'pixels-hint', id: uniqueId()}, about);
    const help = disclosure('?', `About ${title}`, hint, {class: 'pixels-help'});
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
        const value = fieldValue(owner, name, schema);
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
 * @type {Fn.control}
 */
export function control(schema, set) {
    if (schema.enum) return dropdown(schema.enum, set);
    if (isNumeric(schema)) return numberInput(schema, set);
    if (schema.type === 'boolean') return checkbox(set);
    if (schema.type === 'string') return textInput(set, String, value => value ?? '');
    return textInput(set, JSON.parse, value => (value === undefined ? '' : JSON.stringify(value)));
}

/** @type {Fn.dropdown} */
function dropdown(values, set) {
    const options = values.map((value, i) => element('option', {value: String(i)}, value ?? 'the edit’s'));
    const main = element('select', {id: uniqueId(), on: {change: () => set(values[Number(main.value)])}}, ...options);
    return {node: main, main, show: value => { main.value = String(values.indexOf(value)); }};
}

/** @type {Fn.checkbox} */
function checkbox(set) {
    const main = element('input', {type: 'checkbox', id: uniqueId(), on: {change: () => set(main.checked)}});
    return {node: main, main, show: value => { main.checked = value; }};
}

/** @type {Fn.textInput} */
function textInput(set, read, write) {
    const main = element('input', {type: 'text', id: uniqueId(), on: {input: typed}});
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
function numberInput(schema, set) {
    const {minimum, maximum} = schema;
    const whole = schema.type === 'integer';
    const step = schema['x-step'] ?? (whole ? 1 : 0.01);
    const steps = {step, max: maximum};
    const least = Number((Math.ceil(minimum / step) * step).toPrecision(12)); // 0.30000000000000004 is 0.3
    const slider = element('input', {
        type: 'range', ...steps, min: least, 'aria-hidden': 'true', tabindex: -1, on: {input: () => accept(slider.valueAsNumber)},
    });
    const main = element('input', {
        type: 'number', ...steps, id: uniqueId(), inputmode: 'decimal', 'aria-valuemin': minimum, 'aria-valuemax': maximum,
        on: {input: typed, change: left},
    });
    const unit = schema['x-unit'] ? element('span', {class: 'pixels-unit', id: uniqueId()}, schema['x-unit']) : null;
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
        const value = Number.isNaN(main.valueAsNumber) ? schema.default : clamp(main.valueAsNumber, minimum, maximum);
        accept(whole ? Math.round(value) : value);
    }
    /** @param {boolean} wrong */
    function mark(wrong) {
        warning.say(wrong ? rangeText(schema) : '');
        main.toggleAttribute('aria-invalid', wrong);
    }
    /** @param {number} value */
    function show(value) {
        main.value = slider.value = String(value);
        mark(false);
    }
    return {node: element('div', {class: 'pixels-number'}, slider, main, unit, warning.node), main, unit, show};
}

const [IMAGE, NONE] = ['image given', 'none'];

/**
 * The field `name` of `owner`, which is changed in place. What was set for a way is kept when another one is chosen, and is
 * there again when the user comes back to it.
 * @type {Fn.mapSlot}
 */
export function mapSlot(name, schema, owner, {form, limits, remark, changed}) {
    const title = schema.title ?? name;
    const empty = 'default' in schema ? NONE : IMAGE;
    const ways = schema.anyOf?.filter(isGroup) ?? [];
    const faces = [[IMAGE, 'Image given here'], ...ways.map(way => [mapTypeOf(way), way.title])];
    if (empty === NONE) faces.unshift([NONE, 'None']);
    const select = element(
        'select', {id: uniqueId(), title: schema.description, on: {change: () => choose(select.value)}},
        ...faces.map(([value, face]) => element('option', {value}, face)),
    );
    const said = element('p', {class: 'pixels-remark'});
    const body = element('div', {class: 'pixels-map-fields'});
    const node = element(
        'div', {class: 'pixels-map', 'data-map': name},
        element('div', {class: 'pixels-label'}, element('label', {for: select.id}, `${title} from`)), select, body,
    );
    const kept = new Map();
    /** @type {Slot | null} */
    let image = null;
    /** @type {unknown} */
    let drawn;

    /** @type {Fn.current} */
    function current() {
        const value = owner[name];
        return value == null ? empty : typeof value === 'string' ? IMAGE : value.source;
    }

    /** @param {string} way */
    function choose(way) {
        if (owner[name] != null) kept.set(current(), owner[name]);
        if (kept.has(way)) owner[name] = kept.get(way);
        else if (way === IMAGE || way === NONE) delete owner[name];
        else owner[name] = {source: way};
        draw(way);
        changed();
    }

    /** @param {string} way */
    function draw(way) {
        select.value = way;
        drawn = owner[name];
        const chosen = ways.find(each => mapTypeOf(each) === way);
        image?.follow();
        image = way === IMAGE ? imageSlot(name, schema, owner, {limits, remark: said, changed}) : null;
        body.replaceChildren(...image ? [image.node] : chosen ? [said, form(chosen, owner[name], changed).node] : []);
        follow();
    }

    function follow() {
        if (owner[name] !== drawn) { // painted in the studio, or an image that came into the slot
            if (typeof owner[name] !== 'string' || !image) return draw(current());
            drawn = owner[name];
            image.follow();
        }
        said.textContent = remark(mapTypeSchema(owner[name], schema)?.description);
    }

    draw(current());
    return {node, follow};
}

/** What an empty slot says. */
const INVITATION = 'Choose, drop or paste an image';

/**
 * A slot for the image field `name` of `owner`, which is changed in place. `remark` is a line that is always shown.
 * Besides an image, the request may hold `sha256:...` (an image that an image was made with, but that is not here) or an
 * address; both stay as they are until the user gives an image. `more(files)` takes what is given besides the first.
 * @type {Fn.imageSlot}
 */
export function imageSlot(name, schema, owner, {limits, remark, changed, more}) {
    const title = schema.title ?? name;
    const about = element('span', {class: 'pixels-about', id: uniqueId()});
    const trouble = alertLine();
    const face = button('', () => chooser.click(), INVITATION, {class: 'pixels-drop', 'aria-describedby': about.id});
    const clear = button('Clear', () => put(undefined), '', {'aria-label': `Clear ${title}`});
    const chooser = element('input', {
        type: 'file', accept: 'image/*', multiple: Boolean(more), hidden: true, tabindex: -1, 'aria-hidden': 'true', on: {change: chosen},
    });
    const node = element(
        'div', {class: 'pixels-slot', 'data-field': name},
        element('div', {class: 'pixels-label', title: schema.description}, title), remark, face,
        element('div', {class: 'pixels-footer'}, about, clear, trouble.node), chooser,
    );
    let turn = 0;
    /** @type {unknown} */
    let shown;

    function chosen() {
        const files = [...chooser.files ?? []];
        if (files.length) take(files);
        chooser.value = ''; // so that the same file can be chosen again after it changed on disk
    }

    /** @param {File[] | Promise<Blob[]>} files */
    async function take(files) {
        let mine = turn += 1;
        trouble.say('');
        node.setAttribute('aria-busy', 'true');
        try {
            const [file, ...others] = await files;
            if (others.length && !more) throw new Error(`${title} is one image, and these are ${others.length + 1}; nothing was changed.`);
            try {
                const given = await encodeUpload(file, limits);
                if (mine === turn) put(given.text, given.note);
            } finally {
                mine = turn;
                if (others.length) await more?.(others); // also when the first is broken
            }
        } catch (error) {
            if (mine === turn) trouble.say(errorText(error)); // the image before it stays
        } finally {
            if (mine === turn) node.removeAttribute('aria-busy');
        }
    }

    /** @type {Fn.put} */
    function put(value, note = '') {
        turn += 1;
        node.removeAttribute('aria-busy');
        trouble.say('');
        if (value === undefined) delete owner[name];
        else owner[name] = value;
        show(note);
        changed();
    }

    /** @param {string} [note] of an image that has just come; only then it is said aloud */
    function show(note) {
        const value = shown = owner[name];
        about.ariaLive = note === undefined ? 'off' : 'polite';
        const here = isEmbedded(value);
        clear.hidden = value === undefined;
        face.setAttribute('aria-label', `${title}: ${here ? 'replace the image' : INVITATION.toLowerCase()}`);
        face.classList.toggle('pixels-filled', here);
        about.textContent = '';
        if (!here) {
            face.replaceChildren(value === undefined ? INVITATION : absentText(value));
            return;
        }
        const image = element('img', {src: imageUrl(value), alt: title, draggable: 'false', on: {
            load() {
                about.textContent = [`${image.naturalWidth}×${image.naturalHeight}`, `${kilobytes(value)} kB`, note].filter(Boolean).join(', ');
            },
            error: () => face.replaceChildren('This browser cannot show the image; it is sent as it is.'),
        }});
        face.replaceChildren(image);
    }

    acceptImages(node, take);
    show();
    return {
        node,
        follow(note) {
            if (!note && owner[name] === shown) return;
            turn += 1; // what is still on its way is older
            node.removeAttribute('aria-busy');
            show(note);
        },
    };
}

/** @type {Fn.absentText} */
function absentText(value) {
    if (typeof value !== 'string') return `Made from ${JSON.stringify(value)}`;
    return value.startsWith('sha256:') ? `Image missing (${value})` : `Fetched by the WebUI from ${value}`;
}

/** @type {Fn.kilobytes} */
const kilobytes = address => Math.max(1, Math.round(((address.length - address.indexOf(',') - 1) * 0.75) / 1000));
