/** The panel: an editor of the request, built from the schema that Python writes into the mount point. */

const {alertLine, element, errorText} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {exemplarCards, form} = await import('./form.mjs' + new URL(import.meta.url).search);
const {preserveFocus, requestStore, undoHistory} = await import('./history.mjs' + new URL(import.meta.url).search);
const {jsonView} = await import('./json_view.mjs' + new URL(import.meta.url).search);
const {EXEMPLAR_UPLOAD, encodeUpload} = await import('./images.mjs' + new URL(import.meta.url).search);
const {pythonQueries, syncTextbox, resultButtons, strengthSuggestion} = await import('./webui.mjs' + new URL(import.meta.url).search);
const {isList, validationError, withoutDefaults} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {routeImages} = await import('./drop_and_paste.mjs' + new URL(import.meta.url).search);

/**
 * Draw the panel into the mount point `root` and keep it in sync with its text box in `app`, until the WebUI removes `root` from the
 * page; then `removed()` is called.
 * @type {Fn.mount}
 */
export function mount(root, app, removed) {
    const {schema: schemaText = '{}', request: id = '', calls = '[]'} = root.dataset;
    /** @type {Group} */
    const schema = JSON.parse(schemaText);
    const lifetime = new AbortController();
    const body = element('div', {class: 'pixels-body'});
    const studioArea = element('div', {class: 'pixels-studio-area'});
    const error = alertLine();
    const ask = pythonQueries(part);
    /** @type {Edit['listeners']} */
    const listeners = new Set();
    /** The drawn lists of the request. @type {Map<string, Cards>} */
    const lists = new Map();
    /** @type {Owner & EditRequest} */
    let state = {};
    const past = undoHistory(state);
    const store = requestStore(id, lifetime.signal);
    const suggestion = strengthSuggestion(app, ask, () => request());
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

    /** Show the request in `json`. Throws an Error for the user, and then nothing has changed. @param {string} json */
    function load(json) {
        state = parseRequest(json.trim() || '{}', schema);
        past.record(state, true);
        error.show('');
        draw();
    }

    /** Call after a change of the request; `apart`: undoing it is a step of its own. */
    function changed(apart = false) {
        past.record(state, apart);
        for (const listener of listeners) listener();
        error.show('');
        suggestion.clear();
        studio?.refresh();
        link.changed();
    }

    /**
     * Add images as exemplars, after `after` or at the end. Throws an Error for the user about those that fail.
     * @type {Edit['add']}
     */
    async function add(files, after) {
        const uploads = [];
        const problems = [];
        for (const file of await files) {
            try {
                uploads.push(await encodeUpload(file, EXEMPLAR_UPLOAD));
            } catch (problem) {
                problems.push(errorText(problem));
            }
        }
        problems.push(lists.get('exemplars')?.add(uploads, after) ?? '');
        if (uploads.length) studio?.refresh(`Exemplars added: ${uploads.length}.`);
        const sentence = problems.join(' ').trim();
        if (sentence) throw new Error(sentence);
    }

    /** Undo (-1) or redo (1). @param {number} by */
    function step(by) {
        const other = past.step(by);
        if (!other) return;
        state = other;
        const {undo, redo} = past.counts();
        draw(by < 0 ? `Undone, ${undo} more to undo.` : `Redone, ${redo} more to redo.`);
        link.changed();
    }

    /** The studio's modules are loaded when the panel is first visible. */
    async function open() {
        const {studio: createStudio} = await import('./studio/studio.mjs' + new URL(import.meta.url).search);
        studio = createStudio({
            schema, app, changed, ask, step, add, signal: lifetime.signal, state: () => state, counts: past.counts,
            exemplars: () => lists.get('exemplars'),
        });
        studioArea.append(studio.node);
    }

    /** @param {string} [message] what has happened */
    function draw(message) {
        listeners.clear();
        lists.clear();
        const edit = {state, listeners, add};
        for (const [name, inner] of Object.entries(schema.properties)) {
            if (isList(inner)) lists.set(name, exemplarCards(inner, state[name] ??= [], changed, edit));
        }
        const {node} = form(schema, state, () => changed(), edit);
        preserveFocus(body, () => body.replaceChildren(...[...lists.values()].map(each => each.node), node));
        view.refresh();
        suggestion.clear();
        studio?.refresh(message);
    }

    /** The text box "request", the hidden "question" and "answer", the button "ask". @type {(name: string) => TextBox | null} */
    function part(name) {
        const found = /** @type {HTMLElement | null} */ (app.querySelector(`#${CSS.escape(id.replace(/request$/, name))}`));
        return /** @type {HTMLInputElement | null | undefined} */ (found?.querySelector('textarea, input')) ?? found;
    }

    function find() {
        if (root.isConnected) return part('request');
        lifetime.abort();
        removed();
        return null;
    }

    draw();
    root.replaceChildren(error.node, studioArea, body, suggestion.node, view.node);
    const seen = new IntersectionObserver(entries => {
        if (!entries.some(entry => entry.isIntersecting)) return;
        seen.disconnect();
        open();
    });
    seen.observe(studioArea);
    document.documentElement.classList.add('pixels-mounted'); // style.css now hides the plain text box
    const link = syncTextbox({
        find,
        text,
        load(json) {
            try {
                load(json);
                store.save(json);
            } catch (problem) {
                error.show(`The pasted request cannot be shown: ${errorText(problem)}`);
            }
        },
        wrote(json) {
            view.refresh();
            store.save(json);
        },
        signal: lifetime.signal,
    });
    resultButtons(app, root, file => add([file]), lifetime.signal);
    routeImages(root, () => error.show('Drop images on an image field, the canvas or “Add an exemplar”.'), lifetime.signal);
    store.load().then(json => {
        // Only into an empty panel: what came from Python or was edited meanwhile is newer.
        if (!json || text() || find()?.value) return;
        load(json);
        link.changed();
    }).catch(() => {}); // an older version's request may be invalid now
}

/** Throws an Error for the user. @type {Fn.parseRequest} */
function parseRequest(json, schema) {
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
