/** Making elements. Everything visible is made here, as nodes and text, so nothing can be injected through a request. */

/** @import {Attributes} from './types.d.ts' */

/**
 * An element with its attributes, listeners (`on: {click: ...}`) and children (nodes or texts; null is left out).
 * `value` and `checked` are set as properties, since as attributes they would only be defaults.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElementTagNameMap[Tag]}
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

/**
 * A button that says what it does to screen readers too when its face is only a sign.
 * @type {(face: string, label: string | null, press: () => void, attributes?: Attributes) => HTMLButtonElement}
 */
export function button(face, label, press, attributes = {}) {
    return element('button', {type: 'button', 'aria-label': label, title: label, ...attributes, on: {click: press}}, face);
}

/**
 * What a canvas is drawn with. Raises an Error for the user: browsers have none when their memory is full.
 * @type {(canvas: HTMLCanvasElement | OffscreenCanvas, settings?: CanvasRenderingContext2DSettings) => CanvasRenderingContext2D}
 */
export function pen(canvas, settings) {
    const made = /** @type {CanvasRenderingContext2D | null} */ (canvas.getContext('2d', settings));
    if (!made) throw new Error('This browser has no memory for another picture.');
    return made;
}

/**
 * What an error says.
 * @type {(error: unknown) => string}
 */
export const inWords = error => (error instanceof Error ? error.message : String(error));

let made = 0;

/**
 * An id that no other element of the page has.
 * @type {() => string}
 */
export function freshId() {
    made += 1;
    return `pixels-${made}`;
}
