/** The place for one picture: choose, drop or paste it, see it, clear it. */

/** @import {Owner, Schema, Slot, Use} from './types.d.ts' */

const {button, element, freshId, inWords} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {addressOf, isHere, pictureText} = await import('./pictures.mjs' + new URL(import.meta.url).search);
const {bringsPicture, claim, mayHavePicture, picturesIn} = await import('./transfer.mjs' + new URL(import.meta.url).search);

/** What an empty slot says. */
const INVITATION = 'Choose, drop or paste a picture';

/**
 * A slot for the picture field `name` of `owner`, which is changed in place. `use` tells how large pictures are reduced;
 * `remark` is a line that is always shown. Besides a picture, the request may hold `sha256:...` (a picture that an image
 * was made with, but that is not here) or an address; both stay as they are until the user gives a picture.
 * `take(files)` puts the first file in; `show()` has to be called when the picture was changed elsewhere.
 * @param {string} name
 * @param {Schema} schema
 * @param {Owner} owner
 * @param {{use: Use, remark?: HTMLElement, changed: () => void}} edit
 * @returns {Slot & {show: () => void}}
 */
export function slot(name, schema, owner, {use, remark, changed}) {
    const title = schema.title ?? name;
    const about = element('span', {class: 'pixels-about', id: freshId(), 'aria-live': 'polite'});
    const trouble = element('p', {class: 'pixels-problem', role: 'alert', hidden: true});
    const face = button('', '', () => chooser.click(), {class: 'pixels-drop', 'aria-describedby': about.id});
    const clear = button('Clear', `Clear ${title}`, () => put(undefined));
    const chooser = element('input', {
        type: 'file', accept: 'image/*', hidden: true, tabindex: -1, 'aria-hidden': 'true',
        on: {
            change() {
                take([...chooser.files ?? []]);
                chooser.value = ''; // so that the same file can be chosen again after it changed on disk
            },
        },
    });
    const node = element(
        'div', {class: 'pixels-slot', 'data-field': name, on: {dragover, dragleave, drop, paste}},
        element('div', {class: 'pixels-label', title: schema.description}, title), remark, face,
        element('div', {class: 'pixels-foot'}, about, clear, trouble), chooser,
    );
    let turn = 0;

    /** @param {File[] | Promise<Blob[]>} files */
    async function take(files) {
        turn += 1;
        const mine = turn;
        trouble.hidden = true;
        node.setAttribute('aria-busy', 'true');
        try {
            const [file] = await files;
            if (!file) throw new Error('There is no picture in it.');
            const {text, note} = await pictureText(file, use);
            if (mine === turn) put(text, note);
        } catch (error) {
            if (mine === turn) tell(inWords(error)); // the picture before it stays
        } finally {
            if (mine === turn) node.removeAttribute('aria-busy');
        }
    }

    /** @type {(value: string | undefined, note?: string) => void} */
    function put(value, note = '') {
        turn += 1;
        node.removeAttribute('aria-busy');
        trouble.hidden = true;
        if (value === undefined) delete owner[name];
        else owner[name] = value;
        show(note);
        changed();
    }

    /** @type {(sentence: string) => void} */
    function tell(sentence) {
        trouble.textContent = sentence;
        trouble.hidden = false;
    }

    function show(note = '') {
        const value = owner[name];
        const source = sourceOf(value);
        clear.hidden = value === undefined;
        face.setAttribute('aria-label', source ? `${title}: replace the picture` : `${title}: ${INVITATION.toLowerCase()}`);
        face.title = INVITATION;
        face.classList.toggle('pixels-filled', Boolean(source));
        about.textContent = '';
        if (!source) {
            face.replaceChildren(value === undefined ? INVITATION : absent(value));
            return;
        }
        const image = element('img', {src: source, alt: title, draggable: 'false'});
        image.addEventListener('load', () => {
            const parts = [`${image.naturalWidth}×${image.naturalHeight}`, `${kilobytes(value)} kB`, note];
            about.textContent = parts.filter(Boolean).join(', ');
        });
        image.addEventListener('error', () => face.replaceChildren('This browser cannot show the picture; it is sent as it is.'));
        face.replaceChildren(image);
    }

    /** @type {(event: DragEvent) => void} */
    function dragover(event) {
        if (!mayHavePicture(event.dataTransfer)) return;
        claim(event);
        event.dataTransfer.dropEffect = 'copy';
        node.classList.add('pixels-over');
    }
    function dragleave() {
        node.classList.remove('pixels-over');
    }
    /** @type {(event: DragEvent) => void} */
    function drop(event) {
        claim(event);
        dragleave();
        take(picturesIn(event.dataTransfer));
    }
    /** @type {(event: ClipboardEvent) => void} */
    function paste(event) {
        if (!bringsPicture(event.clipboardData)) return;
        claim(event);
        take(picturesIn(event.clipboardData));
    }

    show();
    return {node, take, show};
}

/**
 * What an image element shows for a picture of the request, or null if there is nothing to show.
 * @type {(value: unknown) => string | null}
 */
function sourceOf(value) {
    return isHere(value) ? addressOf(value) : null;
}

/** @type {(value: unknown) => string} */
function absent(value) {
    if (typeof value !== 'string') return `Made from ${JSON.stringify(value)}`;
    return value.startsWith('sha256:') ? `Picture missing (${value})` : `Fetched by the WebUI from ${value}`;
}

/** @type {(text: string) => number} */
const kilobytes = text => Math.max(1, Math.round(((text.length - text.indexOf(',') - 1) * 0.75) / 1000));
