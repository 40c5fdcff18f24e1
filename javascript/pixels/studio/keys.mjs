/** What the keys do while the studio has the focus. */

const {centredAt, normal, sized} = await import('./handles.mjs' + new URL(import.meta.url).search);

/**
 * `pressed(event, canvas)` does what a key asks, `list` has the keys in words. The studio gives what they act on: `tool`,
 * `view`, `change(part, fields)`, `placement()`, `size()`, `resize(factor)`, `select(by)`, `zoom`, `fit`, ...
 */
export function keysOf(does) {
    const scaledBy = factor => sized(does.placement(), factor);
    const turnedBy = angle => ({rotation: normal(does.placement().rotation + angle)});

    function movedBy(dx, dy) {
        const {x, y} = does.placement();
        const size = does.size() ?? [1, 1];
        return centredAt([x * size[0] + dx, y * size[1] + dy], size);
    }

    const arrow = (dx, dy) => event => does.change('placement', movedBy(...[dx, dy].map(by => by * (event.shiftKey ? 10 : 1))));
    const plain = {
        ArrowLeft: arrow(-1, 0), ArrowRight: arrow(1, 0), ArrowUp: arrow(0, -1), ArrowDown: arrow(0, 1),
        '+': () => does.change('placement', scaledBy(1.05)), '-': () => does.change('placement', scaledBy(1 / 1.05)),
        '.': () => does.change('placement', turnedBy(1)), ',': () => does.change('placement', turnedBy(-1)),
        '>': () => does.change('placement', turnedBy(15)), '<': () => does.change('placement', turnedBy(-15)),
        f: () => does.change('placement', {flip: !does.placement().flip}),
        v: () => does.tool('move'), b: () => does.tool('exemplar'), e: () => does.tool('source'),
        1: () => does.view('composite'), 2: () => does.view('map'), 3: () => does.view('overlay'),
        '[': () => does.resize(1 / 1.2), ']': () => does.resize(1.2),
        PageUp: () => does.select(-1), PageDown: () => does.select(1),
        0: () => does.fit(), 8: () => does.zoom(1 / 1.25), 9: () => does.zoom(1.25),
        w: () => does.fullWindow(), '?': () => does.help(), Escape: () => does.fullWindow(false),
    };
    const withControl = {z: event => (event.shiftKey ? does.redo() : does.undo()), y: () => does.redo()};

    function pressed(event, canvas) {
        const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
        const table = event.ctrlKey || event.metaKey ? withControl : plain;
        const everywhere = table === withControl || key === 'Escape' || key === '?';
        if (!Object.hasOwn(table, key) || event.altKey || !(everywhere || event.target === canvas)) return;
        event.preventDefault();
        event.stopPropagation(); // the host has keys of its own
        table[key](event);
    }

    return {
        pressed, scaledBy, turnedBy,
        list: [
            ['Arrows', 'Move by a pixel, with Shift by ten'], ['+ −', 'Scale'], [', .', 'Turn by a degree, with Shift by fifteen'],
            ['F', 'Flip'], ['V, B, E', 'Move, paint exemplar, paint source'], ['[ ]', 'Smaller, larger brush'],
            ['1, 2, 3', 'Composite, map, overlay'], ['Page up, down', 'The exemplar before, after'],
            ['8, 9, 0', 'Zoom out, in, fit'], ['W, Esc', 'Full window, leave it'], ['Ctrl+Z, Ctrl+Shift+Z', 'Undo, redo'],
            ['Wheel', 'Scale, with Shift turn, with Ctrl zoom; the brush’s size while painting'],
            ['Shift while turning, painting', 'Steps of fifteen degrees; a straight line from the last stroke'],
            ['Alt while moving', 'No snapping'], ['Middle button', 'Move the view'],
        ],
    };
}
