/** The studio: the edit as it begins, on a canvas where exemplars are laid and maps are painted. */

/**
 * @import {App, Ask, EditMap, Exemplar, Group, List, Look, Pair, Placement, Request, Scene, ToolName, ViewName} from '../types.d.ts'
 * @import {cards} from '../cards.mjs'
 * @import {Fields, Part} from './tools.mjs'
 */

const {button, element, inWords} = await import('../dom.mjs' + new URL(import.meta.url).search);
const {complete, madeBy} = await import('../schema.mjs' + new URL(import.meta.url).search);
const {bringsPicture, claim, mayHavePicture, picturesIn} = await import('../transfer.mjs' + new URL(import.meta.url).search);
const {isHere} = await import('../pictures.mjs' + new URL(import.meta.url).search);
const {both} = await import('../engine/pair.mjs' + new URL(import.meta.url).search);
const {askedMaps} = await import('./asked.mjs' + new URL(import.meta.url).search);
const {fullWindow} = await import('./full.mjs' + new URL(import.meta.url).search);
const {keysOf} = await import('./keys.mjs' + new URL(import.meta.url).search);
const {layers} = await import('./layers.mjs' + new URL(import.meta.url).search);
const {foreign, lacking, shownRequest} = await import('./model.mjs' + new URL(import.meta.url).search);
const {shortNames} = await import('./names.mjs' + new URL(import.meta.url).search);
const {painter} = await import('./painter.mjs' + new URL(import.meta.url).search);
const {pointers} = await import('./pointers.mjs' + new URL(import.meta.url).search);
const {renderer} = await import('./renderer.mjs' + new URL(import.meta.url).search);
const {loaded, pngOf, within} = await import('./scene.mjs' + new URL(import.meta.url).search);
const {sourceAddress, stepsIn, widthIn} = await import('./source.mjs' + new URL(import.meta.url).search);
const {timeline} = await import('./timeline.mjs' + new URL(import.meta.url).search);
const {brushRow, choice, keyHelp} = await import('./toolbar.mjs' + new URL(import.meta.url).search);
const {tools} = await import('./tools.mjs' + new URL(import.meta.url).search);
const {view} = await import('./view.mjs' + new URL(import.meta.url).search);

/** Longest side at which the edit is drawn, and while a hand is moving something. */
const [LONGEST, DRAFT] = [1024, 384];
const FOLLOW_EVERY = 500;

/**
 * The studio for the request that `state()` gives, which it changes in place. `changed(apart)` tells the panel, `undo()`
 * and `redo()` are the panel's, `exemplars()` its cards, `ask` puts questions to Python, `add(file)` makes an exemplar of a
 * picture. `refresh()` of the result has to be called when the request changed. It follows the tab in `app` until `signal`
 * is aborted.
 * @param {{
 *     schema: Group, app: App, state: () => Request, changed: (apart: boolean) => void, undo: () => void, redo: () => void,
 *     can: () => {undo: boolean, redo: boolean}, exemplars: () => ReturnType<typeof cards> | undefined, ask: Ask,
 *     add: (file: Blob) => Promise<void>, signal: AbortSignal,
 * }} panel
 */
export function studio({schema, app, state, changed, undo, redo, can, exemplars, ask, add, signal}) {
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
    /** @type {Pair | null} */
    let size = null;
    /** @type {Look | null} */
    let look = null;
    /** Of what is in the look, the place in the request. @type {number[]} */
    let order = [];

    const items = () => state().exemplars ?? [];
    /** @type {() => Exemplar | undefined} */
    const item = () => items()[selected];

    const maps = askedMaps({
        schema, ask, short, source: () => source, png: () => pngOf(source ?? '', LONGEST), answered: refresh,
        whiteMeans: () => state().white_means ?? schema.properties.white_means.default,
    });
    const paints = painter({
        item, look: () => look, raw: () => (current ? look?.maps[order.indexOf(selected)] : null),
        size: () => size, whiteEdits: () => state().white_means === 'edit', changed: () => changed(true),
    });
    const picture = view();
    const line = timeline(() => draw());
    /** @type {ReturnType<typeof choice<ToolName>>} */
    const tool = choice('Tool', [
        ['move', 'Move', 'Lay the exemplar: drag it, its corners, its handle (V)'],
        ['exemplar', 'Paint exemplar', 'Paint where the exemplar comes through (B)'],
        ['source', 'Paint source', 'Paint the source back (E)'],
    ], chosen);
    /** @type {ReturnType<typeof choice<ViewName>>} */
    const looks = choice('View', [
        ['composite', 'Composite', 'What the edit starts from (1)'],
        ['map', 'Map', 'The edit map: white keeps the source, black becomes the exemplar (2)'],
        ['overlay', 'Overlay', 'Coloured where the exemplar comes through (3)'],
    ], () => draw());
    const brush = brushRow(paints.fill);
    const strip = layers(maxItems, {select, move, duplicate, hide, remove});
    const back = {undo: button('Undo', null, undo, {title: 'Undo (Ctrl+Z)'}), redo: button('Redo', null, redo, {title: 'Redo (Ctrl+Shift+Z)'})};
    const node = element('section', {class: 'pixels-studio', 'aria-label': 'Studio'});
    const full = fullWindow(node, () => picture.refit());
    const does = tools({
        view: {...picture, showPart: (part, rectangle) => picture.show(part, looks.value(), line.progress(), rectangle)},
        scene, tool: tool.value, assign, done: () => changed(true), preview: () => { render(true); },
        painting, painted: paints.end, brush: brush.values,
        discarded() {
            paints.cancel();
            render(false);
        },
    });
    const keys = keysOf({
        tool: {value: tool.value, set: value => { tool.set(value); chosen(); }}, view: value => { looks.set(value); draw(); },
        place: nudge, placement, size: () => size, step, dab: does.dab, resize: brush.resize,
        layers: {select: by => select((selected + by + items().length) % Math.max(1, items().length)), move, duplicate, hide, remove},
        zoom, pan, fit: () => picture.refit(), undo, redo, full, help: () => help.toggle(),
    });
    const help = keyHelp(keys.words);
    const status = element('p', {class: 'pixels-told', role: 'status'});
    node.append(
        element('div', {class: 'pixels-row pixels-tools'}, tool.node, looks.node),
        element('div', {class: 'pixels-stage'}, picture.node), strip.node, status, brush.node,
        element(
            'div', {class: 'pixels-row'}, back.undo, back.redo,
            button('−', 'Zoom out', () => zoom(1 / 1.25)), button('Fit', 'Fit the picture', () => picture.refit()),
            button('+', 'Zoom in', () => zoom(1.25)), full.face, help.open,
        ),
        help.list, line.node,
    );
    picture.setHandles(does.handles);
    pointers(picture.node, {begin: does.begin, pinch: does.pinch, hover});
    picture.node.addEventListener('wheel', wheel, {passive: false});
    node.addEventListener('dragover', dragover);
    node.addEventListener('drop', event => take(event, event.dataTransfer));
    node.addEventListener('paste', event => { if (bringsPicture(event.clipboardData)) take(event, event.clipboardData); });
    node.addEventListener('keydown', event => keys.pressed(event, picture.node, strip.list));

    /** @type {() => Placement} */
    function placement() {
        return complete(item()?.placement ?? {}, placementSchema);
    }

    /**
     * The exemplar that is worked on, as the tools want to know it.
     * @type {() => Scene | null}
     */
    function scene() {
        const now = item();
        if (!now || !size) return null;
        const image = images.get(now.image ?? '') ?? null;
        return {
            size, image, own: image ? [image.naturalWidth, image.naturalHeight] : null,
            placement: {...placement(), pixel: pixel()}, map: wholeMap(now), inverted: Boolean(now.shaping?.invert),
            look, layer: look?.layers[order.indexOf(selected)],
        };
    }

    /** @type {(item: Exemplar) => EditMap | undefined} */
    function wholeMap({edit_map: map}) {
        const way = madeBy(map, fields.edit_map);
        return way && typeof map === 'object' ? complete(map, way) : map;
    }

    /** How large a pixel of the edit is on the canvas. */
    function pixel() {
        return size ? size[0] / (widthIn(app) ?? size[0]) : 1;
    }

    /** @type {(part: Part, fields: Fields) => void} */
    function assign(part, given) {
        const now = item();
        if (!now) return;
        const {pixel: _, ...own} = /** @type {Partial<Placement>} */ (given);
        if (part === 'placement') Object.assign(now.placement ??= {}, own);
        else if (typeof now.edit_map === 'object') Object.assign(now.edit_map, own);
    }

    /** @type {(fields: Partial<Placement>) => void} */
    function nudge(given) {
        if (!item()) return;
        assign('placement', given);
        changed(false);
    }

    function painting() {
        const map = paints.begin();
        if (!map) tell('The map cannot be painted on before it is made.');
        return map;
    }

    /** @type {(by: Pair) => void} */
    function step(by) {
        const place = does.step(by);
        if (place) tell(`The brush is at ${place[0]}, ${place[1]}.`);
    }

    /** @param {number} index */
    function select(index) {
        selected = index;
        refresh();
    }

    /** @param {number} by */
    function move(by) {
        const to = selected + by;
        if (!item() || !items()[to]) return;
        selected = to;
        exemplars()?.move(to - by, by);
    }

    function duplicate() {
        if (!item() || items().length >= maxItems) return;
        selected += 1;
        exemplars()?.duplicate(selected - 1);
    }

    function remove() {
        if (item()) exemplars()?.remove(selected);
    }

    function hide() {
        const now = item();
        if (!now) return;
        if (!hidden.delete(now)) hidden.add(now);
        refresh();
    }

    function chosen() {
        brush.node.hidden = tool.value() === 'move';
        if (tool.value() === 'move') picture.setBrush(null);
        picture.draw();
    }

    /** @param {Pair | null} point */
    function hover(point) {
        picture.setBrush(point && tool.value() !== 'move' ? {at: point, size: brush.values().size} : null);
    }

    /** @param {WheelEvent} event */
    function wheel(event) {
        if (document.activeElement !== picture.node) return; // the page scrolls until the canvas is worked on
        event.preventDefault();
        const factor = Math.exp(-event.deltaY / 800);
        if (event.ctrlKey) {
            const box = picture.node.getBoundingClientRect();
            picture.eye.zoomed(factor, [event.clientX - box.left, event.clientY - box.top]);
            picture.draw();
        } else if (tool.value() !== 'move') {
            brush.resize(factor);
            hover([event.offsetX, event.offsetY]);
        } else if (event.shiftKey) {
            nudge(keys.turnedBy((event.deltaY || event.deltaX) > 0 ? 1 : -1));
        } else {
            nudge(keys.scaledBy(factor));
        }
    }

    /** @param {DragEvent} event */
    function dragover(event) {
        if (!mayHavePicture(event.dataTransfer)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
    }

    /**
     * Pictures that are dropped or pasted here become exemplars.
     * @type {(event: Event, transfer: DataTransfer | null) => Promise<void>}
     */
    async function take(event, transfer) {
        claim(event);
        try {
            for (const file of await picturesIn(transfer)) await add(file);
        } catch (error) {
            tell(inWords(error));
        }
    }

    /** @param {Pair} by */
    function pan(by) {
        picture.eye.shifted(by[0], by[1]);
        picture.draw();
    }

    /** @param {number} factor */
    function zoom(factor) {
        picture.eye.zoomed(factor, both(picture.screen(), side => side / 2));
        picture.draw();
    }

    /**
     * Say it, also to screen readers; once.
     * @param {string} sentence
     */
    function tell(sentence) {
        if (status.textContent !== sentence) status.textContent = sentence;
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
        strip.show(items(), selected, each => hidden.has(each));
        const able = can();
        for (const name of /** @type {const} */ (['undo', 'redo'])) {
            // A button that cannot be pressed loses the focus; the canvas has it then.
            if (!able[name] && back[name] === document.activeElement) picture.node.focus({preventScroll: true});
            back[name].disabled = !able[name];
        }
        node.classList.toggle('pixels-empty', !size || !items().length);
        tell(situation());
        for (const each of items()) {
            load(each.image);
            if (size) for (const name of foreign(each)) maps.want(each, name);
        }
        render(false);
    }

    /** What there is to say when nothing has just happened. */
    function situation() {
        const now = item();
        if (!size) return 'Put a picture into the img2img tab: it is the source, and appears here.';
        if (!now) return 'Add an exemplar below, or drop one here.';
        return [`Exemplar ${selected + 1}.`, lacking(now), ...foreign(now).map(name => maps.said(now, name))].filter(Boolean).join(' ');
    }

    /**
     * Load an exemplar's picture, whose size and looks the handles need.
     * @param {string | undefined} text
     */
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
