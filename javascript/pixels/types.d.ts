/** The shapes that the panel's modules hand to each other. For the type checker alone: no browser loads this file. */

/** A part of the request's JSON schema, as Python writes it. */
export interface Schema {
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

export interface Group extends Schema {
    properties: Record<string, Schema>;
}

export interface List extends Schema {
    items: Group;
}

export interface Numeric extends Schema {
    minimum: number;
    maximum: number;
}

/** An object of the request as the form edits it: which fields it has, only the schema knows. */
export type Owner = Record<string, any>;

export interface Placement {
    fit: 'cover' | 'contain' | 'stretch' | 'original';
    x: number;
    y: number;
    scale: number;
    rotation: number;
    flip: boolean;
    /** How large a pixel of the edit is on the canvas; the studio's own. */
    pixel?: number;
}

export interface Shaping {
    invert: boolean;
    black_point: number;
    white_point: number;
    gamma: number;
    grow: number;
    blur: number;
    strength: number;
}

export interface Linear {
    source: 'linear';
    start_x: number;
    start_y: number;
    end_x: number;
    end_y: number;
}

export interface Radial {
    source: 'radial';
    center_x: number;
    center_y: number;
    inner: number;
    outer: number;
}

/** A picture, or one that Python has made. */
export interface Given {
    source: 'picture' | 'made';
    image: string;
    channel?: string;
}

/** What only Python can make. */
export interface Foreign {
    source: 'inpaint mask' | 'transparency' | 'shape' | 'brightness' | 'difference' | 'depth' | 'words';
    of?: string;
    shape_of?: string;
}

export type EditMap = string | Linear | Radial | Given | Foreign;

export type Threshold = 'linear' | 'log' | 'cubic' | 'quadratic' | 'sigmoid';

/** An exemplar as it stands in the request: what equals its default is not there. */
export interface Exemplar {
    image?: string;
    edit_map?: EditMap;
    second_map?: EditMap | null;
    placement?: Partial<Placement>;
    shaping?: Partial<Shaping>;
    second_shaping?: Partial<Shaping>;
    threshold?: Threshold | null;
}

export interface Request {
    exemplars?: Exemplar[];
    white_means?: string;
    threshold?: Threshold;
}

/** An exemplar with every field, as it is rendered. */
export interface WholeExemplar {
    image: string;
    edit_map: EditMap;
    second_map: EditMap | null;
    placement: Placement;
    shaping: Shaping;
    second_shaping: Shaping;
    combine: 'larger' | 'smaller' | 'product' | 'screen';
    threshold: Threshold | null;
}

export interface WholeRequest {
    exemplars: WholeExemplar[];
    white_means: string;
    threshold: Threshold;
}

/** [x, y], or [width, height]. */
export type Pair = [number, number];

/** Floats from 0 (exemplar) to 1 (source). */
export interface Grey {
    width: number;
    height: number;
    data: Float32Array<ArrayBuffer>;
}

/** RGBA bytes. */
export interface Pixels {
    width: number;
    height: number;
    data: Uint8ClampedArray<ArrayBuffer>;
}

/** A map that is painted on: a byte for each pixel. */
export interface Painting extends Pixels {}

/** Any number of channels, as bytes or floats. */
export interface Raster<Data = Float32Array<ArrayBuffer> | Uint8ClampedArray<ArrayBuffer>> {
    width: number;
    height: number;
    channels: number;
    data: Data;
}

/** An edit in pixels, as `engine/render.mjs` explains it. */
export interface Look {
    width: number;
    height: number;
    source: Uint8ClampedArray<ArrayBuffer>;
    pixels: Uint8ClampedArray<ArrayBuffer>;
    release: Float32Array<ArrayBuffer>;
    lightness: Float32Array<ArrayBuffer>;
    maps: Grey[];
    layers: Uint8ClampedArray<ArrayBuffer>[];
}

export type ViewName = 'composite' | 'map' | 'overlay';
export type ToolName = 'move' | 'exemplar' | 'source';

export interface Rectangle {
    left: number;
    top: number;
    width: number;
    height: number;
}

/** What the tools know of the exemplar that is worked on. */
export interface Scene {
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

/** What is drawn over the picture, in canvas pixels. */
export interface Handles {
    points: Record<string, Pair>;
    corners?: Pair[];
    centre?: Pair;
    turn?: Pair;
    ghost?: {image: HTMLImageElement; corners: Pair[]; flip: boolean} | null;
}

/** What a drag does. */
export interface Drag {
    to(point: Pair, event: PointerEvent): void;
    end(): void;
    cancel?(): void;
}

/** What two fingers do. */
export interface Pinch {
    to(factor: number, angle: number, shift: Pair): void;
    end(): void;
}

/** What the form knows of the whole request: it, and what is called when something in it changes. */
export interface Edit {
    state: Owner;
    followers: Set<() => void>;
}

/** How pictures that are too large are made smaller. */
export interface Use {
    side: number;
    types: string[];
}

/** A place for a picture or a map. */
export interface Slot {
    node: HTMLElement;
    take(files: File[] | Promise<Blob[]>): unknown;
}

export interface Control {
    node: HTMLElement;
    /** The input that a label names. */
    main: HTMLElement;
    show(value: any): void;
}

export type Attributes = {
    on?: {[Kind in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Kind]) => void};
    [name: string]: unknown;
};

/** What Python answers: a map's picture, a strength and its reason, or a sentence. */
export interface Answer {
    id?: number;
    map?: string;
    strength?: number;
    reason?: string;
    problem?: string;
}

export type Ask = (question: object) => Promise<Answer>;

/** The part of the page that the host gives: a document, a shadow root or an element. */
export type App = ParentNode;

declare global {
    function gradioApp(): App;
    function onUiUpdate(callback: () => void): void;
}
