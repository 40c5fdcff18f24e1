/** The panel: an editor of the request, drawn from the schema that Python wrote into the mount point. */

const {alertLine, element, inWords} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {cards, form} = await import('./form.mjs' + new URL(import.meta.url).search);
const {history, keep, keepingPlace, kept} = await import('./memory.mjs' + new URL(import.meta.url).search);
const {jsonView} = await import('./jsonview.mjs' + new URL(import.meta.url).search);
const {EXEMPLAR, pictureText} = await import('./pictures.mjs' + new URL(import.meta.url).search);
const {resultButtons, strengthHint} = await import('./tab.mjs' + new URL(import.meta.url).search);
const {isList, problem, sparse} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {asking, linkTextbox} = await import('./textbox.mjs' + new URL(import.meta.url).search);

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
    const canvas = element('div', {class: 'pixels-place'});
    const trouble = alertLine();
    const ask = asking(part);
    /** @type {Edit['followers']} */
    const followers = new Set();
    /** The lists of the request, as they are drawn. @type {Map<string, Cards>} */
    const lists = new Map();
    /** @type {Owner & EditRequest} */
    let state = {};
    const past = history(state);
    /** @type {Studio | null} */
    let studio = null;

    const request = () => sparse(state, schema);
    const view = jsonView(request, json => {
        load(json);
        link.changed();
    });

    function text() {
        const compact = request();
        return Object.keys(compact).length ? JSON.stringify(compact) : '';
    }

    /** Put the request in `json` into the form. Raises an Error for the user, and then nothing has changed. @param {string} json */
    function load(json) {
        state = parsed(json.trim() || '{}', schema);
        past.note(state, true);
        trouble.say('');
        draw();
    }

    /** Something in the request changed: `apart` if undoing it is a step of its own. */
    function changed(apart = false) {
        past.note(state, apart);
        for (const follow of followers) follow();
        trouble.say('');
        studio?.refresh();
        link.changed();
    }

    /** @param {Blob} file */
    async function addExemplar(file) {
        const {text: image} = await pictureText(file, EXEMPLAR);
        (state.exemplars ??= []).push({image});
        past.note(state, true);
        draw(`Exemplar ${state.exemplars.length} was added.`);
        link.changed();
    }

    /** Undo (-1) or redo (1). @param {number} by */
    function step(by) {
        const other = past.step(by);
        if (!other) return;
        state = other;
        const {undo, redo} = past.left();
        draw(by < 0 ? `Undone, ${undo} more to undo.` : `Redone, ${redo} more to redo.`);
        link.changed();
    }

    /** The studio's modules are loaded when the panel is seen for the first time. */
    async function open() {
        const {studio: made} = await import('./studio/studio.mjs' + new URL(import.meta.url).search);
        studio = made({
            schema, app, changed, ask, step, add: addExemplar, signal: life.signal, state: () => state, left: past.left,
            exemplars: () => lists.get('exemplars'),
        });
        canvas.append(studio.node);
    }

    /** @param {string} [said] what has happened */
    function draw(said) {
        followers.clear();
        lists.clear();
        const edit = {state, followers};
        for (const [name, inner] of Object.entries(schema.properties)) {
            if (isList(inner)) lists.set(name, cards(inner, state[name] ??= [], changed, edit));
        }
        const {node} = form(schema, state, () => changed(), edit);
        keepingPlace(body, () => body.replaceChildren(...[...lists.values()].map(each => each.node), node));
        view.refresh();
        studio?.refresh(said);
    }

    /** The text box "request", the hidden "question" and "answer", the button "ask". @type {(name: string) => Box | null} */
    function part(name) {
        const found = /** @type {HTMLElement | null} */ (app.querySelector(`#${CSS.escape(id.replace(/request$/, name))}`));
        return /** @type {HTMLInputElement | null | undefined} */ (found?.querySelector('textarea, input')) ?? found;
    }

    function find() {
        if (place.isConnected) return part('request');
        life.abort();
        left();
        return null;
    }

    draw();
    place.replaceChildren(trouble.node, canvas, body, strengthHint(app, ask, request), view.node);
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
            try {
                load(json);
            } catch (error) {
                trouble.say(`The request that was pasted is not shown: ${inWords(error)}`);
            }
        },
        wrote(json) {
            view.refresh();
            keep(id, json);
        },
        signal: life.signal,
    });
    resultButtons(app, place, addExemplar, life.signal);
    kept(id).then(json => {
        // Only into an empty panel: what came from Python, or was begun meanwhile, is newer.
        if (!json || text() || find()?.value) return;
        load(json);
        link.changed();
    }).catch(() => {}); // what an older version kept may not be a request any more
}

/** The request in a text. Raises an Error for the user. @type {(json: string, schema: Group) => Owner} */
function parsed(json, schema) {
    let value;
    try {
        value = JSON.parse(json);
    } catch (error) {
        throw new Error(`This is not JSON (${inWords(error)}).`);
    }
    const sentence = problem(value, schema);
    if (sentence) throw new Error(sentence);
    return value;
}
