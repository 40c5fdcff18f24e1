/** What the request's JSON schema says about values: of what kind they are, what is wrong with them, what to leave out. */

const alternatives = schema => schema.anyOf ?? schema.oneOf ?? [];

/** A picture, or something that may also be a picture. */
export const isPicture = schema =>
    schema.contentMediaType?.startsWith('image/') || alternatives(schema).some(isPicture) || false;

export const isGroup = schema => schema.type === 'object';

/** A picture, or an object that tells by its `source` how one is made. */
export const isMade = schema => alternatives(schema).some(isGroup);

/** The name of a way of making a map. */
export const sourceOf = way => way.properties.source.const;

/** The schema of the way in which `value` is made, if it is one. */
export const madeBy = (value, schema) =>
    alternatives(schema).find(way => isGroup(way) && sourceOf(way) === value?.source);

export const isList = schema => schema.type === 'array' && isGroup(schema.items);

/** The value of a field; the schema's default where the request says nothing. */
export const valueOf = (owner, name, schema) => (name in owner ? owner[name] : schema.default);

/** Whether the value is what the request would mean without it. */
export const isDefault = (value, schema) => JSON.stringify(value) === JSON.stringify(schema.default);

/** The titles of required fields that are not there, also of those that a map is made from. */
export function missing(owner, schema) {
    const names = (schema.required ?? []).filter(name => !(name in owner));
    const titles = names.map(name => (schema.properties[name].title ?? name).toLowerCase());
    const made = Object.entries(owner).map(([name, value]) => [value, madeBy(value, schema.properties[name] ?? {})]);
    return [...titles, ...made.flatMap(([value, way]) => (way ? missing(value, way) : []))];
}

/** `value` without what equals its default, without empty groups and without empty lists. */
export function sparse(value, schema) {
    const kept = {};
    for (const [name, field] of Object.entries(schema.properties)) {
        if (!(name in value)) continue;
        if (isGroup(field)) {
            const group = sparse(value[name], field);
            if (Object.keys(group).length) kept[name] = group;
        } else if (isList(field)) {
            if (value[name].length) kept[name] = value[name].map(item => sparse(item, field.items));
        } else if (!isDefault(value[name], field)) {
            const way = madeBy(value[name], field);
            kept[name] = way ? sparse(value[name], way) : value[name];
        }
    }
    return kept;
}

/** `value` with every field that is not there at its default: the opposite of `sparse`. */
export function complete(value, schema) {
    const whole = {...value};
    for (const [name, field] of Object.entries(schema.properties)) {
        if (isGroup(field)) whole[name] = complete(value[name] ?? {}, field);
        else if (isList(field)) whole[name] = (value[name] ?? []).map(item => complete(item, field.items));
        else if (!(name in value) && 'default' in field) whole[name] = field.default;
        else if (madeBy(value[name], field)) whole[name] = complete(value[name], madeBy(value[name], field));
    }
    return whole;
}

/**
 * One sentence about the first thing in `value` that the schema does not allow, or null. Missing fields are no
 * problem: an unfinished request is shown, and Python refuses it by name when it is used.
 */
export function problem(value, schema, path = '') {
    const here = path || 'The request';
    const wrong = expected => `${here} is ${inWords(value)}; expected ${expected}.`;
    if (isMade(schema) && isObject(value)) {
        const way = madeBy(value, schema);
        const names = alternatives(schema).filter(isGroup).map(sourceOf).join(', ');
        return way ? problemInside(value, way, path) : `${path}.source is ${inWords(value.source)}; expected one of: ${names}.`;
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

function problemInside(value, schema, path) {
    for (const [name, inner] of Object.entries(value)) {
        const below = path ? `${path}.${name}` : name;
        const field = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : null;
        if (!field && schema.additionalProperties === false) {
            return `${below} is an unknown field; expected one of: ${Object.keys(schema.properties).join(', ')}.`;
        }
        const found = field && problem(inner, field, below);
        if (found) return found;
    }
    return null;
}

function problemInList(value, schema, path, here) {
    if (value.length > (schema.maxItems ?? Infinity)) {
        return `${here} has ${value.length} entries; expected at most ${schema.maxItems}.`;
    }
    for (const [i, item] of value.entries()) {
        const found = problem(item, schema.items ?? {}, `${path}[${i}]`);
        if (found) return found;
    }
    return null;
}

const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);

const inRange = (value, {minimum = -Infinity, maximum = Infinity}) => value >= minimum && value <= maximum;

/** The range of a number in words. */
export const range = ({minimum, maximum}) => `from ${minimum} to ${maximum}`;

function inWords(value) {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
