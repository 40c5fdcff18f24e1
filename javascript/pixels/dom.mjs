/** Making elements. Everything visible is made here, as nodes and text, so nothing can be injected through a request. */

/**
 * An element with its attributes, listeners (`on: {click: ...}`) and children (nodes or texts; null is left out).
 * `value` and `checked` are set as properties, since as attributes they would only be defaults.
 * @type {MakeElement}
 */
export function element(tag, {on = {}, ...attributes} = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name === 'value' || name === 'checked') Object.assign(made, {[name]: value});
        else if (value === true) made.setAttribute(name, '');
        else if (value !== false && value != null) made.setAttribute(name, String(value));
    }
    for (const [event, listener] of Object.entries(on)) made.addEventListener(event, /** @type {EventListener} */ (listener));
    made.append(...children.flatMap(child => child ?? []));
    return made;
}

/** A button. `about` is its title; where the face is only a sign, screen readers take that for its name. @type {Fn.button} */
export function button(face, press, about, attributes = {}) {
    const shown = /\p{L}/u.test(face) ? face : element('span', {'aria-hidden': 'true'}, face);
    return element('button', {type: 'button', title: about, ...attributes, on: {click: press}}, shown);
}

/** A button that shows and hides `node`; `set(yes)` does it without. @type {Fn.disclosure} */
export function disclosure(face, about, node, attributes = {}) {
    node.id ||= uniqueId();
    const made = button(face, () => set(Boolean(node.hidden)), about, {...attributes, 'aria-controls': node.id});
    /** @param {boolean} yes */
    function set(yes) {
        node.hidden = !yes;
        made.setAttribute('aria-expanded', String(yes));
    }
    set(false);
    return {button: made, set};
}

/**
 * Where it is said at once what is wrong: `say(sentence)`, with '' it is gone.
 * @type {Fn.alertLine}
 */
export function alertLine() {
    const node = element('p', {class: 'pixels-problem', role: 'alert', hidden: true});
    return {
        node,
        say(sentence) {
            if (node.textContent !== sentence) node.textContent = sentence; // else screen readers would say it again
            node.hidden = !sentence;
        },
    };
}

/** Write into a box so that all who listen notice, gradio too. @type {Fn.setValue} */
export function setValue(box, text) {
    box.value = text;
    box.dispatchEvent(new Event('input', {bubbles: true}));
}

/** What a canvas is drawn with. Raises an Error for the user: browsers have none when their memory is full. @type {Fn.context2d} */
export function context2d(canvas, settings) {
    const made = canvas.getContext('2d', settings);
    if (!made) throw new Error('This browser has no memory for another image.');
    return made;
}

/** What an error says. @type {Fn.errorText} */
export const errorText = error => (error instanceof Error ? error.message : String(error));

/** @type {Fn.sleep} */
export const sleep = time => new Promise(done => { setTimeout(done, time); });

/** Call `look` now, and again every so many milliseconds until `signal` is aborted. @type {Fn.poll} */
export function poll(time, look, signal) {
    const looking = setInterval(look, time);
    signal.addEventListener('abort', () => clearInterval(looking));
    look();
}

let made = 0;

/** An id that no other element of the page has. */
export const uniqueId = () => `pixels-${made += 1}`;
