/** DOM helpers. Everything visible is built from nodes and text, so a request cannot inject markup. */

/**
 * Create an element with attributes, listeners (`on: {click: ...}`) and children (nodes or strings; null is skipped).
 * `value` and `checked` are set as properties, since the attributes are only defaults.
 * @type {MakeElement}
 */
export function element(tag, {on = {}, ...attributes} = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name === 'value' || name === 'checked') Object.assign(node, {[name]: value});
        else if (value === true) node.setAttribute(name, '');
        else if (value !== false && value != null) node.setAttribute(name, String(value));
    }
    for (const [event, listener] of Object.entries(on)) node.addEventListener(event, /** @type {EventListener} */ (listener));
    node.append(...children.flatMap(child => child ?? []));
    return node;
}

/** A button. `title` also names it for screen readers where `label` is only a symbol. @type {Fn.button} */
export function button(label, click, title, attributes = {}) {
    const face = /\p{L}/u.test(label) ? label : element('span', {'aria-hidden': 'true'}, label);
    return element('button', {type: 'button', title, ...attributes, on: {click}}, face);
}

/** A button that shows and hides `node`; so does `set(open)`. @type {Fn.disclosure} */
export function disclosure(label, title, node, attributes = {}) {
    node.id ||= uniqueId();
    const toggle = button(label, () => set(Boolean(node.hidden)), title, {...attributes, 'aria-controls': node.id});
    /** @param {boolean} open */
    function set(open) {
        node.hidden = !open;
        toggle.setAttribute('aria-expanded', String(open));
    }
    set(false);
    return {button: toggle, set};
}

/** A line for an error: `show(message)`; '' hides it. @type {Fn.alertLine} */
export function alertLine() {
    const node = element('p', {class: 'pixels-problem', role: 'alert', hidden: true});
    return {
        node,
        show(message) {
            setText(node, message);
            node.hidden = !message;
        },
    };
}

/** Set text without making screen readers repeat it when it stays the same. @type {Fn.setText} */
export function setText(node, text) {
    if (node.textContent !== text) node.textContent = text;
}

/** Set an input's value so that gradio notices. @type {Fn.setValue} */
export function setValue(box, value) {
    box.value = value;
    box.dispatchEvent(new Event('input', {bubbles: true}));
}

/** A canvas's context. Throws an Error for the user: browsers give none when memory is full. @type {Fn.context2d} */
export function context2d(canvas, settings) {
    const context = canvas.getContext('2d', settings);
    if (!context) throw new Error('The browser has run out of memory for images.');
    return context;
}

/** @type {Fn.errorText} */
export const errorText = error => (error instanceof Error ? error.message : String(error));

/** @type {Fn.sleep} */
export const sleep = milliseconds => new Promise(done => { setTimeout(done, milliseconds); });

/** Call `check` now and every `milliseconds` until `signal` is aborted. @type {Fn.poll} */
export function poll(milliseconds, check, signal) {
    const timer = setInterval(check, milliseconds);
    signal.addEventListener('abort', () => clearInterval(timer));
    check();
}

let ids = 0;

export const uniqueId = () => `pixels-${ids += 1}`;
