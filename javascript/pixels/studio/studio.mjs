/** The studio: the edit as it begins, on a canvas where exemplars are laid and maps are painted. */

const search = new URL(import.meta.url).search;
const {button, element} = await import('../dom.mjs' + search);
const {complete, madeBy, sparse} = await import('../schema.mjs' + search);
const {claim, mayHavePicture, picturesIn} = await import('../transfer.mjs' + search);
const {isHere} = await import('../pictures.mjs' + search);
const {keysOf} = await import('./keys.mjs' + search);
const {foreign, lacking, mapKey, shownRequest} = await import('./model.mjs' + search);
const {pointers} = await import('./pointers.mjs' + search);
const {renderer} = await import('./renderer.mjs' + search);
const {greyPng, loaded, pngOf, within} = await import('./scene.mjs' + search);
const {sourceAddress, stepsIn, widthIn} = await import('./source.mjs' + search);
const {timeline} = await import('./timeline.mjs' + search);
const {choice, keyHelp, slider} = await import('./toolbar.mjs' + search);
const {tools} = await import('./tools.mjs' + search);
const {view} = await import('./view.mjs' + search);

/** Longest side at which the edit is drawn, and while a hand is moving something. */
const [LONGEST, DRAFT] = [1024, 384];
const FOLLOW_EVERY = 500;

/**
 * The studio for the request that `state()` gives, which it changes in place. `changed(apart)` tells the panel, `undo()`
 * and `redo()` are the panel's, `ask` puts questions to Python, `add(file)` makes an exemplar of a picture. `refresh()` of
 * the result has to be called when the request changed. It follows the tab in `app` until `signal` is aborted.
 */
export function studio({schema, app, state, changed, undo, redo, can, ask, add, signal}) {
    const worker = renderer();
    const hidden = new WeakSet();
    const images = new Map();
    const made = new Map();
    const brushed = new WeakMap();
    let current = false;
    let stroking = false;
    const itemSchema = schema.properties.exemplars.items;
    let selected = 0;
    let source = null;
    let size = null;
    let look = null;
    let order = [];

    const items = () => state().exemplars ?? [];
    const item = () => items()[selected];

    const picture = view();
    const line = timeline(() => draw());
    const which = element('select', {'aria-label': 'Exemplar', on: {change: () => select(Number(which.value))}});
    const seen = button('Hide', null, hide, {'aria-pressed': 'false', title: 'Hide this exemplar here; it stays in the edit'});
    const tool = choice('Tool', [
        ['move', 'Move', 'Lay the exemplar: drag it, its corners, its handle (V)'],
        ['exemplar', 'Paint exemplar', 'Paint where the exemplar comes through (B)'],
        ['source', 'Paint source', 'Paint the source back (E)'],
    ], chosen);
    const looks = choice('View', [
        ['composite', 'Composite', 'What the edit starts from (1)'],
        ['map', 'Map', 'The edit map: white keeps the source, black becomes the exemplar (2)'],
        ['overlay', 'Overlay', 'Coloured where the exemplar comes through (3)'],
    ], () => draw());
    const brush = {
        size: slider('Size', {min: 1, max: 400, step: 1, value: 80, unit: ' px'}),
        softness: slider('Softness', {min: 0, max: 1, step: 0.05, value: 0.5}),
        strength: slider('Strength', {min: 0.05, max: 1, step: 0.05, value: 1}),
    };
    const brushRow = element(
        'div', {class: 'pixels-row pixels-tools', hidden: true}, ...Object.values(brush).map(each => each.node),
        button('All exemplar', null, () => fill(0)), button('All source', null, () => fill(255)),
    );
    const back = {undo: button('Undo', null, undo, {title: 'Undo (Ctrl+Z)'}), redo: button('Redo', null, redo, {title: 'Redo (Ctrl+Shift+Z)'})};
    const full = button('Full window', null, () => fullWindow(), {'aria-pressed': 'false', title: 'Fill the window (F11 is the browser’s; here W)'});
    const keys = keysOf({
        tool: value => { tool.set(value); chosen(); }, view: value => { looks.set(value); draw(); },
        change: (part, fields) => nudge(part, fields), placement: () => placement(), size: () => size,
        resize: by => brush.size.set(Math.max(1, Math.round(brush.size.value() * by))),
        select: by => select((selected + by + items().length) % Math.max(1, items().length)),
        zoom: factor => zoom(factor), fit: () => picture.refit(), undo, redo, fullWindow, help: () => help.toggle(),
    });
    const help = keyHelp(keys.list);
    const status = element('p', {class: 'pixels-told', role: 'status'});
    const node = element(
        'section', {class: 'pixels-studio', 'aria-label': 'Studio'},
        element('div', {class: 'pixels-row pixels-tools'}, which, seen, tool.node, looks.node),
        element('div', {class: 'pixels-stage'}, picture.node), status,
        brushRow,
        element(
            'div', {class: 'pixels-row'}, back.undo, back.redo,
            button('−', 'Zoom out', () => zoom(1 / 1.25)), button('Fit', 'Fit the picture', () => picture.refit()),
            button('+', 'Zoom in', () => zoom(1.25)), full, help.open,
        ),
        help.list, line.node,
    );

    const placement = () => complete(item()?.placement ?? {}, itemSchema.properties.placement);

    /** The exemplar that is worked on, as the tools want to know it. */
    function scene() {
        const now = item();
        if (!now || !size) return null;
        const image = images.get(now.image);
        const place = order.indexOf(selected);
        return {
            size, image, own: image ? [image.naturalWidth, image.naturalHeight] : null,
            placement: {...placement(), pixel: pixel()}, map: wholeMap(now), inverted: Boolean(now.shaping?.invert),
            look, layer: look?.layers[place],
        };
    }

    function wholeMap({edit_map: map}) {
        const way = madeBy(map, itemSchema.properties.edit_map);
        return way ? complete(map, way) : map;
    }

    const keyOf = (each, name) => mapKey(each, name, source, state().white_means);

    const pixel = () => (size ? size[0] / (widthIn(app) ?? size[0]) : 1);

    const does = tools({
        view: {...picture, showPart: (part, rectangle) => picture.show(part, looks.value(), line.progress(), rectangle)},
        scene, tool: tool.value, assign, done: () => changed(true), preview: () => render(true), painting, painted,
        brush: () => ({size: brush.size.value(), softness: brush.softness.value(), strength: brush.strength.value()}),
    });
    picture.setHandles(does.handles);
    pointers(picture.node, {begin: does.begin, pinch: does.pinch, hover});
    picture.node.addEventListener('wheel', wheel, {passive: false});
    for (const [kind, listener] of Object.entries({dragover, drop, paste})) node.addEventListener(kind, listener);
    node.addEventListener('keydown', event => keys.pressed(event, picture.node));

    function assign(part, fields) {
        const {pixel: _, ...own} = fields;
        const now = item();
        if (part === 'placement') Object.assign(now.placement ??= {}, own);
        else Object.assign(now.edit_map, own);
    }

    function nudge(part, fields) {
        if (!item()) return;
        assign(part, fields);
        changed(false);
    }

    /**
     * The map of the selected exemplar as bytes that can be painted on; an empty one where there is none, and null while it
     * is not known what there is. The next stroke may begin before the last one is in the request and rendered.
     */
    function painting() {
        const now = item();
        const last = brushed.get(now);
        if (!now || !look) return null;
        if (last && (last.text === null || last.text === now.edit_map)) return begun({...last.map, data: last.map.data.slice()});
        if (!current) return null;
        const raw = look.maps[order.indexOf(selected)];
        if (!raw && now.edit_map != null) return null;
        const {width, height} = look;
        const empty = () => new Uint8ClampedArray(width * height).fill(now.shaping?.invert ? 0 : 255);
        return begun({width, height, data: raw ? Uint8ClampedArray.from(raw.data, value => value * 255) : empty()});
    }

    function begun(map) {
        stroking = true; // what is rendered now would wipe the stroke off the screen
        return map;
    }

    async function painted(map) {
        stroking = false;
        const target = item();
        const entry = {map, text: null};
        brushed.set(target, entry);
        const edits = state().white_means === 'edit';
        const text = await greyPng({...map, data: edits ? map.data.map(value => 255 - value) : map.data});
        if (!items().includes(target) || brushed.get(target) !== entry) return; // gone, or painted on meanwhile
        entry.text = text;
        target.edit_map = text;
        changed(true);
    }

    function fill(grey) {
        const map = painting();
        if (!map) return;
        map.data.fill(item().shaping?.invert ? 255 - grey : grey);
        painted(map);
    }

    function select(index) {
        selected = index;
        refresh();
    }

    function hide() {
        if (!item()) return;
        (hidden.has(item()) ? hidden.delete(item()) : hidden.add(item()));
        refresh();
    }

    function chosen() {
        brushRow.hidden = tool.value() === 'move';
        if (tool.value() === 'move') picture.setBrush(null);
        picture.draw();
    }

    function hover(point) {
        picture.setBrush(point && tool.value() !== 'move' ? {at: point, size: brush.size.value()} : null);
    }

    function wheel(event) {
        if (document.activeElement !== picture.node) return; // the page scrolls until the canvas is worked on
        event.preventDefault();
        const factor = Math.exp(-event.deltaY / 800);
        if (event.ctrlKey) {
            const box = picture.node.getBoundingClientRect();
            picture.eye.zoomed(factor, [event.clientX - box.left, event.clientY - box.top]);
            picture.draw();
        } else if (tool.value() !== 'move') {
            brush.size.set(Math.max(1, Math.round(brush.size.value() * factor)));
            hover([event.offsetX, event.offsetY]);
        } else if (event.shiftKey) {
            nudge('placement', keys.turnedBy((event.deltaY || event.deltaX) > 0 ? 1 : -1));
        } else {
            nudge('placement', keys.scaledBy(factor));
        }
    }

    function dragover(event) {
        if (!mayHavePicture(event.dataTransfer)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
    }

    function drop(event) {
        take(event, event.dataTransfer);
    }

    function paste(event) {
        if (event.clipboardData.files.length || event.clipboardData.types.includes('text/html')) take(event, event.clipboardData);
    }

    /** Pictures that are dropped or pasted here become exemplars. */
    async function take(event, transfer) {
        claim(event);
        try {
            for (const file of await picturesIn(transfer)) await add(file);
        } catch (error) {
            status.textContent = error.message;
        }
    }

    function zoom(factor) {
        picture.eye.zoomed(factor, picture.screen().map(side => side / 2));
        picture.draw();
    }

    function fullWindow(yes = !node.classList.contains('pixels-full')) {
        node.classList.toggle('pixels-full', yes);
        full.setAttribute('aria-pressed', String(yes));
        picture.refit();
    }

    /** Take the picture of the tab, if it is another one. */
    async function follow() {
        const address = sourceAddress(app);
        if (address === source) return;
        source = address;
        size = null;
        if (address) {
            const image = await loaded(address);
            if (address !== source) return;
            size = within(image, LONGEST);
            picture.setSize(size);
        }
        refresh();
    }

    function refresh() {
        selected = Math.max(0, Math.min(selected, items().length - 1));
        which.replaceChildren(...items().map((_, i) => element('option', {value: String(i)}, `Exemplar ${i + 1}`)));
        which.value = String(selected);
        seen.setAttribute('aria-pressed', String(Boolean(item() && hidden.has(item()))));
        for (const [name, able] of Object.entries(can())) back[name].disabled = !able;
        node.classList.toggle('pixels-empty', !size || !items().length);
        let said;
        if (!size) said = 'Put a picture into the img2img tab: it is the source, and appears here.';
        else if (!items().length) said = 'Add an exemplar below, or drop one here.';
        else said = [`Exemplar ${selected + 1}.`, lacking(item()), ...foreign(item()).map(waits)].filter(Boolean).join(' ');
        status.textContent = said;
        for (const each of items()) {
            keep(each.image);
            if (size) for (const name of foreign(each)) askFor(each, name);
        }
        render(false);
    }

    /** What is to be said about a map that Python makes. */
    function waits(name) {
        const answer = made.get(keyOf(item(), name));
        return answer ? answer.problem : 'The WebUI is making its map …';
    }

    /** Have Python make a map, once for what it depends on. */
    async function askFor(each, name) {
        const key = keyOf(each, name);
        if (made.has(key)) return;
        made.set(key, null);
        try {
            const request = {white_means: state().white_means ?? schema.properties.white_means.default, exemplars: [each]};
            made.set(key, await ask({request: sparse(request, schema), field: name, source: await pngOf(source, LONGEST)}));
        } catch (error) {
            made.set(key, {problem: error.message});
        }
        refresh();
    }

    /** Load an exemplar's picture, whose size and looks the handles need. */
    function keep(text) {
        if (!isHere(text) || images.has(text)) return;
        images.set(text, null);
        loaded(text).then(image => {
            images.set(text, image);
            picture.draw();
        }, () => {});
    }

    async function render(draft) {
        current = false;
        if (!size) return;
        const longest = draft ? DRAFT : LONGEST;
        const factor = Math.min(1, longest / Math.max(...size));
        const shown = shownRequest(state(), schema, {
            hidden, pixel: pixel() * factor, made: (each, name) => made.get(keyOf(each, name))?.map,
        });
        try {
            const result = await worker.render({request: shown.request, source, longest, steps: stepsIn(app)});
            if (!result || stroking) return;
            look = result;
            current = !draft;
            order = shown.order;
            draw();
        } catch (error) {
            status.textContent = `This cannot be shown: ${error.message}`;
        }
    }

    function draw() {
        if (!look) return;
        picture.show(look, looks.value(), line.progress());
        line.show({threshold: item()?.threshold ?? complete(state(), schema).threshold, steps: stepsIn(app), release: look.release, lightness: look.lightness});
    }

    const following = setInterval(() => {
        if (node.getClientRects().length) follow();
    }, FOLLOW_EVERY);
    signal.addEventListener('abort', () => {
        clearInterval(following);
        worker.close();
    });
    follow();
    refresh();
    return {node, refresh};
}
