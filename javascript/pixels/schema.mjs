/** What the request's JSON schema says about values: of what kind they are, what is wrong with them, what to leave out. */

/** @type {(schema: Schema) => Schema[]} */
const alternatives = schema => schema.anyOf ?? schema.oneOf ?? [];

/** A picture, or something that may also be a picture. @type {(schema: Schema) => boolean} */
export const isPicture = schema => schema.contentMediaType?.startsWith('image/') || alternatives(schema).some(isPicture);

/** @type {(schema: Schema | undefined) => schema is Group} */
export const isGroup = schema => schema?.type === 'object';

/** @type {(schema: Schema) => schema is Numeric} */
export const isNumeric = schema => schema.type === 'number' || schema.type === 'integer';

/** @type {(schema: Schema) => schema is List} */
export const isList = schema => schema.type === 'array' && isGroup(schema.items);

/** The ways in which a field's value can be made: objects that tell theirs by their `type`. @type {(schema: Schema) => Group[]} */
const ways = schema => alternatives(schema).filter(isGroup);

/** A picture, or an object that tells how one is made. @type {(schema: Schema) => boolean} */
export const isMade = schema => ways(schema).length > 0;

/** The name of a way of making a map. @type {Does.sourceOf} */
export const sourceOf = way => way.properties.type.const ?? '';

/** The schema of the way in which `value` is made, if it is one. @type {Does.madeBy} */
export const madeBy = (value, schema) => ways(schema).find(way => sourceOf(way) === value?.type);

/**
 * The value of a field; the schema's default where the request says nothing.
 * @type {Does.valueOf}
 */
export const valueOf = (owner, name, schema) => (name in owner ? owner[name] : schema.default);

/** Whether the value is what the request would mean without it. @type {(value: unknown, schema: Schema) => boolean} */
export const isDefault = (value, schema) => JSON.stringify(value) === JSON.stringify(schema.default);

/**
 * The titles of required fields that are not there, also of those that a map is made from.
 * @type {Does.missing}
 */
export function missing(owner, schema) {
    const names = (schema.required ?? []).filter(name => !(name in owner));
    const titles = names.map(name => (schema.properties[name].title ?? name).toLowerCase());
    return [...titles, ...Object.entries(owner).flatMap(([name, value]) => {
        const way = madeBy(value, schema.properties[name] ?? {});
        return way ? missing(value, way) : [];
    })];
}

/** `value` without what equals its default, without empty groups and without empty lists. @type {(value: Owner, schema: Group) => Owner} */
export function sparse(value, schema) {
    /** @type {Owner} */
    const kept = {};
    for (const [name, field] of Object.entries(schema.properties)) {
        if (!(name in value)) continue;
        const own = value[name];
        const inner = isGroup(field) ? field : madeBy(own, field);
        if (isList(field)) {
            if (own.length) kept[name] = own.map((/** @type {Owner} */ item) => sparse(item, field.items));
        } else if (inner) {
            const group = sparse(own, inner);
            if (Object.keys(group).length) kept[name] = group;
        } else if (!isDefault(own, field)) kept[name] = own;
    }
    return kept;
}

/** `value` with every field that is not there at its default: the opposite of `sparse`. @type {(value: Owner, schema: Group) => any} */
export function complete(value, schema) {
    const whole = {...value};
    for (const [name, field] of Object.entries(schema.properties)) {
        const own = value[name];
        const inner = isGroup(field) ? field : madeBy(own, field);
        if (isList(field)) whole[name] = (own ?? []).map((/** @type {Owner} */ item) => complete(item, field.items));
        else if (inner) whole[name] = complete(own ?? {}, inner);
        else if (!(name in value) && 'default' in field) whole[name] = field.default;
    }
    return whole;
}

/**
 * One sentence about the first thing in `value` that the schema does not allow, or null. Missing fields are no
 * problem: an unfinished request is shown, and Python refuses it by name when it is used.
 * @type {Does.problem}
 */
export function problem(value, schema, path = '') {
    const here = path || 'The request';
    const wrong = (/** @type {string} */ expected) => `${here} is ${inWords(value)}; expected ${expected}.`;
    if (isMade(schema) && isObject(value)) {
        const way = madeBy(value, schema);
        const names = ways(schema).map(sourceOf).join(', ');
        return way ? problemInside(value, way, path) : `${path}.type is ${inWords(value.type)}; expected one of: ${names}.`;
    }
    if (alternatives(schema).length) {
        const problems = alternatives(schema).map(each => problem(value, each, path));
        return problems.includes(null) ? null : problems[0];
    }
    if (schema.enum) return schema.enum.includes(value) ? null : wrong(`one of: ${schema.enum.join(', ')}`);
    switch (schema.type) {
        case 'object': return isObject(value) ? problemInside(value, schema, path) : wrong('an object');
        case 'array': return Array.isArray(value) ? problemInList(value, schema, path, here) : wrong('a list');
        case 'boolean': return typeof value === 'boolean' ? null : wrong('true or false');
        case 'string': return typeof value === 'string' ? null : wrong('a text');
        case 'integer': return Number.isInteger(value) && inRange(value, schema) ? null : wrong(`a whole number ${range(schema)}`);
        case 'number': return typeof value === 'number' && inRange(value, schema) ? null : wrong(`a number ${range(schema)}`);
    }
    return null;
}

/** @type {Does.problemInside} */
function problemInside(value, schema, path) {
    const known = schema.properties ?? {};
    for (const [name, inner] of Object.entries(value)) {
        const below = path ? `${path}.${name}` : name;
        const field = Object.hasOwn(known, name) ? known[name] : null;
        if (!field && schema.additionalProperties === false) {
            return `${below} is an unknown field; expected one of: ${Object.keys(known).join(', ')}.`;
        }
        const found = field && problem(inner, field, below);
        if (found) return found;
    }
    return null;
}

/** @type {Does.problemInList} */
function problemInList(value, {items = {}, maxItems = Infinity}, path, here) {
    if (value.length > maxItems) return `${here} has ${value.length} entries; expected at most ${maxItems}.`;
    for (const [i, item] of value.entries()) {
        const found = problem(item, items, `${path}[${i}]`);
        if (found) return found;
    }
    return null;
}

/** @type {Does.isObject} */
const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @type {Does.inRange} */
const inRange = (value, {minimum = -Infinity, maximum = Infinity}) => value >= minimum && value <= maximum;

/** The range of a number in words. @type {(schema: Schema) => string} */
export const range = ({minimum, maximum}) => `from ${minimum} to ${maximum}`;

/** @type {(value: unknown) => string} */
function inWords(value) {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
