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
    strength: number;
}

interface Linear {
    source: 'linear';
    start_x: number;
    start_y: number;
    end_x: number;
    end_y: number;
}

interface Radial {
    source: 'radial';
    center_x: number;
    center_y: number;
    inner: number;
    outer: number;
}

/** An image, or one that Python has made. */
interface ImageMap {
    source: 'picture' | 'made';
    image: string;
    channel?: string;
}

/** What only Python can make. */
interface PythonMap {
    source: 'inpaint mask' | 'transparency' | 'shape' | 'brightness' | 'difference' | 'depth' | 'words';
    of?: string;
    shape_of?: string;
}

type EditMap = string | Linear | Radial | ImageMap | PythonMap;
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
interface FullExemplar {
    image: string;
    edit_map: EditMap;
    second_map: EditMap | null;
    placement: Placement;
    shaping: Shaping;
    second_shaping: Shaping;
    combine: 'larger' | 'smaller' | 'product' | 'screen';
    threshold: Threshold | null;
}

interface FullRequest {
    exemplars: FullExemplar[];
    white_means: string;
    threshold: Threshold;
}

// Images

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
interface GrayMap extends Plane<Float32Array<ArrayBuffer>> {}

/** RGBA bytes. */
interface Pixels extends Plane<Uint8ClampedArray<ArrayBuffer>> {}

/** A map that is painted on: a byte for each pixel. */
interface Painting extends Pixels {}

/** A number for each pixel: its four bytes. */
interface PackedPixels extends Plane<Uint32Array<ArrayBuffer>> {}

/** Any number of channels. */
interface Raster<Data extends Numbers> extends Plane<Data> {
    channels: number;
}

interface Floats extends Raster<Float32Array<ArrayBuffer>> {}
interface Bytes extends Raster<Uint8ClampedArray<ArrayBuffer>> {}

/** An edit in pixels. */
interface RenderedEdit {
    width: number;
    height: number;
    /** The source, and the surgical image: RGBA. */
    source: Uint8ClampedArray<ArrayBuffer>;
    pixels: Uint8ClampedArray<ArrayBuffer>;
    /** All maps as one: when each place is released, and its gray. */
    release: Float32Array<ArrayBuffer>;
    lightness: Float32Array<ArrayBuffer>;
    /** Of each exemplar, its map before it is shaped, and the image as it is placed (RGBA). */
    maps: GrayMap[];
    layers: Uint8ClampedArray<ArrayBuffer>[];
}

/** Where maps are made. `image` is the image that a text stands for; `whiteIsExemplar`: the user's maps follow the inpainting convention. */
interface Stage {
    width: number;
    height: number;
    image: (text: string) => Pixels;
    whiteIsExemplar: boolean;
}

type Kernel = 'hamming' | 'bicubic' | 'linear';
/** The first pixel that is looked at, and the weights from there on. */
type Tap = [number, number[]];
type PixelFunction = (x: number, y: number) => number;
type MapFilter = (map: GrayMap, length: number) => GrayMap;
type ReleaseTime = (m: number, steps: number) => number;
type PlaceFunction = (image: Bytes, placed: Pair, size: Pair, placement: Placement) => Bytes['data'];
type PlacedSize = (own: Pair, canvas: Pair, placement: Pick<Placement, 'fit' | 'scale' | 'pixel'>) => Pair;
type Resize = <Data extends Float32Array<ArrayBuffer> | Uint8ClampedArray<ArrayBuffer>>(
    image: Raster<Data>, width: number, height: number, filter: Kernel | 'area', box?: number[],
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
    /** Make exemplars of images, behind `after` or at the end. Rejects with an Error for the user. */
    add(files: Blob[] | Promise<Blob[]>, after?: Owner): Promise<void>;
}

/** How images that are too large are made smaller. */
interface UploadLimits {
    side: number;
    types: string[];
    /** Its values count and not the colors that a profile means by them. */
    data: boolean;
}

/** A program that sends a request, which it has as %REQUEST%, to a host at %ORIGIN%; what its button and its name are. */
interface Call {
    face: string;
    what: string;
    program: string;
}

/** An image as the request has it, and what the user is to know of it. */
interface EncodedUpload {
    text: string;
    note: string;
}

/** A place for an image or a map. */
interface Slot {
    node: HTMLElement;
    /** Has to be called when the request was changed elsewhere; with a note on the image if there is one. */
    follow(note?: string): void;
}

interface MapEdit {
    /** Draws the fields of a way of making a map. */
    form(way: Group, made: Owner, tell: () => void): {node: HTMLElement};
    /** Tells in words which way round the map is read. */
    remark(about?: string): string;
    limits: UploadLimits;
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
    /** Show a note on the first image. */
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
    /** Make exemplars of as many images as there is room for; a sentence about the others, or ''. */
    add(given: EncodedUpload[], after?: Owner): string;
}

/** The way to an element: of each on it, the place among its siblings, and what it must have in common. */
type Path = {index: number; sign: string}[];

/** What Python answers: a map's image, a strength and its reason, or a sentence. */
interface Answer {
    id?: number;
    map?: string;
    strength?: number;
    reason?: string;
    problem?: string;
}

type Ask = (question: object) => Promise<Answer>;

type Box = HTMLElement & {value?: string};

type SyncTextbox = (panel: {
    find: () => Box | null, text: () => string, load: (text: string) => void, wrote: (text: string) => void, signal: AbortSignal,
}) => {changed: () => void};

// The studio

type ViewName = 'composite' | 'map' | 'overlay';
type ToolName = 'move' | 'exemplar' | 'source';
type Part = 'placement' | 'map';
type Fields = Partial<Placement> | Partial<Linear> | Partial<Radial>;
type KeyAction = (event: KeyboardEvent) => void;

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

/** Diameter in pixels; the part of the radius over which it fades; how far it goes towards the gray at most. */
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

interface Timeline {
    node: HTMLElement;
    progress(): number | null;
    show(edit: {threshold: Threshold, steps: number, release: Float32Array, lightness: Float32Array}): void;
}

type MapImage = (item: Exemplar, name: MapName) => string | undefined;

type PythonMaps = (studio: {
    schema: Group, ask: Ask, short: (text: string) => string,
    /** The address of the image that is edited, and it as a text. */
    source: () => string | null, png: () => Promise<string>,
    /** How the user's maps are read. */
    whiteMeans: () => string,
    answered: () => void,
}) => {
    want(items: Exemplar[]): void,
    image: MapImage,
    /** What is to be said about a map; '' if all is well. */
    said(item: Exemplar, name: MapName): string,
};

/** `made` gives the image of a map that Python has made. */
type PreviewRequest = (state: EditRequest, schema: Group, shown: {hidden: WeakSet<Exemplar>, pixel: number, made: MapImage}) =>
    {request: FullRequest, order: number[]};

/** What is rendered. `longest` is the longest side at which the source is. */
interface Job {
    request: FullRequest;
    source: string;
    longest: number;
    steps: number;
}

type Painter = (studio: {
    /** The exemplar that is painted on. */
    item: () => Exemplar | undefined,
    look: () => RenderedEdit | null,
    /** Its map in the look, before shaping; null while that is not the map of the request. */
    raw: () => GrayMap | undefined | null,
    size: () => Pair | null,
    whiteIsExemplar: () => boolean,
    /** A stroke has come into the request. */
    changed: () => void,
}) => {
    /** The map as bytes that can be painted on; an empty one where there is none, and null while it is not known what there is. */
    begin(): Painting | null,
    end(map: Painting): void,
    /** The stroke is broken off; what was seen of it has to be rendered away. */
    cancel(): void,
    /** All of the map exemplar (0) or source (255), whatever there is. */
    fill(gray: number): void,
    stroking(): boolean,
};

interface Camera {
    /** Put an image of `size` into the screen, if the user has not chosen another part. */
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
    show(look: RenderedEdit, name: ViewName, progress: number | null, part?: Rectangle): void;
    setSize(size: Pair): void;
    refit(): void;
    setHandles(give: () => Handles | null): void;
    setBrush(brush: {at: Pair, size: number} | null): void;
}

/** What the tools know of the exemplar that is worked on. */
interface SelectedExemplar {
    size: Pair;
    image: HTMLImageElement | null;
    /** The image's own width and height; null before it is loaded. */
    own: Pair | null;
    placement: Placement;
    map: EditMap | undefined;
    inverted: boolean;
    look: RenderedEdit | null;
    /** The exemplar as it is placed; undefined where it is not drawn. */
    layer: Uint8ClampedArray | undefined;
}

interface Frame {
    center: Pair;
    corners: Pair[];
    turn: Pair;
}

/** What is drawn over the image, in canvas pixels. */
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
interface ToolContext {
    view: Pick<View, 'eye' | 'draw' | 'screen' | 'setBrush'> & {showPart(look: RenderedEdit, part: Rectangle): void};
    /** The selected exemplar. */
    scene(): SelectedExemplar | null;
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
    pinch(center: Pair): Pinch | null;
    /** What the view draws over the image. */
    handles(): Handles | null;
    /** Move the brush by keys, at first from the middle: where it is then, in canvas pixels. */
    step(by: Pair): Pair | null;
    /** A dab where the brush is, or with `line` a straight line to there from where the last stroke ended; whether that could be. */
    dab(line: boolean): boolean;
}

// Signatures of functions, by their names

declare namespace Fn {
    // dom.mjs
    type alertLine = () => {node: HTMLElement, say: (sentence: string) => void};
    type setValue = (box: Box, text: string) => void;
    type errorText = (error: unknown) => string;
    type sleep = (time: number) => Promise<void>;
    type button = (face: string, press: () => void, about?: string, attributes?: Attributes) => HTMLButtonElement;
    type disclosure = (face: string, about: string | undefined, node: HTMLElement, attributes?: Attributes) => Opener;
    type poll = (time: number, look: () => void, signal: AbortSignal) => void;
    type context2d = (canvas: HTMLCanvasElement, settings?: CanvasRenderingContext2DSettings) => CanvasRenderingContext2D;
    // engine/maps.mjs
    type imageMap = (drawn: Pixels, alphaOnly: boolean, whiteIsExemplar: boolean) => GrayMap;
    type mapValues = (map: GrayMap, change: (value: number, index: number) => number) => GrayMap;
    type slidingExtreme = (map: GrayMap, length: number, down: number, across: number, pick: (a: number, b: number) => number) => GrayMap;
    type runningMean = (map: Floats, box: number, stride: number, length: number) => Floats;
    // engine/math.mjs
    type clamp = (value: number, least: number, most: number) => number;
    type mapPair = (pair: Pair, change: (value: number, index: number) => number) => Pair;
    // engine/placement.mjs
    type sample = (u: number, v: number, to: number) => void;
    type asPixels = (image: Bytes) => PackedPixels;
    type asBytes = (image: PackedPixels) => Bytes;
    type premultiply = (image: Pixels) => Bytes;
    type cubicWeights = (t: number, weights: Float64Array) => void;
    type rotateQuarters = (image: Bytes, quarters: number, flip: boolean) => Bytes;
    type unpremultiply = (data: Bytes['data']) => Bytes['data'];
    type overlapWeights = (start: number, length: number, own: number) => Tap;
    type placeImage = (exemplar: Pixels, size: Pair, placement: Placement) => Bytes['data'];
    type filterTaps = (from: number, to: number, own: number, count: number, filter: Kernel | 'area') => Tap[];
    type kernelWeights = (center: number, scale: number, own: number, filter: Kernel) => Tap;
    type newLike = <Data extends Numbers>(data: Data, length: number) => Data;
    // engine/render.mjs
    type renderEdit = (request: FullRequest, source: Pixels, image: (text: string) => Pixels, steps: number) => RenderedEdit;
    type compositePixel = (pixels: Uint8ClampedArray, source: Uint8ClampedArray, placed: Uint8ClampedArray, at: number) => void;
    // fields.mjs
    type current = () => string;
    type absentText = (value: unknown) => string;
    type kilobytes = (text: string) => number;
    type control = (schema: Schema, set: (value: any) => void) => Control;
    type checkbox = (set: (value: boolean) => void) => Control;
    type put = (value: string | undefined, note?: string) => void;
    type fieldControl = (name: string, schema: Schema, owner: Owner, changed: () => void) => {node: HTMLElement, follow: () => void};
    type dropdown = (values: (string | null)[], set: (value: string | null) => void) => Control;
    type textInput = (set: (value: any) => void, read: (text: string) => any, write: (value: any) => string) => Control;
    // form.mjs
    type part = (name: string, inner: Schema) => HTMLElement;
    type subscribe = (edit: Edit, does: () => void) => void;
    type move = (from: number, by: number) => void;
    type hasMissingImage = (value: unknown) => boolean;
    type form = (schema: Group, owner: Owner, changed: () => void, edit: Edit) => {node: HTMLElement, slots: Slot[]};
    type foldedGroup = (name: string, schema: Group, owner: Owner, changed: () => void, edit: Edit) => HTMLElement;
    type polarityText = (about: string | undefined, inverted: boolean | undefined, whiteIsExemplar: boolean) => string;
    type exemplarCards = (schema: List, items: Owner[], changed: Changed, edit: Edit) => Cards;
    type exemplarCard = (schema: Group, item: Owner, changed: Changed, edit: Edit, does: CardActions) => Card;
    // json_view.mjs
    type copyButton = (face: string, what: string, text: () => string) => HTMLElement;
    type abbreviate = (name: string, value: unknown) => unknown;
    type payload = (request: object, source: string) => string;
    type copyText = (text: string, near: HTMLElement) => Promise<boolean>;
    type jsonView = (request: () => object, replace: (text: string) => void, calls: Call[]) => {node: HTMLElement, refresh: () => void};
    type fillProgram = (program: string, request: object) => string;
    // history.mjs
    type isContainer = (value: unknown) => value is Owner;
    type signature = (node: Element) => string;
    type deepEqual = (a: unknown, b: unknown) => boolean;
    type note = (state: Owner, apart?: boolean) => void;
    type preservingFocus = (body: HTMLElement, redraw: () => void) => void;
    type pathTo = (body: HTMLElement, node: Element | null) => Path;
    type elementAt = (body: Element, path: Path) => HTMLElement | undefined;
    type tabStorage = () => Storage | null;
    type requestStore = (name: string, signal: AbortSignal) => {kept: () => Promise<string>, keep: (text: string) => Promise<void>};
    type queryTable = (mode: IDBTransactionMode, question: (table: IDBObjectStore) => IDBRequest) => Promise<any>;
    // images.mjs
    type fetchImage = (address: string) => Promise<Blob>;
    type imageUrl = (text: string) => string;
    type withoutColorChunks = (blob: Blob) => Promise<Blob>;
    type hasTransparency = (canvas: HTMLCanvasElement) => boolean;
    type imageDataOf = (canvas: HTMLCanvasElement) => ImageData;
    type dataUrl = (blob: Blob) => Promise<string>;
    type naturalSize = (image: HTMLImageElement) => Pair;
    type isEmbedded = (text: unknown) => text is string;
    type latin1 = (bytes: ArrayBuffer) => string;
    type decodeBitmap = (blob: Blob, limits: UploadLimits) => Promise<ImageBitmap>;
    type loadImage = (text: string) => Promise<HTMLImageElement>;
    type fitWithin = (size: Pair, longest: number) => Pair;
    type loadPixels = (text: string, longest: number) => Promise<Pixels>;
    type loadPng = (text: string, longest: number) => Promise<string>;
    type encodeGrayPng = (map: Painting) => string;
    type encodeUpload = (blob: Blob, limits: UploadLimits) => Promise<EncodedUpload>;
    type sniffType = (head: string) => string | undefined;
    type encodeCanvas = (canvas: HTMLCanvasElement, types: string[]) => Promise<Blob>;
    type toBlob = (canvas: HTMLCanvasElement, type: string) => Promise<Blob | null>;
    type drawOnCanvas = (image: CanvasImageSource, size: Pair, longest: number) => HTMLCanvasElement;
    type loadCanvas = (text: string, longest: number) => Promise<HTMLCanvasElement>;
    // schema.mjs
    type mapTypeOf = (way: Group) => string;
    type mapTypeSchema = (value: any, schema: Schema) => Group | undefined;
    type isObject = (value: unknown) => value is Owner;
    type isInRange = (value: number, schema: Schema) => boolean;
    type fieldValue = (owner: Owner, name: string, schema: Schema) => any;
    type missingTitles = (owner: Owner, schema: Group) => string[];
    type validationError = (value: any, schema: Schema, path?: string) => string | null;
    type objectError = (value: Owner, schema: Schema, path: string) => string | null;
    type listError = (value: unknown[], schema: Schema, path: string, here: string) => string | null;
    type mapSlot = (name: string, schema: Schema, owner: Owner, edit: MapEdit) => Slot;
    type imageSlot = (name: string, schema: Schema, owner: Owner, edit: {
        limits: UploadLimits, remark?: HTMLElement, changed: () => void, more?: (files: Blob[]) => Promise<void>,
    }) => Slot;
    // studio/controls.mjs
    type setPressed = (node: HTMLElement, yes: boolean) => void;
    type brushRow = (fill: (gray: number) => void) => BrushRow;
    type layers = (most: number, does: Actions) => Strip;
    type option = (item: Exemplar, index: number) => HTMLElement;
    type timeline = (moved: () => void) => Timeline;
    type arrow = (dx: number, dy: number) => KeyAction;
    type keyHandler = (does: Actions) => (event: KeyboardEvent, canvas: HTMLElement, list: HTMLElement) => void;
    // studio/painting.mjs
    type renderedOf = (now: Exemplar, shown: RenderedEdit) => Painting | null;
    type strokeOn = (map: Painting, gray: number, brush: Brush) => (point: {x: number, y: number, pressure: number}) => Rectangle;
    // studio/preview.mjs
    type isDrawnHere = (map: EditMap | null | undefined) => boolean;
    type usesInpaintMask = (map: any) => boolean;
    type pythonMapNames = (item: Exemplar) => MapName[];
    type answer = () => Promise<RenderedEdit>;
    type drawable = (item: Exemplar, made: MapImage) => Exemplar | null;
    type renderer = (short: (text: string) => string) => {render: (job: Job) => Promise<RenderedEdit | null>, close: () => void};
    type draw = (threshold: Threshold, steps: number, lightness: Float32Array, at: number | null) => void;
    // studio/controls.mjs
    type slider = (label: string, least: number, most: number, step: number, value: number, unit?: string) => Slider;
    type fullWindow = (node: HTMLElement, changed: () => void) => {face: HTMLElement, is: () => boolean, set: (yes: boolean) => void};
    type enable = (which: HTMLButtonElement, yes: boolean, other: HTMLElement) => void;
    // studio/tools.mjs
    type handlesOf = (now: SelectedExemplar) => Handles;
    type panAndZoom = (center: Pair) => Pinch;
    type grab = (now: SelectedExemplar, point: Pair) => Drag | null;
    type pointAt = (x: number, y: number, size: Pair) => Pair;
    type normalizeAngle = (angle: number) => number;
    type tools = (studio: ToolContext) => Tools;
    type previewStroke = (now: SelectedExemplar, map: Painting, part: Rectangle) => void;
    type roundField = (value: number, least: number, most: number) => number;
    type centerAt = (point: Pair, size: Pair) => Pick<Placement, 'x' | 'y'>;
    type distance = (a: Pair, b: Pair) => number;
    type dragFields = (part: Part, now: Fields, fields: (point: Pair, event: PointerEvent) => Fields) => Drag;
    type paint = (now: SelectedExemplar, point: Pair, event: {shiftKey: boolean, pointerType?: string, pressure?: number}) => Drag | null;
    type placedFrame = (own: Pair, size: Pair, placement: Placement, stem: number) => Frame;
    type gradientPoints = (map: EditMap | undefined, size: Pair) => Record<string, Pair>;
    type dragGradient = (map: Linear | Radial, name: string, point: Pair, size: Pair) => Fields;
    type movePlacement = (own: Pair, size: Pair, placement: Placement, by: Pair, catching?: number) => Pick<Placement, 'x' | 'y'>;
    type scaleByDrag = (size: Pair, placement: Placement, from: Pair, to: Pair) => Pick<Placement, 'scale'>;
    type scaleBy = (placement: Placement, factor: number) => Pick<Placement, 'scale'>;
    type rotateByDrag = (size: Pair, placement: Placement, from: Pair, to: Pair, byFifteen: boolean, free: boolean) => Pick<Placement, 'rotation'>;
    // studio/view.mjs
    type camera = () => Camera;
    type view = () => View;
    type lines = (pen: CanvasRenderingContext2D, path: () => void) => void;
    type shade = (look: RenderedEdit, name: ViewName, progress: number | null, part: Rectangle) => ImageData;
    type fade = (row: Uint8ClampedArray, release: Float32Array, from: number, progress: number, stripes: number) => void;
    type ghost = (pen: CanvasRenderingContext2D, ghost: NonNullable<Handles['ghost']>) => void;
    type ring = (pen: CanvasRenderingContext2D, place: Pair, radius: number) => void;
    type outline = (pen: CanvasRenderingContext2D, corners: Pair[], turn: Pair) => void;
    type grip = (pen: CanvasRenderingContext2D, place: Pair, name?: string) => void;
    type pointers = (node: HTMLElement, does: {begin: Begin, pinch: (center: Pair) => Pinch | null, hover: (point: Pair | null) => void}) => void;
    // webui.mjs
    type sourceElement = (app: App) => Element | undefined;
    type numberInput = (app: App, name: string) => HTMLInputElement | null;
    type readNumber = (app: App, name: string) => number | undefined;
    type outputSize = (app: App, own: Pair) => Pair | undefined;
    type strengthSuggestion = (app: App, ask: Ask, request: () => object) => {node: HTMLElement, forget: () => void};
    type resultButtons = (app: App, panel: HTMLElement, exemplar: (file: Blob) => Promise<void>, signal: AbortSignal) => void;
    // drop_and_paste.mjs
    type targetAt = (event: Event) => Element | null;
    type deliver = (taker: Element, transfer: DataTransfer) => void;
    type imagesIn = (transfer: DataTransfer) => Promise<Blob[]>;
    type listen = (kinds: string[], does: (event: any) => void) => void;
    type imageUrlIn = (transfer: DataTransfer) => string | null | undefined;
    type acceptImages = (node: HTMLElement, take: (files: Promise<Blob[]>) => void) => void;
    type routeImages = (place: HTMLElement, refuse: () => void, signal: AbortSignal) => void;
    // panel.mjs
    type mount = (place: HTMLElement, app: App, left: () => void) => void;
    type parsed = (json: string, schema: Group) => Owner;
    // studio/studio.mjs
    type pendingText = (now: Exemplar) => string;
    type studio = (panel: StudioPanel) => Studio;
    type pythonQueries = (find: (name: string) => Box | null) => Ask;
}

// The host

declare function gradioApp(): App;
declare function onUiUpdate(callback: () => void): void;
