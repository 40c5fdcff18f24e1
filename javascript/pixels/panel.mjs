/** The panel: an editor of the request, drawn from the schema that Python wrote into the mount point. */

const {alertLine, element, errorText} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {exemplarCards, form} = await import('./form.mjs' + new URL(import.meta.url).search);
const {history, requestStore, preservingFocus} = await import('./history.mjs' + new URL(import.meta.url).search);
const {jsonView} = await import('./json_view.mjs' + new URL(import.meta.url).search);
const {EXEMPLAR_UPLOAD, encodeUpload} = await import('./images.mjs' + new URL(import.meta.url).search);
const {pythonQueries, syncTextbox, resultButtons, strengthSuggestion} = await import('./webui.mjs' + new URL(import.meta.url).search);
const {isList, validationError, withoutDefaults} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {routeImages} = await import('./drop_and_paste.mjs' + new URL(import.meta.url).search);

/**
 * Draw the panel into the mount point `place`, and keep it and its text box in `app` equal until the host takes the
 * place out of the page; `left()` is then called.
 * @type {Fn.mount}
 */
export function mount(place, app, left) {
    const {schema: written = '{}', request: id = '', calls = '[]'} = place.dataset;
    /** @type {Group} */
    const schema = JSON.parse(written);
    const life = new AbortController();
    const body = element('div', {class: 'pixels-body'});
    const canvas = element('div', {class: 'pixels-studio-area'});
    const trouble = alertLine();
    const ask = pythonQueries(part);
    /** @type {Edit['followers']} */
    const followers = new Set();
    /** The lists of the request, as they are drawn. @type {Map<string, Cards>} */
    const lists = new Map();
    /** @type {Owner & EditRequest} */
    let state = {};
    const past = history(state);
    const memory = requestStore(id, life.signal);
    const hint = strengthSuggestion(app, ask, () => request());
    /** @type {Studio | null} */
    let studio = null;

    const request = () => withoutDefaults(state, schema);
    const view = jsonView(request, json => {
        load(json);
        link.changed();
    }, JSON.parse(calls));

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
        hint.forget();
        studio?.refresh();
        link.changed();
    }

    /**
     * Make exemplars of images, behind `after` or at the end. Raises an Error for the user about those that cannot be.
     * @type {Edit['add']}
     */
    async function add(files, after) {
        const given = [];
        const said = [];
        for (const file of await files) {
            try {
                given.push(await encodeUpload(file, EXEMPLAR_UPLOAD));
            } catch (error) {
                said.push(errorText(error));
            }
        }
        said.push(lists.get('exemplars')?.add(given, after) ?? '');
        if (given.length) studio?.refresh(`Exemplars added: ${given.length}.`);
        const sentence = said.join(' ').trim();
        if (sentence) throw new Error(sentence);
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
            schema, app, changed, ask, step, add, signal: life.signal, state: () => state, left: past.left,
            exemplars: () => lists.get('exemplars'),
        });
        canvas.append(studio.node);
    }

    /** @param {string} [said] what has happened */
    function draw(said) {
        followers.clear();
        lists.clear();
        const edit = {state, followers, add};
        for (const [name, inner] of Object.entries(schema.properties)) {
            if (isList(inner)) lists.set(name, exemplarCards(inner, state[name] ??= [], changed, edit));
        }
        const {node} = form(schema, state, () => changed(), edit);
        preservingFocus(body, () => body.replaceChildren(...[...lists.values()].map(each => each.node), node));
        view.refresh();
        hint.forget();
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
    place.replaceChildren(trouble.node, canvas, body, hint.node, view.node);
    const seen = new IntersectionObserver(entries => {
        if (!entries.some(entry => entry.isIntersecting)) return;
        seen.disconnect();
        open();
    });
    seen.observe(canvas);
    document.documentElement.classList.add('pixels-mounted'); // the style sheet hides the plain text box from now on
    const link = syncTextbox({
        find,
        text,
        load(json) {
            try {
                load(json);
                memory.keep(json);
            } catch (error) {
                trouble.say(`The request that was pasted is not shown: ${errorText(error)}`);
            }
        },
        wrote(json) {
            view.refresh();
            memory.keep(json);
        },
        signal: life.signal,
    });
    resultButtons(app, place, file => add([file]), life.signal);
    routeImages(place, () => trouble.say('Drop images on a slot, the canvas or “Add an exemplar”.'), life.signal);
    memory.kept().then(json => {
        // Only into an empty panel: what came from Python, or was begun meanwhile, is newer.
        if (!json || text() || find()?.value) return;
        load(json);
        link.changed();
    }).catch(() => {}); // what an older version kept may not be a request any more
}

/** The request in a text. Raises an Error for the user. @type {Fn.parsed} */
function parsed(json, schema) {
    let value;
    try {
        value = JSON.parse(json);
    } catch (error) {
        throw new Error(`This is not JSON (${errorText(error)}).`);
    }
    const sentence = validationError(value, schema);
    if (sentence) throw new Error(sentence);
    return value;
}
