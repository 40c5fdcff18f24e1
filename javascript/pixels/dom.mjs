/** Making elements. Everything visible is made here, as nodes and text, so nothing can be injected through a request. */

/**
 * An element with its attributes, listeners (`on: {click: ...}`) and children (nodes or texts; null is left out).
 * `value` and `checked` are set as properties, since as attributes they would only be defaults.
 */
export function element(tag, {on = {}, ...attributes} = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name === 'value' || name === 'checked') made[name] = value;
        else if (value === true) made.setAttribute(name, '');
        else if (value !== false && value != null) made.setAttribute(name, value);
    }
    for (const [event, listener] of Object.entries(on)) made.addEventListener(event, listener);
    made.append(...children.filter(child => child != null));
    return made;
}

/** A button that says what it does to screen readers too when its face is only a sign. */
export function button(face, label, press, attributes = {}) {
    return element('button', {type: 'button', 'aria-label': label, title: label, ...attributes, on: {click: press}}, face);
}

let made = 0;

/** An id that no other element of the page has. */
export function freshId() {
    made += 1;
    return `pixels-${made}`;
}
