/** The places for pictures: one that is given, and an edit map, which is a picture or made in one of several ways. */

const {alertLine, button, element, freshId, inWords} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {addressOf, isHere, pictureText, takePictures} = await import('./pictures.mjs' + new URL(import.meta.url).search);
const {isGroup, madeBy, sourceOf} = await import('./schema.mjs' + new URL(import.meta.url).search);

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

    /** @type {() => string} */
    function current() {
        const value = owner[name];
        return value == null ? empty : typeof value === 'string' ? PICTURE : value.source;
    }

    /** @param {string} way */
    function choose(way) {
        if (owner[name] != null) kept.set(current(), owner[name]);
        if (kept.has(way)) owner[name] = kept.get(way);
        else if (way === PICTURE || way === NONE) delete owner[name];
        else owner[name] = {source: way};
        draw(way);
        changed();
    }

    /** @param {string} way */
    function draw(way) {
        select.value = way;
        drawn = owner[name];
        const chosen = ways.find(each => sourceOf(each) === way);
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
    return {
        node, follow,
        take(files) {
            if (!picture) choose(PICTURE);
            return picture?.take(files);
        },
    };
}

/** What an empty slot says. */
const INVITATION = 'Choose, drop or paste a picture';

/**
 * A slot for the picture field `name` of `owner`, which is changed in place. `remark` is a line that is always shown.
 * Besides a picture, the request may hold `sha256:...` (a picture that an image was made with, but that is not here) or an
 * address; both stay as they are until the user gives a picture.
 * @type {Does.slot}
 */
export function slot(name, schema, owner, {use, remark, changed}) {
    const title = schema.title ?? name;
    const about = element('span', {class: 'pixels-about', id: freshId()});
    const trouble = alertLine();
    const face = button('', () => chooser.click(), INVITATION, {class: 'pixels-drop', 'aria-describedby': about.id});
    const clear = button('Clear', () => put(undefined), '', {'aria-label': `Clear ${title}`});
    const chooser = element('input', {type: 'file', accept: 'image/*', hidden: true, tabindex: -1, 'aria-hidden': 'true', on: {change: chosen}});
    const node = element(
        'div', {class: 'pixels-slot', 'data-field': name},
        element('div', {class: 'pixels-label', title: schema.description}, title), remark, face,
        element('div', {class: 'pixels-foot'}, about, clear, trouble.node), chooser,
    );
    let turn = 0;

    function chosen() {
        take([...chooser.files ?? []]);
        chooser.value = ''; // so that the same file can be chosen again after it changed on disk
    }

    /** @param {File[] | Promise<Blob[]>} files */
    async function take(files) {
        const mine = turn += 1;
        trouble.say('');
        node.setAttribute('aria-busy', 'true');
        try {
            const [file] = await files;
            if (!file) throw new Error('There is no picture in it.');
            const {text, note} = await pictureText(file, use);
            if (mine === turn) put(text, note);
        } catch (error) {
            if (mine === turn) trouble.say(inWords(error)); // the picture before it stays
        } finally {
            if (mine === turn) node.removeAttribute('aria-busy');
        }
    }

    /** @type {(value: string | undefined, note?: string) => void} */
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
        const value = owner[name];
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
    return {node, take, follow: () => show()};
}

/** @type {(value: unknown) => string} */
function absent(value) {
    if (typeof value !== 'string') return `Made from ${JSON.stringify(value)}`;
    return value.startsWith('sha256:') ? `Picture missing (${value})` : `Fetched by the WebUI from ${value}`;
}

/** @type {(text: string) => number} */
const kilobytes = text => Math.max(1, Math.round(((text.length - text.indexOf(',') - 1) * 0.75) / 1000));
