/** The studio's controls: buttons, sliders, the strip of exemplars, the timeline, and the keyboard. */

const {button, context2d, disclosure, element, setText, setValue, uniqueId} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {releaseTime} = await import('../engine/maps.mjs' + new URL(import.meta.url).search);
const {imageUrl, isEmbedded} = await import('../images.mjs' + new URL(import.meta.url).search);

/** Elements in the tab order, if visible. */
const FOCUSABLE = 'button:enabled, input:enabled, select:enabled, [tabindex="0"]';

/** @type {Fn.setPressed} */
const setPressed = (node, pressed) => node.setAttribute('aria-pressed', String(pressed));

/** A group of toggle buttons, one of them pressed; `changed()` is called when the user selects another. @type {Choices} */
export function choice(label, options, changed) {
    let current = options[0][0];
    const buttons = options.map(([value, name, title]) => button(name, () => {
        set(value);
        changed();
    }, title));
    /** @param {typeof current} value */
    function set(value) {
        current = value;
        options.forEach(([each], i) => setPressed(buttons[i], each === value));
    }
    set(current);
    const node = element('div', {class: 'pixels-choice', role: 'group', 'aria-label': label}, ...buttons);
    return {node, set, value: () => current, name: () => options.find(([each]) => each === current)?.[1]};
}

/** A slider with a label and its value. @type {Fn.slider} */
function slider(label, min, max, step, value, unit = '') {
    const input = element('input', {type: 'range', id: uniqueId(), min, max, step, value, on: {input: show}});
    const output = element('span', {'aria-hidden': 'true'}); // screen readers read the slider's own value
    function show() {
        output.textContent = `${input.value}${unit}`;
        input.setAttribute('aria-valuetext', output.textContent);
    }
    show();
    return {
        node: element('div', {class: 'pixels-slider'}, element('label', {for: input.id}, label), input, output),
        value: () => input.valueAsNumber,
        set: number => setValue(input, String(number)),
    };
}

/** The brush's sliders, and buttons that fill the whole map. @type {Fn.brushRow} */
export function brushRow(fill) {
    const size = slider('Size', 1, 400, 1, 80, ' px');
    const hardness = slider('Hardness', 0, 1, 0.05, 0.5);
    const opacity = slider('Opacity', 0.05, 1, 0.05, 1);
    return {
        node: element(
            'div', {class: 'pixels-row pixels-tools', hidden: true}, size.node, hardness.node, opacity.node,
            button('All exemplar', () => fill(0)), button('All source', () => fill(255)),
        ),
        values: () => ({size: size.value(), hardness: hardness.value(), opacity: opacity.value()}),
        resize(factor) {
            // By at least a pixel, or a small brush would never change.
            const next = Math.round(size.value() * factor);
            size.set(Math.max(1, next === size.value() ? next + Math.sign(factor - 1) : next));
        },
    };
}

const KEYS = [
    ['Arrows', 'Move the exemplar, or the brush while painting, by 1 pixel; with Shift by 10'], ['+ −', 'Scale'],
    [', .', 'Rotate by 1°; with Shift by 15°'], ['F', 'Flip'],
    ['V, B, E', 'Move, paint exemplar, paint source'], ['[ ]', 'Smaller, larger brush'],
    ['Space', 'Paint a dot; with Shift, a straight line from the last stroke'],
    ['1, 2, 3', 'Composite, map, overlay'],
    ['Page up, down', 'Select the exemplar below, above; with Shift, move this one down, up'],
    ['Ctrl+D, Delete, H', 'Duplicate, remove, hide the exemplar'],
    ['8, 9, 0', 'Zoom out, in, fit'], ['Ctrl+arrows', 'Move the view'], ['W, Esc', 'Full window; exit full window'], ['Ctrl+Z, Ctrl+Shift+Z', 'Undo, redo'],
    ['Wheel', 'Scale; with Shift, rotate; with Ctrl, zoom; while painting, the brush size'],
    ['Shift while rotating, painting', 'Steps of 15°; a straight line from the last stroke'],
    ['Alt while moving', 'No snapping'], ['Middle button', 'Move the view'],
    ['Two fingers', 'Move, scale and rotate the exemplar; while painting, move and zoom the view'],
];

/** The list of keys and its button. */
export function keyHelp() {
    const list = element('dl', {class: 'pixels-keys'});
    for (const [key, action] of KEYS) list.append(element('dt', {}, key), element('dd', {}, action));
    return {list, ...disclosure('?', 'Keys', list)};
}

/** A button that fills the window: the studio is a dialog then, and Tab stays in it. `changed()`: its size changed. @type {Fn.fullWindow} */
export function fullWindow(node, changed) {
    const toggle = button('Full window', () => set(!is()), 'Fill the window (W)');
    const is = () => node.classList.contains('pixels-full');

    /** @param {boolean} yes */
    function set(yes) {
        node.classList.toggle('pixels-full', yes);
        node.setAttribute('role', yes ? 'dialog' : 'region');
        node.setAttribute('aria-modal', String(yes));
        setPressed(toggle, yes);
        changed();
    }

    node.addEventListener('keydown', event => {
        if (event.key !== 'Tab' || !is()) return;
        const stops = /** @type {HTMLElement[]} */ ([...node.querySelectorAll(FOCUSABLE)]).filter(each => each.getClientRects().length);
        const [first, last] = event.shiftKey ? [stops.at(-1), stops[0]] : [stops[0], stops.at(-1)];
        if (event.target !== last) return;
        event.preventDefault();
        first?.focus();
    });
    setPressed(toggle, false);
    return {button: toggle, is, set};
}

/** The exemplars in a row, bottom first; one is selected. @type {Fn.layers} */
export function layers(max, actions) {
    const list = element('ul', {
        class: 'pixels-layers', role: 'listbox', tabindex: 0, 'aria-label': 'Exemplars, bottom first', 'aria-orientation': 'horizontal',
    });
    const lower = button('←', () => actions.move(-1), 'Move below (Shift+Page up)');
    const raise = button('→', () => actions.move(1), 'Move above (Shift+Page down)');
    const duplicate = button('Duplicate', actions.duplicate, 'Duplicate this exemplar (Ctrl+D)');
    const hide = button('Hide', actions.hide, 'Hide this exemplar here; it stays in the edit (H)');
    const remove = button('Remove', actions.remove, 'Remove this exemplar (Delete)');
    /** @type {{image: string | undefined, node: HTMLElement}[]} */
    let shown = [];

    /** @type {Fn.option} */
    function option({image}, index) {
        const thumbnail = isEmbedded(image) ? element('img', {src: imageUrl(image), alt: '', draggable: 'false'}) : null;
        return element('li', {role: 'option', id: uniqueId(), on: {click: () => actions.select(index)}}, thumbnail, element('span', {}, String(index + 1)));
    }

    return {
        node: element('div', {class: 'pixels-row pixels-tools'}, list, lower, raise, duplicate, hide, remove),
        list,
        show(items, selected, isHidden) {
            // Unchanged images are kept: this runs for every frame of a drag.
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
            enable(duplicate, Boolean(now) && items.length < max, list);
        },
    };
}

/** A button that is disabled loses the focus to `other`. @type {Fn.enable} */
export function enable(node, yes, other) {
    if (!yes && node === document.activeElement) other.focus({preventScroll: true});
    node.disabled = !yes;
}

const [WIDTH, HEIGHT, BINS] = [220, 110, 44];

/**
 * A slider over the denoising steps, and a plot of the threshold over the map's histogram. `show(edit)` draws; `moved()` is called when
 * the slider was moved.
 * @type {Fn.timeline}
 */
export function timeline(moved) {
    const step = element('input', {type: 'range', id: uniqueId(), min: 0, max: 20, step: 1, value: 0, on: {input: moved}});
    const output = element('output', {class: 'pixels-note', for: step.id});
    const graph = element('canvas', {width: WIDTH * 2, height: HEIGHT * 2, class: 'pixels-curve', role: 'img'});
    const node = element(
        'div', {class: 'pixels-timeline'},
        element('div', {class: 'pixels-step'}, element('label', {for: step.id}, 'Step'), step, output),
        element(
            'div', {class: 'pixels-graph'}, graph,
            element('p', {class: 'pixels-note'}, 'Horizontal: the map’s grays, black to white, with their histogram. Vertical: when each gray is unlocked.'),
        ),
    );

    /** The sampler's progress at the selected step; null before the first. */
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
            const height = most ? Math.log1p(count) / most * (HEIGHT - 8) : 0;
            context.fillRect(i * WIDTH / BINS, HEIGHT - height, WIDTH / BINS - 1, height);
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
            let locked = 0;
            if (at !== null) for (const time of release) if (time > at) locked += 1;
            const text = at === null
                ? `${steps} steps. Move the slider to see which areas are still locked to the source at each step.`
                : `${step.value} of ${steps}: ${Math.round(locked / release.length * 100)}% of the image is still locked, the rest is unlocked.`;
            setText(output, text);
            step.setAttribute('aria-valuetext', at === null ? 'before the first' : `${step.value} of ${steps}`);
            graph.setAttribute('aria-label', `When each gray is unlocked by the threshold ${threshold}, over the map’s histogram`);
            draw(threshold, steps, lightness, at);
        },
    };
}

/** How far a key moves the view, in screen pixels. */
const PAN = 40;

/** `pressed(event, canvas, list)` runs a key's action. @type {Fn.keyHandler} */
export function keyHandler(actions) {
    /** @type {Fn.arrow} */
    const arrow = (dx, dy) => event => actions.shift(event.shiftKey ? [dx * 10, dy * 10] : [dx, dy]);

    /** @type {Record<string, Record<string, KeyAction>>} */
    const keys = {
        canvas: {
            ArrowLeft: arrow(-1, 0), ArrowRight: arrow(1, 0), ArrowUp: arrow(0, -1), ArrowDown: arrow(0, 1),
            '+': () => actions.scale(1.05), '-': () => actions.scale(1 / 1.05),
            '.': () => actions.rotate(1), ',': () => actions.rotate(-1), '>': () => actions.rotate(15), '<': () => actions.rotate(-15),
            ' ': event => actions.dab(event.shiftKey), f: () => actions.flip(),
            v: () => actions.tool('move'), b: () => actions.tool('exemplar'), e: () => actions.tool('source'),
            1: () => actions.view('composite'), 2: () => actions.view('map'), 3: () => actions.view('overlay'),
            '[': () => actions.resize(1 / 1.2), ']': () => actions.resize(1.2),
            0: () => actions.fit(), 8: () => actions.zoom(1 / 1.25), 9: () => actions.zoom(1.25), w: () => actions.full(),
        },
        list: {ArrowLeft: () => actions.next(-1), ArrowUp: () => actions.next(-1), ArrowRight: () => actions.next(1), ArrowDown: () => actions.next(1)},
        both: {
            PageUp: event => (event.shiftKey ? actions.move(-1) : actions.next(-1)),
            PageDown: event => (event.shiftKey ? actions.move(1) : actions.next(1)),
            Delete: () => actions.remove(), h: () => actions.hide(),
        },
        everywhere: {'?': () => actions.help()},
        full: {Escape: () => actions.full(false)}, // otherwise it is the WebUI's
        control: {z: event => (event.shiftKey ? actions.redo() : actions.undo()), y: () => actions.redo(), d: () => actions.duplicate()},
        controlOnCanvas: {
            ArrowLeft: () => actions.pan([PAN, 0]), ArrowRight: () => actions.pan([-PAN, 0]),
            ArrowUp: () => actions.pan([0, PAN]), ArrowDown: () => actions.pan([0, -PAN]),
        },
    };

    return (event, canvas, list) => {
        if (event.altKey) return;
        const at = event.target === canvas ? keys.canvas : event.target === list ? keys.list : null;
        const table = event.ctrlKey || event.metaKey
            ? {...keys.control, ...(at === keys.canvas ? keys.controlOnCanvas : {})}
            : {...keys.everywhere, ...(actions.isFull() ? keys.full : {}), ...(at ? {...keys.both, ...at} : {})};
        const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
        if (!Object.hasOwn(table, key)) return;
        event.preventDefault();
        event.stopPropagation(); // the WebUI has its own keys
        table[key](event);
    };
}
