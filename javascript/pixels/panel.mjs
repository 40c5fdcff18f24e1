/** The panel: an editor of the request, drawn from the schema that Python wrote into the mount point. */

/** @import {App, Edit, Group, Owner, Request} from './types.d.ts' */

const {asking} = await import('./asking.mjs' + new URL(import.meta.url).search);
const {element, inWords} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {cards} = await import('./cards.mjs' + new URL(import.meta.url).search);
const {form} = await import('./form.mjs' + new URL(import.meta.url).search);
const {history} = await import('./history.mjs' + new URL(import.meta.url).search);
const {jsonView} = await import('./jsonview.mjs' + new URL(import.meta.url).search);
const {EXEMPLAR, pictureText} = await import('./pictures.mjs' + new URL(import.meta.url).search);
const {resultButtons} = await import('./results.mjs' + new URL(import.meta.url).search);
const {isList, problem, sparse} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {keepingPlace} = await import('./keeping.mjs' + new URL(import.meta.url).search);
const {keep, kept} = await import('./store.mjs' + new URL(import.meta.url).search);
const {strengthHint} = await import('./strength.mjs' + new URL(import.meta.url).search);
const {linkTextbox} = await import('./textbox.mjs' + new URL(import.meta.url).search);

/**
 * Draw the panel into the mount point `place`, and keep it and its text box in `app` equal until the host takes the
 * place out of the page; `left()` is then called.
 * @type {(place: HTMLElement, app: App, left: () => void) => void}
 */
export function mount(place, app, left) {
    const {schema: written = '{}', request: id = ''} = place.dataset;
    /** @type {Group} */
    const schema = JSON.parse(written);
    const life = new AbortController();
    const body = element('div', {class: 'pixels-body'});
    const trouble = element('p', {class: 'pixels-problem', role: 'alert', hidden: true});
    const view = jsonView({request, replace});
    const ask = asking(part);
    /** @type {Edit['followers']} */
    const followers = new Set();
    /** The lists of the request, as they are drawn. @type {Map<string, ReturnType<typeof cards>>} */
    const lists = new Map();
    /** @type {Owner & Request} */
    let state = {};
    const past = history(state);
    /** @type {ReturnType<typeof import('./studio/studio.mjs').studio> | null} */
    let studio = null;
    const canvas = element('div', {class: 'pixels-place'});

    function request() {
        return sparse(state, schema);
    }

    function text() {
        const compact = request();
        return Object.keys(compact).length ? JSON.stringify(compact) : '';
    }

    /**
     * Put the request in `json` into the form; a sentence if that is not possible, and then nothing has changed.
     * @type {(json: string) => string | null}
     */
    function load(json) {
        const {value, sentence} = parsed(json.trim() || '{}', schema);
        if (!value) return sentence;
        state = value;
        past.note(state, true);
        trouble.hidden = true;
        draw();
        return null;
    }

    /** @type {(json: string) => string | null} */
    function replace(json) {
        const sentence = load(json);
        if (!sentence) link.changed();
        return sentence;
    }

    /** Something in the request changed: `apart` if undoing it is a step of its own. */
    function changed(apart = false) {
        past.note(state, apart);
        for (const follow of followers) follow();
        trouble.hidden = true;
        studio?.refresh();
        link.changed();
    }

    /** @type {(file: Blob) => Promise<void>} */
    async function addExemplar(file) {
        const {text: image} = await pictureText(file, EXEMPLAR);
        (state.exemplars ??= []).push({image});
        past.note(state, true);
        draw();
        link.changed();
    }

    /** @type {(earlier: Owner | null) => void} */
    function back(earlier) {
        if (!earlier) return;
        state = earlier;
        draw();
        link.changed();
    }

    /** The studio's modules are loaded when the panel is seen for the first time. */
    async function open() {
        const {studio: made} = await import('./studio/studio.mjs' + new URL(import.meta.url).search);
        studio = made({
            schema, app, changed, ask, add: addExemplar, signal: life.signal, state: () => state, can: () => past.can(),
            undo: () => back(past.undo()), redo: () => back(past.redo()), exemplars: () => lists.get('exemplars'),
        });
        canvas.append(studio.node);
    }

    function draw() {
        followers.clear();
        lists.clear();
        const edit = {state, followers};
        for (const [name, inner] of Object.entries(schema.properties)) {
            if (isList(inner)) lists.set(name, cards(inner, state[name] ??= [], changed, edit));
        }
        const {node} = form(schema, state, () => changed(), edit);
        keepingPlace(body, () => body.replaceChildren(...[...lists.values()].map(each => each.node), node));
        view.refresh();
        studio?.refresh();
    }

    /**
     * The hidden element "question", "answer" or "ask".
     * @type {(name: string) => (HTMLElement & {value?: string}) | null}
     */
    function part(name) {
        const found = /** @type {HTMLElement | null} */ (app.querySelector(`#${CSS.escape(id.replace(/request$/, name))}`));
        return /** @type {HTMLTextAreaElement | HTMLInputElement | null | undefined} */ (found?.querySelector('textarea, input')) ?? found;
    }

    /** @type {() => HTMLTextAreaElement | null} */
    function find() {
        if (place.isConnected) return app.querySelector(`#${CSS.escape(id)} textarea`);
        life.abort();
        left();
        return null;
    }

    draw();
    place.replaceChildren(trouble, canvas, body, strengthHint({app, ask, request}), view.node);
    const seen = new IntersectionObserver(entries => {
        if (!entries.some(entry => entry.isIntersecting)) return;
        seen.disconnect();
        open();
    });
    seen.observe(canvas);
    document.documentElement.classList.add('pixels-mounted'); // the style sheet hides the plain text box from now on
    const link = linkTextbox({
        find,
        text,
        load(json) {
            const sentence = load(json);
            trouble.textContent = sentence ? `The request that was pasted is not shown: ${sentence}` : '';
            trouble.hidden = !sentence;
        },
        wrote(json) {
            view.refresh();
            keep(id, json);
        },
        signal: life.signal,
    });
    resultButtons(app, place, {exemplar: addExemplar, signal: life.signal});
    kept(id).then(json => {
        // Only into an empty panel: what came from Python, or was begun meanwhile, is newer.
        if (!json || text() || find()?.value || load(json)) return;
        link.changed();
    });
}

/** @type {(json: string, schema: Group) => {value: Owner, sentence?: undefined} | {value?: undefined, sentence: string}} */
function parsed(json, schema) {
    let value;
    try {
        value = JSON.parse(json);
    } catch (error) {
        return {sentence: `This is not JSON (${inWords(error)}).`};
    }
    const sentence = problem(value, schema);
    return sentence ? {sentence} : {value};
}
