/**
 * The shapes that the panel's modules hand to each other, and what their parts do. For the type checker alone: no browser
 * loads this file. It has no imports, so that the modules know its names without.
 */

// The request and its schema

/** A part of the request's JSON schema, as Python writes it. */
interface Schema {
    type?: string;
    title?: string;
    description?: string;
    default?: any;
    const?: string;
    enum?: (string | null)[];
    minimum?: number;
    maximum?: number;
    maxItems?: number;
    required?: string[];
    properties?: Record<string, Schema>;
    additionalProperties?: boolean;
    items?: Schema;
    anyOf?: Schema[];
    oneOf?: Schema[];
    contentMediaType?: string;
    /** The step of its slider, and what it is counted in. */
    'x-step'?: number;
    'x-unit'?: string;
    /** The field that says how a map is shaped. */
    'x-shaping'?: string;
    /** The field without which this one means nothing. */
    'x-needs'?: string;
}

interface Group extends Schema {
    properties: Record<string, Schema>;
}

interface List extends Schema {
    items: Group;
}

interface Numeric extends Schema {
    minimum: number;
    maximum: number;
}

/** An object of the request as the form edits it: which fields it has, only the schema knows. */
type Owner = Record<string, any>;

interface Placement {
    fit: 'cover' | 'contain' | 'stretch' | 'original';
    x: number;
    y: number;
    scale: number;
    rotation: number;
    flip: boolean;
    /** How large a pixel of the edit is on the canvas, if that is drawn at another size; the studio's own. */
    pixel?: number;
}

interface Shaping {
    invert: boolean;
    black_point: number;
    white_point: number;
    gamma: number;
    grow: number;
    blur: number;
    limit: number;
}

interface Linear {
    type: 'linear';
    start_x: number;
    start_y: number;
    end_x: number;
    end_y: number;
}

interface Radial {
    type: 'radial';
    center_x: number;
    center_y: number;
    inner: number;
    outer: number;
}

/** A picture, or one that Python has made. */
interface Given {
    type: 'image' | 'generated';
    image: string;
    channel?: string;
}

/** What only Python can make. */
interface Foreign {
    type: 'inpaint_mask' | 'transparency' | 'shape' | 'brightness' | 'difference' | 'depth' | 'text';
    input?: string;
    shape_of?: string;
}

type EditMap = string | Linear | Radial | Given | Foreign;
type MapName = 'edit_map' | 'second_map';
type Threshold = 'linear' | 'log' | 'cubic' | 'quadratic' | 'sigmoid';

/** An exemplar as it stands in the request: what equals its default is not there. */
interface Exemplar {
    image?: string;
    edit_map?: EditMap;
    second_map?: EditMap | null;
    placement?: Partial<Placement>;
    shaping?: Partial<Shaping>;
    second_shaping?: Partial<Shaping>;
    threshold?: Threshold | null;
}

interface EditRequest {
    exemplars?: Exemplar[];
    white_means?: string;
    threshold?: Threshold;
}

/** An exemplar with every field, as it is rendered. */
interface WholeExemplar {
    image: string;
    edit_map: EditMap;
    second_map: EditMap | null;
    placement: Placement;
    shaping: Shaping;
    second_shaping: Shaping;
    combine: 'intersect' | 'union' | 'soft_intersect' | 'soft_union';
    threshold: Threshold | null;
}

interface WholeRequest {
    exemplars: WholeExemplar[];
    white_means: string;
    threshold: Threshold;
}

// Pictures

/** [x, y], or [width, height]. */
type Pair = [number, number];

interface Rectangle {
    left: number;
    top: number;
    width: number;
    height: number;
}

type Numbers = Float32Array<ArrayBuffer> | Uint8ClampedArray<ArrayBuffer> | Uint32Array<ArrayBuffer>;

interface Plane<Data extends Numbers> {
    width: number;
    height: number;
    data: Data;
}

/** Floats from 0 (exemplar) to 1 (source). */
interface Grey extends Plane<Float32Array<ArrayBuffer>> {}

/** RGBA bytes. */
interface Pixels extends Plane<Uint8ClampedArray<ArrayBuffer>> {}

/** A map that is painted on: a byte for each pixel. */
interface Painting extends Pixels {}

/** A number for each pixel: its four bytes. */
interface Words extends Plane<Uint32Array<ArrayBuffer>> {}

/** Any number of channels. */
interface Raster<Data extends Numbers> extends Plane<Data> {
    channels: number;
}

interface Floats extends Raster<Float32Array<ArrayBuffer>> {}
interface Bytes extends Raster<Uint8ClampedArray<ArrayBuffer>> {}

/** An edit in pixels. */
interface Look {
    width: number;
    height: number;
    /** The source, and the surgical picture: RGBA. */
    source: Uint8ClampedArray<ArrayBuffer>;
    pixels: Uint8ClampedArray<ArrayBuffer>;
    /** All maps as one: when each place is released, and its grey. */
    release: Float32Array<ArrayBuffer>;
    lightness: Float32Array<ArrayBuffer>;
    /** Of each exemplar, its map before it is shaped, and the picture as it is placed (RGBA). */
    maps: Grey[];
    layers: Uint8ClampedArray<ArrayBuffer>[];
}

/** Where maps are made. `picture` is the picture that a text stands for; `whiteEdits`: the user's maps follow the inpainting convention. */
interface Stage {
    width: number;
    height: number;
    picture: (text: string) => Pixels;
    whiteEdits: boolean;
}

type Kernel = 'hamming' | 'bicubic' | 'linear';
/** The first pixel that is looked at, and the weights from there on. */
type Tap = [number, number[]];
type Place = (x: number, y: number) => number;
type ByLength = (map: Grey, length: number) => Grey;
type ReleaseTime = (m: number, steps: number) => number;
type Laid = (picture: Bytes, placed: Pair, size: Pair, placement: Placement) => Bytes['data'];
type PlacedSize = (own: Pair, canvas: Pair, placement: Pick<Placement, 'fit' | 'scale' | 'pixel'>) => Pair;
type Resize = <Data extends Float32Array<ArrayBuffer> | Uint8ClampedArray<ArrayBuffer>>(
    picture: Raster<Data>, width: number, height: number, filter: Kernel | 'area', box?: number[],
) => Raster<Data>;
type Pad = <Data extends Numbers>(plane: Plane<Data>, left: number, top: number, right?: number, bottom?: number) => Plane<Data>;

// The panel

type Attributes = {
    on?: {[Kind in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Kind]) => void};
    [name: string]: unknown;
};

type MakeElement = <Tag extends keyof HTMLElementTagNameMap>(
    tag: Tag, attributes?: Attributes, ...children: (Node | string | null | undefined)[]
) => HTMLElementTagNameMap[Tag];

interface Opener {
    button: HTMLButtonElement;
    set(yes: boolean): void;
}

/** The part of the page that the host gives: a document, a shadow root or an element. */
type App = ParentNode;

/** `apart`: undoing the change is a step of its own. */
type Changed = (apart?: boolean) => void;

/** What the form knows of the whole request: it, and what is called when something in it changes. */
interface Edit {
    state: Owner;
    followers: Set<() => void>;
    /** Make exemplars of pictures, behind `after` or at the end. Rejects with an Error for the user. */
    add(files: Blob[] | Promise<Blob[]>, after?: Owner): Promise<void>;
}

/** How pictures that are too large are made smaller. */
interface Use {
    side: number;
    types: string[];
    /** Its values count and not the colours that a profile means by them. */
    data: boolean;
}

/** A program that sends a request, which it has as %REQUEST%, to a host at %ORIGIN%; what its button and its name are. */
interface Call {
    face: string;
    what: string;
    program: string;
}

/** A picture as the request has it, and what the user is to know of it. */
interface PictureText {
    text: string;
    note: string;
}

/** A place for a picture or a map. */
interface Slot {
    node: HTMLElement;
    /** Has to be called when the request was changed elsewhere; with a note on the picture if there is one. */
    follow(note?: string): void;
}

interface MapEdit {
    /** Draws the fields of a way of making a map. */
    form(way: Group, made: Owner, tell: () => void): {node: HTMLElement};
    /** Tells in words which way round the map is read. */
    remark(about?: string): string;
    use: Use;
    changed(): void;
}

interface Control {
    node: HTMLElement;
    /** The input that a label names. */
    main: HTMLElement;
    /** What the value is counted in. */
    unit?: HTMLElement | null;
    show(value: any): void;
}

type CardAction = 'up' | 'down' | 'duplicate' | 'remove';

interface CardActions {
    move(by: number): void;
    duplicate(): void;
    remove(): void;
}

interface Card {
    node: HTMLElement;
    /** Show a note on the first picture. */
    said(note: string): void;
    number(index: number, count: number, most: number): void;
    /** Focus the button for an action, or its neighbour if that cannot be pressed now; without one, the first slot. */
    focus(action?: CardAction): void;
}

/** Besides `node`, what the studio's strip does with an exemplar too. */
interface Cards {
    node: HTMLElement;
    duplicate(index: number): void;
    move(from: number, by: number): void;
    remove(index: number): void;
    /** Make exemplars of as many pictures as there is room for; a sentence about the others, or ''. */
    add(given: PictureText[], after?: Owner): string;
}

/** The way to an element: of each on it, the place among its siblings, and what it must have in common. */
type Path = {index: number; sign: string}[];

/** What Python answers: a map's picture, a strength and its reason, or a sentence. */
interface Answer {
    id?: number;
    map?: string;
    strength?: number;
    reason?: string;
    problem?: string;
}

type Ask = (question: object) => Promise<Answer>;

type Box = HTMLElement & {value?: string};

type LinkTextbox = (panel: {
    find: () => Box | null, text: () => string, load: (text: string) => void, wrote: (text: string) => void, signal: AbortSignal,
}) => {changed: () => void};

// The studio

type ViewName = 'composite' | 'map' | 'overlay';
type ToolName = 'move' | 'exemplar' | 'source';
type Part = 'placement' | 'map';
type Fields = Partial<Placement> | Partial<Linear> | Partial<Radial>;
type Press = (event: KeyboardEvent) => void;

/** What the studio has of the panel. */
interface StudioPanel {
    schema: Group;
    app: App;
    /** The request, which is changed in place. */
    state(): EditRequest;
    changed(apart: boolean): void;
    /** Undo (-1) or redo (1), and how often that can be done. */
    step(by: number): void;
    left(): {undo: number, redo: number};
    /** The cards. */
    exemplars(): Cards | undefined;
    ask: Ask;
    add: Edit['add'];
    signal: AbortSignal;
}

interface Studio {
    node: HTMLElement;
    /** Has to be called when the request changed; with what has happened, if there is something to say. */
    refresh(said?: string): void;
}

/** What buttons, keys and the wheel do. */
interface Actions {
    select(index: number): void;
    next(by: number): void;
    move(by: number): void;
    duplicate(): void;
    hide(): void;
    remove(): void;
    place(fields: Partial<Placement>): void;
    /** The exemplar, or the brush while painting, by canvas pixels. */
    shift(by: Pair): void;
    scale(factor: number): void;
    turn(angle: number): void;
    flip(): void;
    dab(line: boolean): void;
    tool(name: ToolName): void;
    view(name: ViewName): void;
    resize(factor: number): void;
    /** At a point of the screen, or its middle. */
    zoom(factor: number, at?: Pair): void;
    pan(by: Pair): void;
    fit(): void;
    full(yes?: boolean): void;
    isFull(): boolean;
    undo(): void;
    redo(): void;
    help(): void;
}

interface Choice<Value> {
    node: HTMLElement;
    value(): Value;
    /** Its face. */
    face(): string | undefined;
    set(value: Value): void;
}

/** Each option with its face and what it means. */
type Choices = <Value extends string>(label: string, options: [Value, string, string][], chosen: () => void) => Choice<Value>;

interface Slider {
    node: HTMLElement;
    value(): number;
    set(value: number): void;
}

/** Diameter in pixels; the part of the radius over which it fades; how far it goes towards the grey at most. */
interface Brush {
    size: number;
    softness: number;
    strength: number;
}

interface BrushRow {
    node: HTMLElement;
    values(): Brush;
    resize(factor: number): void;
}

interface Strip {
    node: HTMLElement;
    /** Has the keyboard's focus. */
    list: HTMLElement;
    show(items: Exemplar[], selected: number, isHidden: (item: Exemplar) => boolean): void;
}

interface TimeLine {
    node: HTMLElement;
    progress(): number | null;
    show(edit: {threshold: Threshold, steps: number, release: Float32Array, lightness: Float32Array}): void;
}

type MapPicture = (item: Exemplar, name: MapName) => string | undefined;

type AskedMaps = (studio: {
    schema: Group, ask: Ask, short: (text: string) => string,
    /** The address of the picture that is edited, and it as a text. */
    source: () => string | null, png: () => Promise<string>,
    /** How the user's maps are read. */
    whiteMeans: () => string,
    answered: () => void,
}) => {
    want(items: Exemplar[]): void,
    picture: MapPicture,
    /** What is to be said about a map; '' if all is well. */
    said(item: Exemplar, name: MapName): string,
};

/** `made` gives the picture of a map that Python has made. */
type ShownRequest = (state: EditRequest, schema: Group, shown: {hidden: WeakSet<Exemplar>, pixel: number, made: MapPicture}) =>
    {request: WholeRequest, order: number[]};

/** What is rendered. `longest` is the longest side at which the source is. */
interface Job {
    request: WholeRequest;
    source: string;
    longest: number;
    steps: number;
}

type Painter = (studio: {
    /** The exemplar that is painted on. */
    item: () => Exemplar | undefined,
    look: () => Look | null,
    /** Its map in the look, before shaping; null while that is not the map of the request. */
    raw: () => Grey | undefined | null,
    size: () => Pair | null,
    whiteEdits: () => boolean,
    /** A stroke has come into the request. */
    changed: () => void,
}) => {
    /** The map as bytes that can be painted on; an empty one where there is none, and null while it is not known what there is. */
    begin(): Painting | null,
    end(map: Painting): void,
    /** The stroke is broken off; what was seen of it has to be rendered away. */
    cancel(): void,
    /** All of the map exemplar (0) or source (255), whatever there is. */
    fill(grey: number): void,
    stroking(): boolean,
};

interface Camera {
    /** Put a picture of `size` into the screen, if the user has not chosen another part. */
    fit(size: Pair, screen: Pair, again?: boolean): void;
    /** `factor` times as large, with a point of the screen staying where it is. */
    zoomed(factor: number, point: Pair): void;
    shifted(dx: number, dy: number): void;
    zoom(): number;
    toScreen(point: Pair): Pair;
    toCanvas(point: Pair): Pair;
}

interface View {
    node: HTMLCanvasElement;
    eye: Camera;
    draw(): void;
    screen(): Pair;
    /** Show a whole look, or the part of it that changed. */
    show(look: Look, name: ViewName, progress: number | null, part?: Rectangle): void;
    setSize(size: Pair): void;
    refit(): void;
    setHandles(give: () => Handles | null): void;
    setBrush(brush: {at: Pair, size: number} | null): void;
}

/** What the tools know of the exemplar that is worked on. */
interface Scene {
    size: Pair;
    image: HTMLImageElement | null;
    /** The picture's own width and height; null before it is loaded. */
    own: Pair | null;
    placement: Placement;
    map: EditMap | undefined;
    inverted: boolean;
    look: Look | null;
    /** The exemplar as it is placed; undefined where it is not drawn. */
    layer: Uint8ClampedArray | undefined;
}

interface Frame {
    centre: Pair;
    corners: Pair[];
    turn: Pair;
}

/** What is drawn over the picture, in canvas pixels. */
interface Handles extends Partial<Frame> {
    points: Record<string, Pair>;
    ghost?: {image: HTMLImageElement; corners: Pair[]; flip: boolean} | null;
}

/** What a drag does. */
interface Drag {
    to(point: Pair, event: PointerEvent): void;
    end?(): void;
    cancel?(): void;
}

/** What two fingers do. */
interface Pinch {
    to(factor: number, angle: number, shift: Pair): void;
    end?(): void;
}

type Begin = (point: Pair, event: PointerEvent) => Drag | null;

/** What the tools have of the studio. */
interface Tooled {
    view: Pick<View, 'eye' | 'draw' | 'screen' | 'setBrush'> & {showPart(look: Look, part: Rectangle): void};
    /** The selected exemplar. */
    scene(): Scene | null;
    tool(): ToolName;
    brush(): Brush;
    /** Changes the exemplar's placement or map, which are objects of the request. */
    assign(part: Part, fields: Fields): void;
    /** Called while they change, and after. */
    preview(): void;
    done(): void;
    /** Gives bytes to paint on, and takes them after a stroke, or when it is broken off. */
    painting(): Painting | null;
    painted(map: Painting): void;
    discarded(): void;
}

interface Tools {
    begin: Begin;
    /** Two fingers lay the exemplar; while painting, they move and zoom the view. */
    pinch(centre: Pair): Pinch | null;
    /** What the view draws over the picture. */
    handles(): Handles | null;
    /** Move the brush by keys, at first from the middle: where it is then, in canvas pixels. */
    step(by: Pair): Pair | null;
    /** A dab where the brush is, or with `line` a straight line to there from where the last stroke ended; whether that could be. */
    dab(line: boolean): boolean;
}

// Signatures of functions, by their names

declare namespace Does {
    // dom.mjs
    type alertLine = () => {node: HTMLElement, say: (sentence: string) => void};
    type write = (box: Box, text: string) => void;
    type inWords = (error: unknown) => string;
    type pause = (time: number) => Promise<void>;
    type button = (face: string, press: () => void, about?: string, attributes?: Attributes) => HTMLButtonElement;
    type opener = (face: string, about: string | undefined, node: HTMLElement, attributes?: Attributes) => Opener;
    type every = (time: number, look: () => void, signal: AbortSignal) => void;
    type pen = (canvas: HTMLCanvasElement, settings?: CanvasRenderingContext2DSettings) => CanvasRenderingContext2D;
    // engine/maps.mjs
    type given = (drawn: Pixels, alphaOnly: boolean, whiteEdits: boolean) => Grey;
    type each = (map: Grey, change: (value: number, index: number) => number) => Grey;
    type stroke = (map: Grey, length: number, down: number, across: number, pick: (a: number, b: number) => number) => Grey;
    type running = (map: Floats, box: number, stride: number, length: number) => Floats;
    // engine/numbers.mjs
    type bounded = (value: number, least: number, most: number) => number;
    type both = (pair: Pair, change: (value: number, index: number) => number) => Pair;
    // engine/place.mjs
    type sample = (u: number, v: number, to: number) => void;
    type asPixels = (picture: Bytes) => Words;
    type asBytes = (picture: Words) => Bytes;
    type premultiplied = (picture: Pixels) => Bytes;
    type weigh = (t: number, weights: Float64Array) => void;
    type quarterTurned = (picture: Bytes, quarters: number, flip: boolean) => Bytes;
    type straight = (data: Bytes['data']) => Bytes['data'];
    type overlap = (start: number, length: number, own: number) => Tap;
    type place = (exemplar: Pixels, size: Pair, placement: Placement) => Bytes['data'];
    type taps = (from: number, to: number, own: number, count: number, filter: Kernel | 'area') => Tap[];
    type spread = (centre: number, scale: number, own: number, filter: Kernel) => Tap;
    type like = <Data extends Numbers>(data: Data, length: number) => Data;
    // engine/render.mjs
    type rendered = (request: WholeRequest, source: Pixels, picture: (text: string) => Pixels, steps: number) => Look;
    type over = (pixels: Uint8ClampedArray, source: Uint8ClampedArray, placed: Uint8ClampedArray, at: number) => void;
    // field.mjs
    type current = () => string;
    type absent = (value: unknown) => string;
    type kilobytes = (text: string) => number;
    type control = (schema: Schema, set: (value: any) => void) => Control;
    type toggle = (set: (value: boolean) => void) => Control;
    type put = (value: string | undefined, note?: string) => void;
    type field = (name: string, schema: Schema, owner: Owner, changed: () => void) => {node: HTMLElement, follow: () => void};
    type choice = (values: (string | null)[], set: (value: string | null) => void) => Control;
    type text = (set: (value: any) => void, read: (text: string) => any, write: (value: any) => string) => Control;
    // form.mjs
    type part = (name: string, inner: Schema) => HTMLElement;
    type following = (edit: Edit, does: () => void) => void;
    type move = (from: number, by: number) => void;
    type isGone = (value: unknown) => boolean;
    type form = (schema: Group, owner: Owner, changed: () => void, edit: Edit) => {node: HTMLElement, slots: Slot[]};
    type fold = (name: string, schema: Group, owner: Owner, changed: () => void, edit: Edit) => HTMLElement;
    type howRead = (about: string | undefined, inverted: boolean | undefined, whiteEdits: boolean) => string;
    type cards = (schema: List, items: Owner[], changed: Changed, edit: Edit) => Cards;
    type exemplarCard = (schema: Group, item: Owner, changed: Changed, edit: Edit, does: CardActions) => Card;
    // jsonview.mjs
    type copying = (face: string, what: string, text: () => string) => HTMLElement;
    type shortened = (name: string, value: unknown) => unknown;
    type payload = (request: object, source: string) => string;
    type copied = (text: string, near: HTMLElement) => Promise<boolean>;
    type jsonView = (request: () => object, replace: (text: string) => void, calls: Call[]) => {node: HTMLElement, refresh: () => void};
    type calling = (program: string, request: object) => string;
    // memory.mjs
    type hasParts = (value: unknown) => value is Owner;
    type signOf = (node: Element) => string;
    type same = (a: unknown, b: unknown) => boolean;
    type note = (state: Owner, apart?: boolean) => void;
    type keepingPlace = (body: HTMLElement, redraw: () => void) => void;
    type pathTo = (body: HTMLElement, node: Element | null) => Path;
    type at = (body: Element, path: Path) => HTMLElement | undefined;
    type ownStorage = () => Storage | null;
    type keeper = (name: string, signal: AbortSignal) => {kept: () => Promise<string>, keep: (text: string) => Promise<void>};
    type asked = (mode: IDBTransactionMode, question: (table: IDBObjectStore) => IDBRequest) => Promise<any>;
    // pictures.mjs
    type fetched = (address: string) => Promise<Blob>;
    type addressOf = (text: string) => string;
    type untold = (blob: Blob) => Promise<Blob>;
    type isTransparent = (canvas: HTMLCanvasElement) => boolean;
    type pixelsOf = (canvas: HTMLCanvasElement) => ImageData;
    type dataUrl = (blob: Blob) => Promise<string>;
    type sizeOf = (image: HTMLImageElement) => Pair;
    type isHere = (text: unknown) => text is string;
    type lettersOf = (bytes: ArrayBuffer) => string;
    type decode = (blob: Blob, use: Use) => Promise<ImageBitmap>;
    type loaded = (text: string) => Promise<HTMLImageElement>;
    type within = (size: Pair, longest: number) => Pair;
    type decoded = (text: string, longest: number) => Promise<Pixels>;
    type pngOf = (text: string, longest: number) => Promise<string>;
    type greyPng = (map: Painting) => string;
    type pictureText = (blob: Blob, use: Use) => Promise<PictureText>;
    type webType = (head: string) => string | undefined;
    type encode = (canvas: HTMLCanvasElement, types: string[]) => Promise<Blob>;
    type written = (canvas: HTMLCanvasElement, type: string) => Promise<Blob | null>;
    type drawn = (picture: CanvasImageSource, size: Pair, longest: number) => HTMLCanvasElement;
    type drawnText = (text: string, longest: number) => Promise<HTMLCanvasElement>;
    // schema.mjs
    type sourceOf = (way: Group) => string;
    type madeBy = (value: any, schema: Schema) => Group | undefined;
    type isObject = (value: unknown) => value is Owner;
    type inRange = (value: number, schema: Schema) => boolean;
    type valueOf = (owner: Owner, name: string, schema: Schema) => any;
    type missing = (owner: Owner, schema: Group) => string[];
    type problem = (value: any, schema: Schema, path?: string) => string | null;
    type problemInside = (value: Owner, schema: Schema, path: string) => string | null;
    type problemInList = (value: unknown[], schema: Schema, path: string, here: string) => string | null;
    type mapSlot = (name: string, schema: Schema, owner: Owner, edit: MapEdit) => Slot;
    type slot = (name: string, schema: Schema, owner: Owner, edit: {
        use: Use, remark?: HTMLElement, changed: () => void, more?: (files: Blob[]) => Promise<void>,
    }) => Slot;
    // studio/controls.mjs
    type press = (node: HTMLElement, yes: boolean) => void;
    type brushRow = (fill: (grey: number) => void) => BrushRow;
    type layers = (most: number, does: Actions) => Strip;
    type option = (item: Exemplar, index: number) => HTMLElement;
    type timeline = (moved: () => void) => TimeLine;
    type arrow = (dx: number, dy: number) => Press;
    type keysOf = (does: Actions) => (event: KeyboardEvent, canvas: HTMLElement, list: HTMLElement) => void;
    // studio/painting.mjs
    type renderedOf = (now: Exemplar, shown: Look) => Painting | null;
    type strokeOn = (map: Painting, grey: number, brush: Brush) => (point: {x: number, y: number, pressure: number}) => Rectangle;
    // studio/look.mjs
    type own = (map: EditMap | null | undefined) => boolean;
    type ofMask = (map: any) => boolean;
    type foreign = (item: Exemplar) => MapName[];
    type answer = () => Promise<Look>;
    type drawable = (item: Exemplar, made: MapPicture) => Exemplar | null;
    type renderer = (short: (text: string) => string) => {render: (job: Job) => Promise<Look | null>, close: () => void};
    type draw = (threshold: Threshold, steps: number, lightness: Float32Array, at: number | null) => void;
    // studio/controls.mjs
    type slider = (label: string, least: number, most: number, step: number, value: number, unit?: string) => Slider;
    type fullWindow = (node: HTMLElement, changed: () => void) => {face: HTMLElement, is: () => boolean, set: (yes: boolean) => void};
    type enable = (which: HTMLButtonElement, yes: boolean, other: HTMLElement) => void;
    // studio/tools.mjs
    type grips = (now: Scene) => Handles;
    type lookCloser = (centre: Pair) => Pinch;
    type take = (now: Scene, point: Pair) => Drag | null;
    type pointAt = (x: number, y: number, size: Pair) => Pair;
    type normal = (angle: number) => number;
    type tools = (studio: Tooled) => Tools;
    type live = (now: Scene, map: Painting, part: Rectangle) => void;
    type tidy = (value: number, least: number, most: number) => number;
    type centredAt = (point: Pair, size: Pair) => Pick<Placement, 'x' | 'y'>;
    type distance = (a: Pair, b: Pair) => number;
    type changing = (part: Part, now: Fields, fields: (point: Pair, event: PointerEvent) => Fields) => Drag;
    type paint = (now: Scene, point: Pair, event: {shiftKey: boolean, pointerType?: string, pressure?: number}) => Drag | null;
    type frame = (own: Pair, size: Pair, placement: Placement, stem: number) => Frame;
    type gradientPoints = (map: EditMap | undefined, size: Pair) => Record<string, Pair>;
    type gradientDragged = (map: Linear | Radial, name: string, point: Pair, size: Pair) => Fields;
    type moved = (own: Pair, size: Pair, placement: Placement, by: Pair, catching?: number) => Pick<Placement, 'x' | 'y'>;
    type scaled = (size: Pair, placement: Placement, from: Pair, to: Pair) => Pick<Placement, 'scale'>;
    type sized = (placement: Placement, factor: number) => Pick<Placement, 'scale'>;
    type turned = (size: Pair, placement: Placement, from: Pair, to: Pair, byFifteen: boolean, free: boolean) => Pick<Placement, 'rotation'>;
    // studio/view.mjs
    type camera = () => Camera;
    type view = () => View;
    type lines = (pen: CanvasRenderingContext2D, path: () => void) => void;
    type shaded = (look: Look, name: ViewName, progress: number | null, part: Rectangle) => ImageData;
    type fade = (row: Uint8ClampedArray, release: Float32Array, from: number, progress: number, stripes: number) => void;
    type ghost = (pen: CanvasRenderingContext2D, ghost: NonNullable<Handles['ghost']>) => void;
    type ring = (pen: CanvasRenderingContext2D, place: Pair, radius: number) => void;
    type outline = (pen: CanvasRenderingContext2D, corners: Pair[], turn: Pair) => void;
    type grip = (pen: CanvasRenderingContext2D, place: Pair, name?: string) => void;
    type pointers = (node: HTMLElement, does: {begin: Begin, pinch: (centre: Pair) => Pinch | null, hover: (point: Pair | null) => void}) => void;
    // host.mjs
    type sourcePlace = (app: App) => Element | undefined;
    type boxOf = (app: App, name: string) => HTMLInputElement | null;
    type numberIn = (app: App, name: string) => number | undefined;
    type sizeIn = (app: App, own: Pair) => Pair | undefined;
    type strengthHint = (app: App, ask: Ask, request: () => object) => {node: HTMLElement, forget: () => void};
    type resultButtons = (app: App, panel: HTMLElement, exemplar: (file: Blob) => Promise<void>, signal: AbortSignal) => void;
    // transfer.mjs
    type takerAt = (event: Event) => Element | null;
    type give = (taker: Element, transfer: DataTransfer) => void;
    type picturesIn = (transfer: DataTransfer) => Promise<Blob[]>;
    type listen = (kinds: string[], does: (event: any) => void) => void;
    type pictureOn = (transfer: DataTransfer) => string | null | undefined;
    type takePictures = (node: HTMLElement, take: (files: Promise<Blob[]>) => void) => void;
    type routePictures = (place: HTMLElement, refuse: () => void, signal: AbortSignal) => void;
    // panel.mjs
    type mount = (place: HTMLElement, app: App, left: () => void) => void;
    type parsed = (json: string, schema: Group) => Owner;
    // studio/studio.mjs
    type making = (now: Exemplar) => string;
    type studio = (panel: StudioPanel) => Studio;
    type asking = (find: (name: string) => Box | null) => Ask;
}

// The host

declare function gradioApp(): App;
declare function onUiUpdate(callback: () => void): void;
