/** The studio's controls: buttons, sliders, the strip of exemplars, the time line, and the keys. */

const {button, element, uniqueId, disclosure, context2d, setValue} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {releaseTime} = await import('../engine/maps.mjs' + new URL(import.meta.url).search);
const {imageUrl, isEmbedded} = await import('../images.mjs' + new URL(import.meta.url).search);

/** Everything that Tab stops at, if it is seen. */
const STOPS = 'button:enabled, input:enabled, select:enabled, [tabindex="0"]';

/** @type {Fn.setPressed} */
const setPressed = (node, yes) => node.setAttribute('aria-pressed', String(yes));

/** Buttons of which one is pressed; `chosen()` is called when the user changes it. @type {Choices} */
export function choice(label, options, chosen) {
    let current = options[0][0];
    const buttons = options.map(([value, face, about]) => button(face, () => {
        set(value);
        chosen();
    }, about));
    /** @param {typeof current} value */
    function set(value) {
        current = value;
        options.forEach(([each], i) => setPressed(buttons[i], each === value));
    }
    set(current);
    const node = element('div', {class: 'pixels-choice', role: 'group', 'aria-label': label}, ...buttons);
    return {node, set, value: () => current, face: () => options.find(([each]) => each === current)?.[1]};
}

/** A slider with its name and value. @type {Fn.slider} */
function slider(label, least, most, step, value, unit = '') {
    const input = element('input', {type: 'range', id: uniqueId(), min: least, max: most, step, value, on: {input: show}});
    const said = element('span', {'aria-hidden': 'true'}); // the slider says it itself
    function show() {
        said.textContent = `${input.value}${unit}`;
        input.setAttribute('aria-valuetext', said.textContent);
    }
    show();
    return {
        node: element('div', {class: 'pixels-slider'}, element('label', {for: input.id}, label), input, said),
        value: () => input.valueAsNumber,
        set: wanted => setValue(input, String(wanted)),
    };
}

/** The brush's sliders, and buttons that fill the whole map with a gray. @type {Fn.brushRow} */
export function brushRow(fill) {
    const size = slider('Size', 1, 400, 1, 80, ' px');
    const hardness = slider('Hardness', 0, 1, 0.05, 0.5);
    const opacity = slider('Opacity', 0.05, 1, 0.05, 1);
    return {
        node: element(
            'div', {class: 'pixels-row pixels-tools', hidden: true}, size.node, hardness.node, opacity.node,
            button('All exemplar', () => fill(0)), button('All source', () => fill(255)),
        ),
        values: () => ({size: size.value(), softness: 1 - hardness.value(), strength: opacity.value()}),
        resize(factor) {
            // At least by a pixel: a small brush would stay as it is for ever.
            const grown = Math.round(size.value() * factor);
            size.set(Math.max(1, grown === size.value() ? grown + Math.sign(factor - 1) : grown));
        },
    };
}

const WORDS = [
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

/** What the keys do, as a list that is opened by a button. */
export function keyHelp() {
    const list = element('dl', {class: 'pixels-keys'});
    for (const [key, about] of WORDS) list.append(element('dt', {}, key), element('dd', {}, about));
    return {list, ...disclosure('?', 'Keys', list)};
}

/**
 * A button for the whole window: the studio is a dialog then, and Tab stays in it. `changed()` is called when the room
 * has changed.
 * @type {Fn.fullWindow}
 */
export function fullWindow(node, changed) {
    const face = button('Full window', () => set(!is()), 'Fill the window (W)');
    const is = () => node.classList.contains('pixels-full');

    /** @param {boolean} yes */
    function set(yes) {
        node.classList.toggle('pixels-full', yes);
        node.setAttribute('role', yes ? 'dialog' : 'region');
        node.setAttribute('aria-modal', String(yes));
        setPressed(face, yes);
        changed();
    }

    node.addEventListener('keydown', event => {
        if (event.key !== 'Tab' || !is()) return;
        const stops = /** @type {HTMLElement[]} */ ([...node.querySelectorAll(STOPS)]).filter(each => each.getClientRects().length);
        const [first, last] = event.shiftKey ? [stops.at(-1), stops[0]] : [stops[0], stops.at(-1)];
        if (event.target !== last) return;
        event.preventDefault();
        first?.focus();
    });
    setPressed(face, false);
    return {face, is, set};
}

/** The exemplars in a row, lowest first; one is selected. `most`: how many there may be. @type {Fn.layers} */
export function layers(most, does) {
    const list = element('ul', {
        class: 'pixels-layers', role: 'listbox', tabindex: 0, 'aria-label': 'Exemplars, the lowest first', 'aria-orientation': 'horizontal',
    });
    const lower = button('←', () => does.move(-1), 'Move below (Shift+Page up)');
    const raise = button('→', () => does.move(1), 'Move above (Shift+Page down)');
    const duplicate = button('Duplicate', does.duplicate, 'Duplicate this exemplar (Ctrl+D)');
    const hide = button('Hide', does.hide, 'Hide this exemplar here; it stays in the edit (H)');
    const remove = button('Remove', does.remove, 'Remove this exemplar (Delete)');
    /** @type {{image: string | undefined, node: HTMLElement}[]} */
    let shown = [];

    /** @type {Fn.option} */
    function option({image}, index) {
        const face = isEmbedded(image) ? element('img', {src: imageUrl(image), alt: '', draggable: 'false'}) : null;
        return element('li', {role: 'option', id: uniqueId(), on: {click: () => does.select(index)}}, face, element('span', {}, String(index + 1)));
    }

    return {
        node: element('div', {class: 'pixels-row pixels-tools'}, list, lower, raise, duplicate, hide, remove),
        list,
        show(items, selected, isHidden) {
            // Images that stay are not drawn anew: while one is dragged, this runs for every frame.
            const same = items.length === shown.length && items.every((item, i) => item.image === shown[i].image);
            if (!same) {
                shown = items.map((item, i) => ({image: item.image, node: option(item, i)}));
                list.replaceChildren(...shown.map(each => each.node));
            }
            items.forEach((item, i) => {
                const hidden = isHidden(item);
                shown[i].node.setAttribute('aria-selected', String(i === selected));
                shown[i].node.setAttribute('aria-label', `Exemplar ${i + 1}${hidden ? ', hidden' : ''}`);
                shown[i].node.classList.toggle('pixels-hidden', hidden);
            });
            const now = items[selected];
            list.setAttribute('aria-activedescendant', shown[selected]?.node.id ?? '');
            setPressed(hide, Boolean(now && isHidden(now)));
            enable(lower, selected > 0, list);
            enable(raise, selected < items.length - 1, list);
            enable(duplicate, Boolean(now) && items.length < most, list);
        },
    };
}

/** A button that cannot be pressed loses the focus; `other` has it then. @type {Fn.enable} */
export function enable(which, yes, other) {
    if (!yes && which === document.activeElement) other.focus({preventScroll: true});
    which.disabled = !yes;
}

const [WIDTH, HEIGHT, BINS] = [220, 110, 44];

/**
 * A slider over the denoising steps, and the curve by which grays are released, over the map's grays. `show(edit)` draws;
 * `moved()` is called when the slider was moved.
 * @type {Fn.timeline}
 */
export function timeline(moved) {
    const step = element('input', {type: 'range', id: uniqueId(), min: 0, max: 20, step: 1, value: 0, on: {input: moved}});
    const said = element('output', {class: 'pixels-note', for: step.id});
    const graph = element('canvas', {width: WIDTH * 2, height: HEIGHT * 2, class: 'pixels-curve', role: 'img'});
    const node = element(
        'div', {class: 'pixels-timeline'},
        element('div', {class: 'pixels-step'}, element('label', {for: step.id}, 'Step'), step, said),
        element(
            'div', {class: 'pixels-graph'}, graph,
            element('p', {class: 'pixels-note'}, 'Across: grays of the map, black to white, and how often they are there. Up: when they are released.'),
        ),
    );

    /** How far the sampler has come at the step that is looked at; null before the first. */
    const progress = () => (step.valueAsNumber === 0 ? null : (step.valueAsNumber - 1) / Number(step.max));

    /** @type {Fn.draw} */
    function draw(threshold, steps, lightness, at) {
        const context = context2d(graph);
        const style = getComputedStyle(graph);
        const time = releaseTime(threshold);
        const heightAt = (/** @type {number} */ moment) => 2 + (1 - moment) * (HEIGHT - 4);
        context.setTransform(2, 0, 0, 2, 0, 0);
        context.clearRect(0, 0, WIDTH, HEIGHT);
        const counts = new Uint32Array(BINS);
        for (const value of lightness) counts[Math.min(BINS - 1, Math.floor(value * BINS))] += 1;
        const most = Math.log1p(Math.max(...counts));
        context.globalAlpha = 0.3;
        context.fillStyle = style.color;
        counts.forEach((count, i) => {
            const tall = most ? Math.log1p(count) / most * (HEIGHT - 8) : 0;
            context.fillRect(i * WIDTH / BINS, HEIGHT - tall, WIDTH / BINS - 1, tall);
        });
        context.globalAlpha = 1;
        context.strokeStyle = style.getPropertyValue('--pixels-mark') || 'orange';
        context.lineWidth = 2;
        context.beginPath();
        for (let m = 0; m <= 100; m++) context.lineTo(m / 100 * WIDTH, heightAt(time(m / 100, steps)));
        context.stroke();
        if (at === null) return;
        context.setLineDash([4, 3]);
        context.lineWidth = 1;
        context.beginPath();
        context.moveTo(0, heightAt(at));
        context.lineTo(WIDTH, heightAt(at));
        context.stroke();
        context.setLineDash([]);
    }

    return {
        node, progress,
        show({threshold, steps, release, lightness}) {
            step.max = String(steps);
            const at = progress();
            let held = 0;
            if (at !== null) for (const time of release) if (time > at) held += 1;
            const words = at === null
                ? `${steps} steps. Move the slider to see what is still held at each.`
                : `${step.value} of ${steps}: ${Math.round(held / release.length * 100)} % of the image is still held; the rest is free.`;
            if (said.textContent !== words) said.textContent = words; // else screen readers would say it again
            step.setAttribute('aria-valuetext', at === null ? 'before the first' : `${step.value} of ${steps}`);
            graph.setAttribute('aria-label', `When each gray is released by the threshold ${threshold}, over how often it is in the map`);
            draw(threshold, steps, lightness, at);
        },
    };
}

/** In screen pixels: how far a key moves the view. */
const PAN = 40;

/** `pressed(event, canvas, list)` does what a key asks. @type {Fn.keyHandler} */
export function keyHandler(does) {
    /** @type {Fn.arrow} */
    const arrow = (dx, dy) => event => does.shift(event.shiftKey ? [dx * 10, dy * 10] : [dx, dy]);

    /** @type {Record<string, Record<string, KeyAction>>} */
    const keys = {
        canvas: {
            ArrowLeft: arrow(-1, 0), ArrowRight: arrow(1, 0), ArrowUp: arrow(0, -1), ArrowDown: arrow(0, 1),
            '+': () => does.scale(1.05), '-': () => does.scale(1 / 1.05),
            '.': () => does.turn(1), ',': () => does.turn(-1), '>': () => does.turn(15), '<': () => does.turn(-15),
            ' ': event => does.dab(event.shiftKey), f: () => does.flip(),
            v: () => does.tool('move'), b: () => does.tool('exemplar'), e: () => does.tool('source'),
            1: () => does.view('composite'), 2: () => does.view('map'), 3: () => does.view('overlay'),
            '[': () => does.resize(1 / 1.2), ']': () => does.resize(1.2),
            0: () => does.fit(), 8: () => does.zoom(1 / 1.25), 9: () => does.zoom(1.25), w: () => does.full(),
        },
        list: {ArrowLeft: () => does.next(-1), ArrowUp: () => does.next(-1), ArrowRight: () => does.next(1), ArrowDown: () => does.next(1)},
        both: {
            PageUp: event => (event.shiftKey ? does.move(-1) : does.next(-1)),
            PageDown: event => (event.shiftKey ? does.move(1) : does.next(1)),
            Delete: () => does.remove(), h: () => does.hide(),
        },
        everywhere: {'?': () => does.help()},
        full: {Escape: () => does.full(false)}, // otherwise it is the host's
        control: {z: event => (event.shiftKey ? does.redo() : does.undo()), y: () => does.redo(), d: () => does.duplicate()},
        controlOnCanvas: {
            ArrowLeft: () => does.pan([PAN, 0]), ArrowRight: () => does.pan([-PAN, 0]),
            ArrowUp: () => does.pan([0, PAN]), ArrowDown: () => does.pan([0, -PAN]),
        },
    };

    return (event, canvas, list) => {
        if (event.altKey) return;
        const at = event.target === canvas ? keys.canvas : event.target === list ? keys.list : null;
        const table = event.ctrlKey || event.metaKey
            ? {...keys.control, ...(at === keys.canvas ? keys.controlOnCanvas : {})}
            : {...keys.everywhere, ...(does.isFull() ? keys.full : {}), ...(at ? {...keys.both, ...at} : {})};
        const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
        if (!Object.hasOwn(table, key)) return;
        event.preventDefault();
        event.stopPropagation(); // the host has keys of its own
        table[key](event);
    };
}
