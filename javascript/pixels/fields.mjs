/** The form's fields: a control with its label and help, an image slot, or a map slot with its map types. */

const {alertLine, button, element, uniqueId, errorText, disclosure} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {clamp} = await import('./engine/math.mjs' + new URL(import.meta.url).search);
const {imageUrl, isEmbedded, encodeUpload} = await import('./images.mjs' + new URL(import.meta.url).search);
const {isDefault, isGroup, isNumeric, mapTypeSchema, rangeText, mapTypeOf, fieldValue} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {acceptImages} = await import('./drop_and_paste.mjs' + new URL(import.meta.url).search);

/**
 * The field `name` of `owner`, which is changed in place; a value equal to its default is removed. Call `update()` when `owner`
 * was changed elsewhere (in the studio). Screen readers read the help with the control; a button shows it too, since tablets
 * have no hover.
 * @type {Fn.fieldControl}
 */
export function fieldControl(name, schema, owner, changed) {
    const {title = name, description} = schema;
    const {input, node: controlNode, show, unit} = control(schema, set);
    const hint = element('p', {class: 'pixels-hint', id: uniqueId()}, description);
    const help = disclosure('?', `About ${title}`, hint, {class: 'pixels-help'});
    const reset = button('↺', () => {
        show(schema.default);
        set(schema.default);
        input.focus();
    }, `Reset ${title} to ${schema.default ?? 'same as the edit'}`, {class: 'pixels-reset'});
    /** @type {unknown} */
    let shown;

    /** @param {unknown} value */
    function set(value) {
        if (isDefault(value, schema)) delete owner[name];
        else owner[name] = value;
        shown = value;
        updateReset();
        changed();
    }

    function update() {
        const value = fieldValue(owner, name, schema);
        if (value !== shown) show(value);
        shown = value;
        updateReset();
    }

    function updateReset() {
        reset.hidden = !(name in owner) || !('default' in schema);
    }

    update();
    const describedBy = [unit?.id, description && hint.id].filter(Boolean).join(' ');
    if (describedBy) input.setAttribute('aria-describedby', describedBy);
    const inline = schema.type === 'boolean';
    // Only pointers get the tooltip: screen readers have read the help.
    const label = element('label', {for: input.id, on: {pointerenter() { label.title = description ?? ''; }}}, title);
    const node = element(
        'div', {class: inline ? 'pixels-field pixels-toggle' : 'pixels-field', 'data-field': name},
        element('div', {class: 'pixels-label'}, inline ? controlNode : null, label, description ? help.button : null, reset),
        inline ? null : controlNode,
        hint,
    );
    return {node, update};
}

/** The control for a schema; unknown kinds of fields are edited as JSON. @type {Fn.control} */
export function control(schema, set) {
    if (schema.enum) return dropdown(schema.enum, set);
    if (isNumeric(schema)) return numberInput(schema, set);
    if (schema.type === 'boolean') return checkbox(set);
    if (schema.type === 'string') return textInput(set, String, value => value ?? '');
    return textInput(set, JSON.parse, value => (value === undefined ? '' : JSON.stringify(value)));
}

/** @type {Fn.dropdown} */
function dropdown(values, set) {
    const options = values.map((value, i) => element('option', {value: String(i)}, value?.replaceAll('_', ' ') ?? 'same as the edit'));
    const input = element('select', {id: uniqueId(), on: {change: () => set(values[Number(input.value)])}}, ...options);
    return {node: input, input, show: value => { input.value = String(values.indexOf(value)); }};
}

/** @type {Fn.checkbox} */
function checkbox(set) {
    const input = element('input', {type: 'checkbox', id: uniqueId(), on: {change: () => set(input.checked)}});
    return {node: input, input, show: value => { input.checked = value; }};
}

/** @type {Fn.textInput} */
function textInput(set, read, write) {
    const input = element('input', {type: 'text', id: uniqueId(), on: {input: changed}});
    function changed() {
        try {
            set(read(input.value));
            input.removeAttribute('aria-invalid');
        } catch {
            input.setAttribute('aria-invalid', 'true');
        }
    }
    return {node: input, input, show: value => { input.value = write(value); }};
}

/**
 * A slider and a number input. The input has no `min`, since browsers would count its steps from there (0.01, 0.06, ...). A number
 * out of range is marked while it is typed, and clamped when the input loses the focus.
 * @type {(schema: Numeric, set: (value: number) => void) => Control}
 */
function numberInput(schema, set) {
    const {minimum, maximum} = schema;
    const integer = schema.type === 'integer';
    const step = schema['x-step'] ?? (integer ? 1 : 0.01);
    const steps = {step, max: maximum};
    const least = Number((Math.ceil(minimum / step) * step).toPrecision(12)); // 0.30000000000000004 is 0.3
    const slider = element('input', {
        type: 'range', ...steps, min: least, 'aria-hidden': 'true', tabindex: -1, on: {input: () => accept(slider.valueAsNumber)},
    });
    const input = element('input', {
        type: 'number', ...steps, id: uniqueId(), inputmode: 'decimal', 'aria-valuemin': minimum, 'aria-valuemax': maximum,
        on: {input: changed, change: finished},
    });
    const unit = schema['x-unit'] ? element('span', {class: 'pixels-unit', id: uniqueId()}, schema['x-unit']) : null;
    const warning = alertLine();

    /** @param {number} value */
    function accept(value) {
        show(value);
        set(value);
    }
    function changed() {
        const value = input.valueAsNumber;
        const valid = value >= minimum && value <= maximum && (!integer || Number.isInteger(value));
        mark(!valid);
        if (!valid) return;
        slider.value = input.value;
        set(value);
    }
    function finished() {
        const value = Number.isNaN(input.valueAsNumber) ? schema.default : clamp(input.valueAsNumber, minimum, maximum);
        accept(integer ? Math.round(value) : value);
    }
    /** @param {boolean} invalid */
    function mark(invalid) {
        warning.show(invalid ? rangeText(schema) : '');
        input.toggleAttribute('aria-invalid', invalid);
    }
    /** @param {number} value */
    function show(value) {
        input.value = slider.value = String(value);
        mark(false);
    }
    return {node: element('div', {class: 'pixels-number'}, slider, input, unit, warning.node), input, unit, show};
}

const [UPLOAD, NONE] = ['uploaded image', 'none'];

/**
 * A map, as the field `name` of `owner`, which is changed in place. The settings of each map type are kept while another one is
 * selected.
 * @type {Fn.mapSlot}
 */
export function mapSlot(name, schema, owner, {form, limits, remark, changed}) {
    const title = schema.title ?? name;
    const empty = 'default' in schema ? NONE : UPLOAD;
    const types = schema.anyOf?.filter(isGroup) ?? [];
    const options = [[UPLOAD, 'Uploaded or painted image'], ...types.map(type => [mapTypeOf(type), type.title])];
    if (empty === NONE) options.unshift([NONE, 'None']);
    const select = element(
        'select', {id: uniqueId(), title: schema.description, on: {change: () => choose(select.value)}},
        ...options.map(([value, label]) => element('option', {value}, label)),
    );
    const remarkLine = element('p', {class: 'pixels-remark'});
    const body = element('div', {class: 'pixels-map-fields'});
    const node = element(
        'div', {class: 'pixels-map', 'data-map': name},
        element('div', {class: 'pixels-label'}, element('label', {for: select.id}, `${title} from`)), select, body,
    );
    const kept = new Map();
    /** @type {Slot | null} */
    let upload = null;
    /** @type {unknown} */
    let drawn;

    /** @type {Fn.current} */
    function current() {
        const value = owner[name];
        return value == null ? empty : typeof value === 'string' ? UPLOAD : value.type;
    }

    /** @param {string} type */
    function choose(type) {
        if (owner[name] != null) kept.set(current(), owner[name]);
        if (kept.has(type)) owner[name] = kept.get(type);
        else if (type === UPLOAD || type === NONE) delete owner[name];
        else owner[name] = {type};
        draw(type);
        changed();
    }

    /** @param {string} type */
    function draw(type) {
        select.value = type;
        drawn = owner[name];
        const chosen = types.find(each => mapTypeOf(each) === type);
        upload?.update();
        upload = type === UPLOAD ? imageSlot(name, schema, owner, {limits, remark: remarkLine, changed}) : null;
        body.replaceChildren(...upload ? [upload.node] : chosen ? [remarkLine, form(chosen, owner[name], changed).node] : []);
        update();
    }

    function update() {
        if (owner[name] !== drawn) { // painted in the studio, or uploaded
            if (typeof owner[name] !== 'string' || !upload) return draw(current());
            drawn = owner[name];
            upload.update();
        }
        remarkLine.textContent = remark(mapTypeSchema(owner[name], schema)?.description);
    }

    draw(current());
    return {node, update};
}

const PROMPT = 'Choose, drop or paste an image';

/**
 * A slot for the image field `name` of `owner`, which is changed in place. `remark` is a line that is always shown.
 * Besides an image, the request may have `sha256:...` (an image used before that is not here) or an
 * address; both stay as they are until the user gives an image. `more(files)` takes what is given besides the first.
 * @type {Fn.imageSlot}
 */
export function imageSlot(name, schema, owner, {limits, remark, changed, more}) {
    const title = schema.title ?? name;
    const about = element('span', {class: 'pixels-about', id: uniqueId()});
    const trouble = alertLine();
    const face = button('', () => chooser.click(), PROMPT, {class: 'pixels-drop', 'aria-describedby': about.id});
    const clear = button('Clear', () => put(undefined), '', {'aria-label': `Clear ${title}`});
    const chooser = element('input', {
        type: 'file', accept: 'image/*', multiple: Boolean(more), hidden: true, tabindex: -1, 'aria-hidden': 'true', on: {change: chosen},
    });
    const node = element(
        'div', {class: 'pixels-slot', 'data-field': name},
        element('div', {class: 'pixels-label', title: schema.description}, title), remark, face,
        element('div', {class: 'pixels-footer'}, about, clear, trouble.node), chooser,
    );
    let version = 0;
    /** @type {unknown} */
    let shown;

    function chosen() {
        const files = [...chooser.files ?? []];
        if (files.length) take(files);
        chooser.value = ''; // so that the same file can be chosen again after it changed on disk
    }

    /** @param {File[] | Promise<Blob[]>} files */
    async function take(files) {
        let mine = version += 1;
        trouble.show('');
        node.setAttribute('aria-busy', 'true');
        try {
            const [file, ...others] = await files;
            if (others.length && !more) throw new Error(`${title} takes one image, not ${others.length + 1}; nothing was changed.`);
            try {
                const upload = await encodeUpload(file, limits);
                if (mine === version) put(upload.text, upload.note);
            } finally {
                mine = version;
                if (others.length) await more?.(others); // even if the first one failed
            }
        } catch (error) {
            if (mine === version) trouble.show(errorText(error)); // the previous image stays
        } finally {
            if (mine === version) node.removeAttribute('aria-busy');
        }
    }

    /** @type {Fn.put} */
    function put(value, note = '') {
        version += 1;
        node.removeAttribute('aria-busy');
        trouble.show('');
        if (value === undefined) delete owner[name];
        else owner[name] = value;
        show(note);
        changed();
    }

    /** @param {string} [note] on a new image; only then it is announced */
    function show(note) {
        const value = shown = owner[name];
        about.ariaLive = note === undefined ? 'off' : 'polite';
        const embedded = isEmbedded(value);
        clear.hidden = value === undefined;
        face.setAttribute('aria-label', `${title}: ${embedded ? 'replace the image' : PROMPT.toLowerCase()}`);
        face.classList.toggle('pixels-filled', embedded);
        about.textContent = '';
        if (!embedded) {
            face.replaceChildren(value === undefined ? PROMPT : absentText(value));
            return;
        }
        const image = element('img', {src: imageUrl(value), alt: title, draggable: 'false', on: {
            load() {
                about.textContent = [`${image.naturalWidth}×${image.naturalHeight}`, `${kilobytes(value)} kB`, note].filter(Boolean).join(', ');
            },
            error: () => face.replaceChildren('This browser cannot show the image; it is sent unchanged.'),
        }});
        face.replaceChildren(image);
    }

    acceptImages(node, take);
    show();
    return {
        node,
        update(note) {
            if (!note && owner[name] === shown) return;
            version += 1; // uploads in progress are older
            node.removeAttribute('aria-busy');
            show(note);
        },
    };
}

/** @type {Fn.absentText} */
function absentText(value) {
    if (typeof value !== 'string') return `Generated from ${JSON.stringify(value)}`;
    return value.startsWith('sha256:') ? `Image missing (${value})` : `Fetched by the WebUI from ${value}`;
}

/** @type {Fn.kilobytes} */
const kilobytes = address => Math.max(1, Math.round(((address.length - address.indexOf(',') - 1) * 0.75) / 1000));
