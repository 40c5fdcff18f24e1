/** The studio: the edit as it begins, on a canvas where exemplars are laid and maps are painted. */

const {button, element, every, freshId, inWords} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {complete, madeBy} = await import('../schema.mjs' + new URL(import.meta.url).search);
const {isHere, loaded, pngOf, sizeOf, within} = await import('../pictures.mjs' + new URL(import.meta.url).search);
const {sizeIn, sourceAddress, stepsIn} = await import('../host.mjs' + new URL(import.meta.url).search);
const {takePictures} = await import('../transfer.mjs' + new URL(import.meta.url).search);
const {both} = await import('../engine/numbers.mjs' + new URL(import.meta.url).search);
const {centredAt, normal, sized, tools} = await import('./tools.mjs' + new URL(import.meta.url).search);
const {brushRow, choice, enable, fullWindow, keyHelp, keysOf, layers, timeline} = await import('./controls.mjs' + new URL(import.meta.url).search);
const {askedMaps, foreign, lacking, renderer, shortNames, shownRequest} = await import('./look.mjs' + new URL(import.meta.url).search);
const {painter} = await import('./painting.mjs' + new URL(import.meta.url).search);
const {pointers, view} = await import('./view.mjs' + new URL(import.meta.url).search);

/** Longest side at which the edit is drawn, and while a hand is moving something. */
const [LONGEST, DRAFT] = [1024, 384];
const FOLLOW_EVERY = 500;

/** @type {Does.studio} */
export function studio({schema, app, state, changed, step, left, exemplars, ask, add, signal}) {
    const {items: {properties: fields}, maxItems = Infinity} = /** @type {List} */ (schema.properties.exemplars);
    const placementSchema = /** @type {Group} */ (fields.placement);
    const short = shortNames();
    const worker = renderer(short);
    /** @type {WeakSet<Exemplar>} */
    const hidden = new WeakSet();
    /** Exemplars' pictures; null while they load. @type {Map<string, HTMLImageElement | null>} */
    const images = new Map();
    /** Whether the last look is the request's, and not a draft or an older one. */
    let current = false;
    let selected = 0;
    /** @type {string | null} */
    let source = null;
    /** The source's own size, and the canvas's. @type {Pair | null} */
    let own = null;
    /** @type {Pair | null} */
    let size = null;
    let settings = '';
    /** @type {Look | null} */
    let look = null;
    /** Of what is in the look, the place in the request. @type {number[]} */
    let order = [];

    const items = () => state().exemplars ?? [];
    /** @type {() => Exemplar | undefined} */
    const item = () => items()[selected];
    /** @type {() => Placement} */
    const placement = () => complete(item()?.placement ?? {}, placementSchema);
    /** How large a pixel of the edit is on the canvas. */
    const pixel = () => (size && own ? size[0] / (sizeIn(app, own) ?? size)[0] : 1);
    const painting = () => tool.value() !== 'move';

    const maps = askedMaps({
        schema, ask, short, source: () => source, png: () => pngOf(source ?? '', LONGEST), answered: refresh,
        whiteMeans: () => state().white_means ?? schema.properties.white_means.default,
    });
    const paints = painter({
        item, look: () => look, raw: () => (current && !making(items()[selected]) ? look?.maps[order.indexOf(selected)] : null),
        size: () => size, whiteEdits: () => state().white_means === 'exemplar', changed: () => changed(true),
    });
    const picture = view();
    const line = timeline(draw);
    /** @type {Choice<ToolName>} */
    const tool = choice('Tool', [
        ['move', 'Move', 'Lay the exemplar: drag it, its corners, its handle (V)'],
        ['exemplar', 'Paint exemplar', 'Paint where the exemplar comes through (B)'],
        ['source', 'Paint source', 'Paint the source back (E)'],
    ], toolChosen);
    /** @type {Choice<ViewName>} */
    const looks = choice('View', [
        ['composite', 'Composite', 'What the edit starts from (1)'],
        ['map', 'Map', 'The edit map: white keeps the source, black becomes the exemplar (2)'],
        ['overlay', 'Overlay', 'Coloured where the exemplar comes through (3)'],
    ], draw);
    const node = element('section', {class: 'pixels-studio', 'aria-label': 'Studio'});
    const full = fullWindow(node, picture.refit);
    const help = keyHelp();

    /** @type {Actions} */
    const does = {
        select(index) {
            selected = index;
            refresh();
        },
        next: by => does.select((selected + by + items().length) % Math.max(1, items().length)),
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
            const gone = `Exemplar ${selected + 1} was removed.`;
            exemplars()?.remove(selected);
            tell(`${gone} ${situation()}`);
        },
        place(given) {
            if (!item()) return;
            assign('placement', given);
            changed(false);
            tell(`Exemplar ${selected + 1}: ${lying()}.`);
        },
        shift(by) {
            if (painting()) {
                const at = hand.step(by);
                if (at) tell(`The brush is at ${at.join(', ')}.`);
            } else {
                if (!size) return;
                const {x, y} = placement();
                does.place(centredAt([x * size[0] + by[0], y * size[1] + by[1]], size));
            }
        },
        scale: factor => does.place(sized(placement(), factor)),
        turn: angle => does.place({rotation: normal(placement().rotation + angle)}),
        flip: () => does.place({flip: !placement().flip}),
        dab(along) {
            if (painting() && hand.dab(along)) tell('Painted.');
        },
        tool(name) {
            tool.set(name);
            toolChosen();
            tell(`${tool.face()}.`);
        },
        view(name) {
            looks.set(name);
            draw();
            tell(`${looks.face()}.`);
        },
        resize(factor) {
            brush.resize(factor);
            tell(`The brush is ${brush.values().size} pixels wide.`);
        },
        zoom(factor, at = both(picture.screen(), side => side / 2)) {
            picture.eye.zoomed(factor, at);
            picture.draw();
        },
        pan(by) {
            picture.eye.shifted(...by);
            picture.draw();
        },
        fit: picture.refit,
        full: (yes = !full.is()) => full.set(yes),
        isFull: full.is,
        undo: () => step(-1),
        redo: () => step(1),
        help: () => help.set(Boolean(help.list.hidden)),
    };
    const brush = brushRow(grey => {
        paints.fill(grey);
        if (item() && size) tell(`The whole map is ${grey ? 'source' : 'exemplar'} now.`);
    });
    const strip = layers(maxItems, does);
    const hand = tools({
        view: {...picture, showPart: (part, rectangle) => picture.show(part, looks.value(), line.progress(), rectangle)},
        scene, tool: tool.value, brush: brush.values, assign, preview: () => render(true), done: () => changed(true),
        painting() {
            const map = paints.begin();
            if (!map) tell('The map cannot be painted on before it is made.');
            return map;
        },
        painted: paints.end,
        discarded() {
            paints.cancel();
            render(false);
        },
    });
    const [undo, redo] = [button('Undo', does.undo, 'Ctrl+Z'), button('Redo', does.redo, 'Ctrl+Shift+Z')];
    const status = element('p', {class: 'pixels-told', role: 'status'});
    const described = element('p', {hidden: true, id: freshId()});
    node.append(
        element('div', {class: 'pixels-row pixels-tools'}, tool.node, looks.node),
        element('div', {class: 'pixels-stage'}, picture.node, described), strip.node, status, brush.node,
        element(
            'div', {class: 'pixels-row'}, undo, redo, button('−', () => does.zoom(1 / 1.25), 'Zoom out'), button('Fit', does.fit, 'Fit the picture'),
            button('+', () => does.zoom(1.25), 'Zoom in'), full.face, help.button,
        ),
        help.list, line.node,
    );
    picture.node.setAttribute('aria-describedby', described.id);
    picture.setHandles(hand.handles);
    pointers(picture.node, {begin: hand.begin, pinch: hand.pinch, hover});
    picture.node.addEventListener('wheel', wheel, {passive: false});
    const pressed = keysOf(does);
    // In the full window what has the focus may be the page, where a click beside all controls has put it.
    document.addEventListener('keydown', event => {
        const {target} = event;
        if (target instanceof Element && (node.contains(target) || full.is() && target.contains(node))) pressed(event, picture.node, strip.list);
    }, {capture: true, signal});
    takePictures(node, async files => {
        try {
            await add(files);
        } catch (error) {
            tell(inWords(error));
        }
    });

    /** The exemplar that is worked on, as the tools want to know it. @type {() => Scene | null} */
    function scene() {
        const now = item();
        if (!now || !size) return null;
        const image = images.get(now.image ?? '') ?? null;
        const map = now.edit_map;
        const way = madeBy(map, fields.edit_map);
        return {
            size, image, own: image && sizeOf(image), placement: {...placement(), pixel: pixel()},
            map: way && typeof map === 'object' ? complete(map, way) : map,
            inverted: Boolean(now.shaping?.invert), look, layer: look?.layers[order.indexOf(selected)],
        };
    }

    /** @type {Tooled['assign']} */
    function assign(part, given) {
        const now = item();
        if (!now) return;
        const {pixel: _, ...changes} = /** @type {Partial<Placement>} */ (given);
        if (part === 'placement') Object.assign(now.placement ??= {}, changes);
        else if (typeof now.edit_map === 'object') Object.assign(now.edit_map, changes);
    }

    function toolChosen() {
        brush.node.hidden = !painting();
        if (!painting()) picture.setBrush(null);
        picture.draw();
        describe();
    }

    /** @param {Pair | null} point */
    function hover(point) {
        picture.setBrush(point && painting() ? {at: point, size: brush.values().size} : null);
    }

    /** @param {WheelEvent} event */
    function wheel(event) {
        if (document.activeElement !== picture.node) return; // the page scrolls until the canvas is worked on
        event.preventDefault();
        const factor = Math.exp(-event.deltaY / 800);
        if (event.ctrlKey) {
            does.zoom(factor, [event.offsetX, event.offsetY]);
        } else if (painting()) {
            brush.resize(factor);
            hover([event.offsetX, event.offsetY]);
        } else if (event.shiftKey) {
            does.turn((event.deltaY || event.deltaX) > 0 ? 1 : -1);
        } else {
            does.scale(factor);
        }
    }

    /** Say it, also to screen readers; once. @param {string} sentence */
    function tell(sentence) {
        if (status.textContent !== sentence) status.textContent = sentence;
    }

    /** How the exemplar lies. */
    function lying() {
        const {x, y, scale, rotation, flip} = placement();
        const [across, down] = [x, y].map(place => `${Math.round(place * 1000) / 10} %`);
        return `centre at ${across} across, ${down} down, scale ${scale}, turned by ${rotation}°${flip ? ', flipped' : ''}`;
    }

    /** What the canvas shows, for those who do not see it. */
    function describe() {
        const now = item();
        const which = now ? `Exemplar ${selected + 1} of ${items().length}: ${lying()}${hidden.has(now) ? ', hidden here' : ''}.` : '';
        described.textContent = size ? `${looks.face()}, ${size.join(' by ')} pixels. ${which} Tool: ${tool.face()}. Press ? for the keys.` : '';
    }

    /** Take the picture of the tab, if it is another one, and what else of the tab is seen here. */
    async function follow() {
        const address = sourceAddress(app);
        if (address !== source) {
            source = address;
            size = own = null;
            settings = '';
            if (address) {
                const image = await loaded(address);
                if (address !== source) return;
                own = sizeOf(image);
                size = within(own, LONGEST);
                picture.setSize(size);
            }
        }
        const now = `${pixel()} ${stepsIn(app)}`;
        if (now === settings) return;
        settings = now;
        refresh();
    }

    /** @param {string} [said] what has happened */
    function refresh(said) {
        selected = Math.max(0, Math.min(selected, items().length - 1));
        if (size) maps.want(items());
        strip.show(items(), selected, each => hidden.has(each));
        const able = left();
        enable(undo, able.undo > 0, picture.node);
        enable(redo, able.redo > 0, picture.node);
        node.classList.toggle('pixels-empty', !size || !items().length);
        tell([said, situation()].filter(Boolean).join(' '));
        describe();
        for (const each of items()) load(each.image);
        render(false);
    }

    /** What there is to say when nothing has just happened. */
    function situation() {
        const now = item();
        if (!size) return 'Put a picture into the img2img tab: it is the source, and appears here.';
        if (!now) return 'Add an exemplar below, or drop one here.';
        const which = `Exemplar ${selected + 1}${hidden.has(now) ? ', hidden here' : ''}.`;
        return [which, lacking(now), making(now)].filter(Boolean).join(' ');
    }

    /** What there is to say of the maps that are not there yet; until then older ones are seen. @type {Does.making} */
    const making = now => foreign(now).map(name => maps.said(now, name)).join(' ').trim();

    /** Load an exemplar's picture, whose size and looks the handles need. @param {string | undefined} text */
    function load(text) {
        if (!isHere(text) || images.has(text)) return;
        images.set(text, null);
        loaded(text).then(image => {
            images.set(text, image);
            picture.draw();
        }, () => {});
    }

    /** @param {boolean} draft */
    async function render(draft) {
        current = false;
        if (!size || !source) return;
        const longest = draft ? DRAFT : LONGEST;
        const factor = Math.min(1, longest / Math.max(...size));
        const shown = shownRequest(state(), schema, {hidden, pixel: pixel() * factor, made: maps.picture});
        try {
            const result = await worker.render({request: shown.request, source, longest, steps: stepsIn(app)});
            if (!result || paints.stroking()) return;
            look = result;
            current = !draft;
            order = shown.order;
            draw();
        } catch (error) {
            tell(`This cannot be shown: ${inWords(error)}`);
        }
    }

    function draw() {
        if (!look) return;
        picture.show(look, looks.value(), line.progress());
        line.show({...look, threshold: item()?.threshold ?? complete(state(), schema).threshold, steps: stepsIn(app)});
        describe();
    }

    signal.addEventListener('abort', worker.close);
    follow();
    every(FOLLOW_EVERY, () => { if (node.getClientRects().length) follow(); }, signal);
    refresh();
    return {node, refresh};
}
