/** The studio: the edit before denoising, on a canvas where exemplars are placed and maps are painted. */

const {button, element, errorText, poll, setText, uniqueId} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {withDefaults, mapTypeSchema} = await import('../schema.mjs' + new URL(import.meta.url).search);
const {isEmbedded, loadImage, loadPng, naturalSize, fitWithin} = await import('../images.mjs' + new URL(import.meta.url).search);
const {outputSize, sourceUrl, stepCount} = await import('../webui.mjs' + new URL(import.meta.url).search);
const {acceptImages} = await import('../drop_and_paste.mjs' + new URL(import.meta.url).search);
const {mapPair} = await import('../engine/math.mjs' + new URL(import.meta.url).search);
const {centerAt, normalizeAngle, scaleBy, tools} = await import('./tools.mjs' + new URL(import.meta.url).search);
const {brushRow, choice, enable, fullWindow, keyHelp, keyHandler, layers, timeline} = await import('./controls.mjs' + new URL(import.meta.url).search);
const {pythonMaps, pythonMapNames, undrawableReason, renderer, shortNames, previewRequest} = await import('./preview.mjs' + new URL(import.meta.url).search);
const {painter} = await import('./painting.mjs' + new URL(import.meta.url).search);
const {pointers, view} = await import('./view.mjs' + new URL(import.meta.url).search);

/** The longest side of the rendered edit, and of that during a drag. */
const [MAX_SIDE, DRAFT_SIDE] = [1024, 384];
const POLL_INTERVAL = 500;

/** @type {Fn.studio} */
export function studio({schema, app, state, changed, step, counts, exemplars, ask, add, signal}) {
    const {items: {properties: fields}, maxItems = Infinity} = /** @type {List} */ (schema.properties.exemplars);
    const placementSchema = /** @type {Group} */ (fields.placement);
    const short = shortNames();
    const worker = renderer(short);
    /** @type {WeakSet<Exemplar>} */
    const hidden = new WeakSet();
    /** Exemplars' images; null while they load. @type {Map<string, HTMLImageElement | null>} */
    const images = new Map();
    /** Whether the rendered edit is that of the request, and not a draft or an older one. */
    let current = false;
    let selected = 0;
    /** @type {string | null} */
    let source = null;
    /** @type {Pair | null} */
    let sourceSize = null;
    /** @type {Pair | null} */
    let size = null;
    let settings = '';
    /** @type {RenderedEdit | null} */
    let edit = null;
    /** Indexes in the request of the rendered exemplars. @type {number[]} */
    let order = [];

    const items = () => state().exemplars ?? [];
    /** @type {() => Exemplar | undefined} */
    const item = () => items()[selected];
    /** @type {() => Placement} */
    const placement = () => withDefaults(item()?.placement ?? {}, placementSchema);
    /** The size of a pixel of the edit on the canvas. */
    const pixel = () => (size && sourceSize ? size[0] / (outputSize(app, sourceSize) ?? size)[0] : 1);
    const painting = () => tool.value() !== 'move';

    const maps = pythonMaps({
        schema, ask, short, source: () => source, png: () => loadPng(source ?? '', MAX_SIDE), onAnswer: refresh,
        whiteMeans: () => state().white_means ?? schema.properties.white_means.default,
    });
    const mapPainter = painter({
        item, edit: () => edit, raw: () => (current && !pendingText(items()[selected]) ? edit?.maps[order.indexOf(selected)] : null),
        size: () => size, whiteIsExemplar: () => state().white_means === 'exemplar', changed: () => changed(true),
    });
    const canvasView = view();
    const line = timeline(draw);
    /** @type {Choice<ToolName>} */
    const tool = choice('Tool', [
        ['move', 'Move', 'Drag the exemplar to move it, a corner to scale it, the handle to rotate it (V)'],
        ['exemplar', 'Paint exemplar', 'Paint where the exemplar appears (B)'],
        ['source', 'Paint source', 'Paint where the source is kept (E)'],
    ], toolChosen);
    /** @type {Choice<ViewName>} */
    const viewChoice = choice('View', [
        ['composite', 'Composite', 'The image that the edit starts from (1)'],
        ['map', 'Map', 'The edit map: white keeps the source, black becomes the exemplar (2)'],
        ['overlay', 'Overlay', 'The map in color over the source (3)'],
    ], draw);
    const node = element('section', {class: 'pixels-studio', 'aria-label': 'Studio'});
    const full = fullWindow(node, canvasView.refit);
    const help = keyHelp();

    /** @type {Actions} */
    const actions = {
        select(index) {
            selected = index;
            refresh();
        },
        next: by => actions.select((selected + by + items().length) % Math.max(1, items().length)),
        move(by) {
            if (!item() || !items()[selected + by]) return;
            selected += by;
            exemplars()?.move(selected - by, by);
        },
        duplicate() {
            if (!item() || items().length >= maxItems) return;
            selected += 1;
            exemplars()?.duplicate(selected - 1);
        },
        hide() {
            const now = item();
            if (!now) return;
            if (!hidden.delete(now)) hidden.add(now);
            refresh();
        },
        remove() {
            if (!item()) return;
            const message = `Exemplar ${selected + 1} was removed.`;
            exemplars()?.remove(selected);
            tell(`${message} ${statusText()}`);
        },
        place(changes) {
            if (!item()) return;
            assign('placement', changes);
            changed(false);
            tell(`Exemplar ${selected + 1}: ${placementText()}.`);
        },
        shift(by) {
            if (painting()) {
                const at = hand.step(by);
                if (at) tell(`The brush is at ${at.join(', ')}.`);
            } else {
                if (!size) return;
                const {x, y} = placement();
                actions.place(centerAt([x * size[0] + by[0], y * size[1] + by[1]], size));
            }
        },
        scale: factor => actions.place(scaleBy(placement(), factor)),
        rotate: angle => actions.place({rotation: normalizeAngle(placement().rotation + angle)}),
        flip: () => actions.place({flip: !placement().flip}),
        dab(along) {
            if (painting() && hand.dab(along)) tell('Painted.');
        },
        tool(name) {
            tool.set(name);
            toolChosen();
            tell(`${tool.name()}.`);
        },
        view(name) {
            viewChoice.set(name);
            draw();
            tell(`${viewChoice.name()}.`);
        },
        resize(factor) {
            brush.resize(factor);
            tell(`The brush is ${brush.values().size} pixels wide.`);
        },
        zoom(factor, at = mapPair(canvasView.screen(), side => side / 2)) {
            canvasView.camera.zoomBy(factor, at);
            canvasView.draw();
        },
        pan(by) {
            canvasView.camera.panBy(...by);
            canvasView.draw();
        },
        fit: canvasView.refit,
        full: (yes = !full.is()) => full.set(yes),
        isFull: full.is,
        undo: () => step(-1),
        redo: () => step(1),
        help: () => help.set(Boolean(help.list.hidden)),
    };
    const brush = brushRow(gray => {
        mapPainter.fill(gray);
        if (item() && size) tell(`The map is all ${gray ? 'source' : 'exemplar'} now.`);
    });
    const strip = layers(maxItems, actions);
    const hand = tools({
        view: {...canvasView, showPart: (part, rectangle) => canvasView.show(part, viewChoice.value(), line.progress(), rectangle)},
        selection, tool: tool.value, brush: brush.values, assign, preview: () => render(true), done: () => changed(true),
        painting() {
            const map = mapPainter.begin();
            if (!map) tell('The map cannot be painted on before it is generated.');
            return map;
        },
        painted: mapPainter.end,
        discarded() {
            mapPainter.cancel();
            render(false);
        },
    });
    const [undo, redo] = [button('Undo', actions.undo, 'Ctrl+Z'), button('Redo', actions.redo, 'Ctrl+Shift+Z')];
    const status = element('p', {class: 'pixels-note', role: 'status'});
    const described = element('p', {hidden: true, id: uniqueId()});
    node.append(
        element('div', {class: 'pixels-row pixels-tools'}, tool.node, viewChoice.node),
        element('div', {class: 'pixels-stage'}, canvasView.node, described), strip.node, status, brush.node,
        element(
            'div', {class: 'pixels-row'}, undo, redo, button('−', () => actions.zoom(1 / 1.25), 'Zoom out'), button('Fit', actions.fit, 'Fit the image'),
            button('+', () => actions.zoom(1.25), 'Zoom in'), full.button, help.button,
        ),
        help.list, line.node,
    );
    canvasView.node.setAttribute('aria-describedby', described.id);
    canvasView.setHandles(hand.handles);
    pointers(canvasView.node, {begin: hand.begin, pinch: hand.pinch, hover});
    canvasView.node.addEventListener('wheel', wheel, {passive: false});
    const pressed = keyHandler(actions);
    // In the full window the page may have the focus, after a click next to the controls.
    document.addEventListener('keydown', event => {
        const {target} = event;
        if (target instanceof Element && (node.contains(target) || full.is() && target.contains(node))) pressed(event, canvasView.node, strip.list);
    }, {capture: true, signal});
    acceptImages(node, async files => {
        try {
            await add(files);
        } catch (error) {
            tell(errorText(error));
        }
    });

    /** @type {() => SelectedExemplar | null} */
    function selection() {
        const now = item();
        if (!now || !size) return null;
        const image = images.get(now.image ?? '') ?? null;
        const map = now.edit_map;
        const type = mapTypeSchema(map, fields.edit_map);
        return {
            size, image, own: image && naturalSize(image), placement: {...placement(), pixel: pixel()},
            map: type && typeof map === 'object' ? withDefaults(map, type) : map,
            inverted: Boolean(now.shaping?.invert), edit, layer: edit?.layers[order.indexOf(selected)],
        };
    }

    /** @type {ToolContext['assign']} */
    function assign(part, changes) {
        const now = item();
        if (!now) return;
        const {pixel: _, ...values} = /** @type {Partial<Placement>} */ (changes);
        if (part === 'placement') Object.assign(now.placement ??= {}, values);
        else if (typeof now.edit_map === 'object') Object.assign(now.edit_map, values);
    }

    function toolChosen() {
        brush.node.hidden = !painting();
        if (!painting()) canvasView.setBrush(null);
        canvasView.draw();
        describe();
    }

    /** @param {Pair | null} point */
    function hover(point) {
        canvasView.setBrush(point && painting() ? {at: point, size: brush.values().size} : null);
    }

    /** @param {WheelEvent} event */
    function wheel(event) {
        if (document.activeElement !== canvasView.node) return; // the page scrolls until the canvas has the focus
        event.preventDefault();
        const factor = Math.exp(-event.deltaY / 800);
        if (event.ctrlKey) {
            actions.zoom(factor, [event.offsetX, event.offsetY]);
        } else if (painting()) {
            brush.resize(factor);
            hover([event.offsetX, event.offsetY]);
        } else if (event.shiftKey) {
            actions.rotate((event.deltaY || event.deltaX) > 0 ? 1 : -1);
        } else {
            actions.scale(factor);
        }
    }

    /** Show and announce a sentence. @param {string} sentence */
    function tell(sentence) {
        setText(status, sentence);
    }

    function placementText() {
        const {x, y, scale, rotation, flip} = placement();
        const [across, down] = [x, y].map(value => `${Math.round(value * 1000) / 10}%`);
        return `center at ${across} across, ${down} down, scale ${scale}, rotated by ${rotation}°${flip ? ', flipped' : ''}`;
    }

    /** Describe the canvas to screen readers. */
    function describe() {
        const now = item();
        const which = now ? `Exemplar ${selected + 1} of ${items().length}: ${placementText()}${hidden.has(now) ? ', hidden here' : ''}.` : '';
        described.textContent = size ? `${viewChoice.name()}, ${size.join(' by ')} pixels. ${which} Tool: ${tool.name()}. Press ? for the keys.` : '';
    }

    /** Follow the tab's image, size and steps. */
    async function followTab() {
        const url = sourceUrl(app);
        if (url !== source) {
            source = url;
            size = sourceSize = null;
            settings = '';
            if (url) {
                const image = await loadImage(url);
                if (url !== source) return;
                sourceSize = naturalSize(image);
                size = fitWithin(sourceSize, MAX_SIDE);
                canvasView.setSize(size);
            }
        }
        const now = `${pixel()} ${stepCount(app)}`;
        if (now === settings) return;
        settings = now;
        refresh();
    }

    /** @param {string} [message] what has happened */
    function refresh(message) {
        selected = Math.max(0, Math.min(selected, items().length - 1));
        if (size) maps.update(items());
        strip.show(items(), selected, each => hidden.has(each));
        const able = counts();
        enable(undo, able.undo > 0, canvasView.node);
        enable(redo, able.redo > 0, canvasView.node);
        node.classList.toggle('pixels-empty', !size || !items().length);
        tell([message, statusText()].filter(Boolean).join(' '));
        describe();
        for (const each of items()) load(each.image);
        render(false);
    }

    function statusText() {
        const now = item();
        if (!size) return 'Put a source image into the img2img tab; it will appear here.';
        if (!now) return 'Add an exemplar below, or drop one here.';
        const which = `Exemplar ${selected + 1}${hidden.has(now) ? ', hidden here' : ''}.`;
        return [which, undrawableReason(now), pendingText(now)].filter(Boolean).join(' ');
    }

    /** About maps that are not there yet; until then older ones are shown. @type {Fn.pendingText} */
    const pendingText = now => pythonMapNames(now).map(name => maps.status(now, name)).join(' ').trim();

    /** Load an exemplar's image for the handles. @param {string | undefined} text */
    function load(text) {
        if (!isEmbedded(text) || images.has(text)) return;
        images.set(text, null);
        loadImage(text).then(image => {
            images.set(text, image);
            canvasView.draw();
        }, () => {});
    }

    /** @param {boolean} draft */
    async function render(draft) {
        current = false;
        if (!size || !source) return;
        const longest = draft ? DRAFT_SIDE : MAX_SIDE;
        const factor = Math.min(1, longest / Math.max(...size));
        const shown = previewRequest(state(), schema, {hidden, pixel: pixel() * factor, pythonMap: maps.image});
        try {
            const result = await worker.render({request: shown.request, source, longest, steps: stepCount(app)});
            if (!result || mapPainter.stroking()) return;
            edit = result;
            current = !draft;
            order = shown.order;
            draw();
        } catch (error) {
            tell(`The edit cannot be shown: ${errorText(error)}`);
        }
    }

    function draw() {
        if (!edit) return;
        canvasView.show(edit, viewChoice.value(), line.progress());
        line.show({...edit, threshold: item()?.threshold ?? withDefaults(state(), schema).threshold, steps: stepCount(app)});
        describe();
    }

    signal.addEventListener('abort', worker.close);
    followTab();
    poll(POLL_INTERVAL, () => { if (node.getClientRects().length) followTab(); }, signal);
    refresh();
    return {node, refresh};
}
