/** One field of the form: a control with its label and explanation, a slot for a picture, or a map that may be made. */

const {alertLine, button, element, freshId, inWords, opener} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {bounded} = await import('./engine/numbers.mjs' + new URL(import.meta.url).search);
const {addressOf, isHere, pictureText} = await import('./pictures.mjs' + new URL(import.meta.url).search);
const {isDefault, isGroup, isNumeric, madeBy, range, sourceOf, valueOf} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {takePictures} = await import('./transfer.mjs' + new URL(import.meta.url).search);

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
 * @type {Does.control}
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
    const options = values.map((value, i) => element('option', {value: String(i)}, value?.replaceAll('_', ' ') ?? 'the edit’s'));
    const main = element('select', {id: freshId(), on: {change: () => set(values[Number(main.value)])}}, ...options);
    return {node: main, main, show: value => { main.value = String(values.indexOf(value)); }};
}

/** @type {Does.toggle} */
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

const [PICTURE, NONE] = ['picture given', 'none'];

/**
 * The field `name` of `owner`, which is changed in place. What was set for a way is kept when another one is chosen, and is
 * there again when the user comes back to it.
 * @type {Does.mapSlot}
 */
export function mapSlot(name, schema, owner, {form, use, remark, changed}) {
    const title = schema.title ?? name;
    const empty = 'default' in schema ? NONE : PICTURE;
    const ways = schema.anyOf?.filter(isGroup) ?? [];
    const faces = [[PICTURE, 'Picture given here'], ...ways.map(way => [sourceOf(way), way.title])];
    if (empty === NONE) faces.unshift([NONE, 'None']);
    const select = element(
        'select', {id: freshId(), title: schema.description, on: {change: () => choose(select.value)}},
        ...faces.map(([value, face]) => element('option', {value}, face)),
    );
    const said = element('p', {class: 'pixels-remark'});
    const body = element('div', {class: 'pixels-made'});
    const node = element(
        'div', {class: 'pixels-map', 'data-map': name},
        element('div', {class: 'pixels-label'}, element('label', {for: select.id}, `${title} from`)), select, body,
    );
    const kept = new Map();
    /** @type {Slot | null} */
    let picture = null;
    /** @type {unknown} */
    let drawn;

    /** @type {Does.current} */
    function current() {
        const value = owner[name];
        return value == null ? empty : typeof value === 'string' ? PICTURE : value.type;
    }

    /** @param {string} way */
    function choose(way) {
        if (owner[name] != null) kept.set(current(), owner[name]);
        if (kept.has(way)) owner[name] = kept.get(way);
        else if (way === PICTURE || way === NONE) delete owner[name];
        else owner[name] = {type: way};
        draw(way);
        changed();
    }

    /** @param {string} way */
    function draw(way) {
        select.value = way;
        drawn = owner[name];
        const chosen = ways.find(each => sourceOf(each) === way);
        picture?.follow();
        picture = way === PICTURE ? slot(name, schema, owner, {use, remark: said, changed}) : null;
        body.replaceChildren(...picture ? [picture.node] : chosen ? [said, form(chosen, owner[name], changed).node] : []);
        follow();
    }

    function follow() {
        if (owner[name] !== drawn) { // painted in the studio, or a picture that came into the slot
            if (typeof owner[name] !== 'string' || !picture) return draw(current());
            drawn = owner[name];
            picture.follow();
        }
        said.textContent = remark(madeBy(owner[name], schema)?.description);
    }

    draw(current());
    return {node, follow};
}

/** What an empty slot says. */
const INVITATION = 'Choose, drop or paste a picture';

/**
 * A slot for the picture field `name` of `owner`, which is changed in place. `remark` is a line that is always shown.
 * Besides a picture, the request may hold `sha256:...` (a picture that an image was made with, but that is not here) or an
 * address; both stay as they are until the user gives a picture. `more(files)` takes what is given besides the first.
 * @type {Does.slot}
 */
export function slot(name, schema, owner, {use, remark, changed, more}) {
    const title = schema.title ?? name;
    const about = element('span', {class: 'pixels-about', id: freshId()});
    const trouble = alertLine();
    const face = button('', () => chooser.click(), INVITATION, {class: 'pixels-drop', 'aria-describedby': about.id});
    const clear = button('Clear', () => put(undefined), '', {'aria-label': `Clear ${title}`});
    const chooser = element('input', {
        type: 'file', accept: 'image/*', multiple: Boolean(more), hidden: true, tabindex: -1, 'aria-hidden': 'true', on: {change: chosen},
    });
    const node = element(
        'div', {class: 'pixels-slot', 'data-field': name},
        element('div', {class: 'pixels-label', title: schema.description}, title), remark, face,
        element('div', {class: 'pixels-foot'}, about, clear, trouble.node), chooser,
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
            if (others.length && !more) throw new Error(`${title} is one picture, and these are ${others.length + 1}; nothing was changed.`);
            try {
                const given = await pictureText(file, use);
                if (mine === turn) put(given.text, given.note);
            } finally {
                mine = turn;
                if (others.length) await more?.(others); // also when the first is broken
            }
        } catch (error) {
            if (mine === turn) trouble.say(inWords(error)); // the picture before it stays
        } finally {
            if (mine === turn) node.removeAttribute('aria-busy');
        }
    }

    /** @type {Does.put} */
    function put(value, note = '') {
        turn += 1;
        node.removeAttribute('aria-busy');
        trouble.say('');
        if (value === undefined) delete owner[name];
        else owner[name] = value;
        show(note);
        changed();
    }

    /** @param {string} [note] of a picture that has just come; only then it is said aloud */
    function show(note) {
        const value = shown = owner[name];
        about.ariaLive = note === undefined ? 'off' : 'polite';
        const here = isHere(value);
        clear.hidden = value === undefined;
        face.setAttribute('aria-label', `${title}: ${here ? 'replace the picture' : INVITATION.toLowerCase()}`);
        face.classList.toggle('pixels-filled', here);
        about.textContent = '';
        if (!here) {
            face.replaceChildren(value === undefined ? INVITATION : absent(value));
            return;
        }
        const image = element('img', {src: addressOf(value), alt: title, draggable: 'false', on: {
            load() {
                about.textContent = [`${image.naturalWidth}×${image.naturalHeight}`, `${kilobytes(value)} kB`, note].filter(Boolean).join(', ');
            },
            error: () => face.replaceChildren('This browser cannot show the picture; it is sent as it is.'),
        }});
        face.replaceChildren(image);
    }

    takePictures(node, take);
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

/** @type {Does.absent} */
function absent(value) {
    if (typeof value !== 'string') return `Made from ${JSON.stringify(value)}`;
    return value.startsWith('sha256:') ? `Picture missing (${value})` : `Fetched by the WebUI from ${value}`;
}

/** @type {Does.kilobytes} */
const kilobytes = address => Math.max(1, Math.round(((address.length - address.indexOf(',') - 1) * 0.75) / 1000));
