/** What the keys do while the studio has the focus. */

/** In screen pixels: how far a key moves the view. */
const PAN = 40;

/** The keys in words. */
export const WORDS = [
    ['Arrows', 'Move by a pixel, with Shift by ten: the exemplar, or the brush while painting'], ['+ −', 'Scale'],
    [', .', 'Turn by a degree, with Shift by fifteen'], ['F', 'Flip'],
    ['V, B, E', 'Move, paint exemplar, paint source'], ['[ ]', 'Smaller, larger brush'],
    ['Space', 'Paint where the brush is, with Shift a straight line from the last stroke'],
    ['1, 2, 3', 'Composite, map, overlay'],
    ['Page up, down', 'The exemplar below, above; with Shift move it there'],
    ['Ctrl+D, Delete, H', 'Duplicate, remove, hide the exemplar'],
    ['8, 9, 0', 'Zoom out, in, fit'], ['Ctrl+arrows', 'Move the view'], ['W, Esc', 'Full window, leave it'], ['Ctrl+Z, Ctrl+Shift+Z', 'Undo, redo'],
    ['Wheel', 'Scale, with Shift turn, with Ctrl zoom; the brush’s size while painting'],
    ['Shift while turning, painting', 'Steps of fifteen degrees; a straight line from the last stroke'],
    ['Alt while moving', 'No snapping'], ['Middle button', 'Move the view'],
    ['Two fingers', 'Move, scale and turn the exemplar; while painting, move and zoom the view'],
];

/**
 * `pressed(event, canvas, list)` does what a key asks.
 * @type {(does: Actions) => (event: KeyboardEvent, canvas: HTMLElement, list: HTMLElement) => void}
 */
export function keysOf(does) {
    /** @type {(dx: number, dy: number) => Press} */
    const arrow = (dx, dy) => event => does.shift(event.shiftKey ? [dx * 10, dy * 10] : [dx, dy]);

    /** @type {Record<string, Press>} */
    const onCanvas = {
        ArrowLeft: arrow(-1, 0), ArrowRight: arrow(1, 0), ArrowUp: arrow(0, -1), ArrowDown: arrow(0, 1),
        '+': () => does.scale(1.05), '-': () => does.scale(1 / 1.05),
        '.': () => does.turn(1), ',': () => does.turn(-1), '>': () => does.turn(15), '<': () => does.turn(-15),
        ' ': event => does.dab(event.shiftKey), f: () => does.flip(),
        v: () => does.tool('move'), b: () => does.tool('exemplar'), e: () => does.tool('source'),
        1: () => does.view('composite'), 2: () => does.view('map'), 3: () => does.view('overlay'),
        '[': () => does.resize(1 / 1.2), ']': () => does.resize(1.2),
        0: () => does.fit(), 8: () => does.zoom(1 / 1.25), 9: () => does.zoom(1.25), w: () => does.full(),
    };
    /** In the list of exemplars. @type {Record<string, Press>} */
    const inList = {
        ArrowLeft: () => does.next(-1), ArrowUp: () => does.next(-1), ArrowRight: () => does.next(1), ArrowDown: () => does.next(1),
    };
    /** On both. @type {Record<string, Press>} */
    const onBoth = {
        PageUp: event => (event.shiftKey ? does.move(-1) : does.next(-1)),
        PageDown: event => (event.shiftKey ? does.move(1) : does.next(1)),
        Delete: () => does.remove(), h: () => does.hide(),
    };
    /** @type {Record<string, Press>} */
    const everywhere = {'?': () => does.help()};
    /** Otherwise the key is the host's. @type {Record<string, Press>} */
    const whileFull = {Escape: () => does.full(false)};
    /** @type {Record<string, Press>} */
    const withControl = {
        z: event => (event.shiftKey ? does.redo() : does.undo()), y: () => does.redo(), d: () => does.duplicate(),
    };
    /** On the canvas, with Ctrl. @type {Record<string, Press>} */
    const panning = {
        ArrowLeft: () => does.pan([PAN, 0]), ArrowRight: () => does.pan([-PAN, 0]), ArrowUp: () => does.pan([0, PAN]), ArrowDown: () => does.pan([0, -PAN]),
    };

    return (event, canvas, list) => {
        if (event.altKey) return;
        const at = /** @type {const} */ ([[canvas, onCanvas], [list, inList]]).find(([node]) => node === event.target)?.[1];
        const table = event.ctrlKey || event.metaKey
            ? {...withControl, ...(at === onCanvas ? panning : {})}
            : {...everywhere, ...(does.isFull() ? whileFull : {}), ...(at ? {...onBoth, ...at} : {})};
        const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
        if (!Object.hasOwn(table, key)) return;
        event.preventDefault();
        event.stopPropagation(); // the host has keys of its own
        table[key](event);
    };
}
