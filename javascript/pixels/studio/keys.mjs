/** What the keys do while the studio has the focus. */

/**
 * @import {Pair, Placement, ToolName, ViewName} from '../types.d.ts'
 * @typedef {(event: KeyboardEvent) => void} Press
 */

const {centredAt, normal, sized} = await import('./handles.mjs' + new URL(import.meta.url).search);

/** In screen pixels: how far a key moves the view. */
const PAN = 40;

/**
 * `pressed(event, canvas, list)` does what a key asks, `words` has the keys in words. The studio gives what they act on.
 * @param {{
 *     tool: {value: () => ToolName, set: (name: ToolName) => void}, view: (name: ViewName) => void,
 *     placement: () => Placement, size: () => Pair | null, place: (fields: Partial<Placement>) => void,
 *     step: (by: Pair) => void, dab: (line: boolean) => void, resize: (factor: number) => void,
 *     layers: {select: (by: number) => void, move: (by: number) => void, duplicate: () => void, hide: () => void, remove: () => void},
 *     zoom: (factor: number) => void, pan: (by: Pair) => void, fit: () => void, undo: () => void, redo: () => void,
 *     full: {set: (yes: boolean) => void, is: () => boolean}, help: () => void,
 * }} does
 */
export function keysOf(does) {
    const scaledBy = (/** @type {number} */ factor) => sized(does.placement(), factor);
    const turnedBy = (/** @type {number} */ angle) => ({rotation: normal(does.placement().rotation + angle)});

    /** @type {(dx: number, dy: number) => Partial<Placement>} */
    function movedBy(dx, dy) {
        const {x, y} = does.placement();
        const size = does.size() ?? [1, 1];
        return centredAt([x * size[0] + dx, y * size[1] + dy], size);
    }

    /** @type {(dx: number, dy: number) => Press} */
    const arrow = (dx, dy) => event => {
        const far = event.shiftKey ? 10 : 1;
        if (does.tool.value() === 'move') does.place(movedBy(dx * far, dy * far));
        else does.step([dx * far, dy * far]);
    };

    /** On the canvas. @type {Record<string, Press>} */
    const onCanvas = {
        ArrowLeft: arrow(-1, 0), ArrowRight: arrow(1, 0), ArrowUp: arrow(0, -1), ArrowDown: arrow(0, 1),
        '+': () => does.place(scaledBy(1.05)), '-': () => does.place(scaledBy(1 / 1.05)),
        '.': () => does.place(turnedBy(1)), ',': () => does.place(turnedBy(-1)),
        '>': () => does.place(turnedBy(15)), '<': () => does.place(turnedBy(-15)),
        ' ': event => { if (does.tool.value() !== 'move') does.dab(event.shiftKey); },
        f: () => does.place({flip: !does.placement().flip}),
        v: () => does.tool.set('move'), b: () => does.tool.set('exemplar'), e: () => does.tool.set('source'),
        1: () => does.view('composite'), 2: () => does.view('map'), 3: () => does.view('overlay'),
        '[': () => does.resize(1 / 1.2), ']': () => does.resize(1.2),
        0: () => does.fit(), 8: () => does.zoom(1 / 1.25), 9: () => does.zoom(1.25),
        w: () => does.full.set(!does.full.is()),
    };
    /** In the list of exemplars. @type {Record<string, Press>} */
    const inList = {
        ArrowLeft: () => does.layers.select(-1), ArrowUp: () => does.layers.select(-1),
        ArrowRight: () => does.layers.select(1), ArrowDown: () => does.layers.select(1),
    };
    /** On both. @type {Record<string, Press>} */
    const onBoth = {
        PageUp: event => (event.shiftKey ? does.layers.move(-1) : does.layers.select(-1)),
        PageDown: event => (event.shiftKey ? does.layers.move(1) : does.layers.select(1)),
        Delete: () => does.layers.remove(), h: () => does.layers.hide(),
    };
    /** @type {Record<string, Press>} */
    const everywhere = {'?': () => does.help()};
    /** Otherwise the key is the host's. @type {Record<string, Press>} */
    const whileFull = {Escape: () => does.full.set(false)};
    /** @type {Record<string, Press>} */
    const withControl = {
        z: event => (event.shiftKey ? does.redo() : does.undo()), y: () => does.redo(), d: () => does.layers.duplicate(),
    };

    /** On the canvas, with Ctrl. @type {Record<string, Press>} */
    const panning = {
        ArrowLeft: () => does.pan([PAN, 0]), ArrowRight: () => does.pan([-PAN, 0]), ArrowUp: () => does.pan([0, PAN]), ArrowDown: () => does.pan([0, -PAN]),
    };

    /** @type {(event: KeyboardEvent, canvas: HTMLElement, list: HTMLElement) => Record<string, Press>} */
    function tableFor(event, canvas, list) {
        if (event.altKey) return {};
        if (event.ctrlKey || event.metaKey) return event.target === canvas ? {...withControl, ...panning} : withControl;
        const any = does.full.is() ? {...everywhere, ...whileFull} : everywhere;
        if (event.target === canvas) return {...any, ...onBoth, ...onCanvas};
        return event.target === list ? {...any, ...onBoth, ...inList} : any;
    }

    /** @type {(event: KeyboardEvent, canvas: HTMLElement, list: HTMLElement) => void} */
    function pressed(event, canvas, list) {
        const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
        const table = tableFor(event, canvas, list);
        if (!Object.hasOwn(table, key)) return;
        event.preventDefault();
        event.stopPropagation(); // the host has keys of its own
        table[key](event);
    }

    /** @type {[string, string][]} */
    const words = [
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

    return {pressed, scaledBy, turnedBy, words};
}
