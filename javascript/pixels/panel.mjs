/** The panel: an editor of the request, drawn from the schema that Python wrote into the mount point. */

const {element} = await import('./dom.mjs' + new URL(import.meta.url).search);
const {cards} = await import('./cards.mjs' + new URL(import.meta.url).search);
const {form} = await import('./form.mjs' + new URL(import.meta.url).search);
const {jsonView} = await import('./jsonview.mjs' + new URL(import.meta.url).search);
const {isList, problem, sparse} = await import('./schema.mjs' + new URL(import.meta.url).search);
const {linkTextbox} = await import('./textbox.mjs' + new URL(import.meta.url).search);

/**
 * Draw the panel into the mount point `place`, and keep it and its text box in `app` equal until the host takes the
 * place out of the page; `left()` is then called.
 */
export function mount(place, app, left) {
    const schema = JSON.parse(place.dataset.schema);
    const life = new AbortController();
    const body = element('div', {class: 'pixels-body'});
    const trouble = element('p', {class: 'pixels-problem', role: 'alert', hidden: true});
    const view = jsonView({request, replace});
    const followers = new Set();
    let state = {};

    function request() {
        return sparse(state, schema);
    }

    function text() {
        const compact = request();
        return Object.keys(compact).length ? JSON.stringify(compact) : '';
    }

    /** Put the request in `json` into the form; a sentence if that is not possible, and then nothing has changed. */
    function load(json) {
        const {value, sentence} = parsed(json.trim() || '{}', schema);
        if (sentence) return sentence;
        state = value;
        trouble.hidden = true;
        draw();
        return null;
    }

    function replace(json) {
        const sentence = load(json);
        if (!sentence) link.changed();
        return sentence;
    }

    function changed() {
        for (const follow of followers) follow();
        trouble.hidden = true;
        link.changed();
    }

    function draw() {
        const lists = Object.entries(schema.properties).filter(([, inner]) => isList(inner));
        followers.clear();
        const edit = {state, followers};
        body.replaceChildren(
            ...lists.map(([name, inner]) => cards(inner, state[name] ??= [], changed, edit)),
            element('div', {class: 'pixels-studio', hidden: true}),
            form(schema, state, changed, edit).node,
        );
        view.refresh();
    }

    function find() {
        if (place.isConnected) return app.querySelector(`#${CSS.escape(place.dataset.request)} textarea`);
        life.abort();
        left();
        return null;
    }

    draw();
    place.replaceChildren(trouble, body, view.node);
    document.documentElement.classList.add('pixels-mounted'); // the style sheet hides the plain text box from now on
    const link = linkTextbox({
        find,
        text,
        load(json) {
            const sentence = load(json);
            trouble.textContent = sentence ? `The request that was pasted is not shown: ${sentence}` : '';
            trouble.hidden = !sentence;
        },
        wrote: view.refresh,
        signal: life.signal,
    });
}

function parsed(json, schema) {
    let value;
    try {
        value = JSON.parse(json);
    } catch (error) {
        return {sentence: `This is not JSON (${error.message}).`};
    }
    const sentence = problem(value, schema);
    return sentence ? {sentence} : {value};
}
