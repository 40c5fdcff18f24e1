/** The request's JSON schema: kinds of fields, validation, defaults. */

/** @type {(schema: Schema) => Schema[]} */
const alternatives = schema => schema.anyOf ?? schema.oneOf ?? [];

/** @type {(schema: Schema) => boolean} */
export const isImageField = schema => schema.contentMediaType?.startsWith('image/') || alternatives(schema).some(isImageField);

/** @type {(schema: Schema | undefined) => schema is Group} */
export const isGroup = schema => schema?.type === 'object';

/** @type {(schema: Schema) => schema is Numeric} */
export const isNumeric = schema => schema.type === 'number' || schema.type === 'integer';

/** @type {(schema: Schema) => schema is List} */
export const isList = schema => schema.type === 'array' && isGroup(schema.items);

/** The map types of a field: objects distinguished by their `type`. @type {(schema: Schema) => Group[]} */
const mapTypes = schema => alternatives(schema).filter(isGroup);

/** @type {(schema: Schema) => boolean} */
export const isMapField = schema => mapTypes(schema).length > 0;

/** @type {Fn.mapTypeOf} */
export const mapTypeOf = schema => schema.properties.type.const ?? '';

/** The schema of the map type of `value`, if it has one. @type {Fn.mapTypeSchema} */
export const mapTypeSchema = (value, schema) => mapTypes(schema).find(type => mapTypeOf(type) === value?.type);

/** The value of a field, or its default. @type {Fn.fieldValue} */
export const fieldValue = (owner, name, schema) => (name in owner ? owner[name] : schema.default);

/** @type {(value: unknown, schema: Schema) => boolean} */
export const isDefault = (value, schema) => JSON.stringify(value) === JSON.stringify(schema.default);

/** The titles of required fields that are missing, also in maps. @type {Fn.missingTitles} */
export function missingTitles(owner, schema) {
    const names = (schema.required ?? []).filter(name => !(name in owner));
    const titles = names.map(name => (schema.properties[name].title ?? name).toLowerCase());
    return [...titles, ...Object.entries(owner).flatMap(([name, value]) => {
        const type = mapTypeSchema(value, schema.properties[name] ?? {});
        return type ? missingTitles(value, type) : [];
    })];
}

/** Without fields at their defaults, empty groups and empty lists. @type {(value: Owner, schema: Group) => Owner} */
export function withoutDefaults(value, schema) {
    /** @type {Owner} */
    const kept = {};
    for (const [name, field] of Object.entries(schema.properties)) {
        if (!(name in value)) continue;
        const own = value[name];
        const inner = isGroup(field) ? field : mapTypeSchema(own, field);
        if (isList(field)) {
            if (own.length) kept[name] = own.map((/** @type {Owner} */ item) => withoutDefaults(item, field.items));
        } else if (inner) {
            const group = withoutDefaults(own, inner);
            if (Object.keys(group).length) kept[name] = group;
        } else if (!isDefault(own, field)) kept[name] = own;
    }
    return kept;
}

/** The opposite of `withoutDefaults`: every missing field is set to its default. @type {(value: Owner, schema: Group) => any} */
export function withDefaults(value, schema) {
    const full = {...value};
    for (const [name, field] of Object.entries(schema.properties)) {
        const own = value[name];
        const inner = isGroup(field) ? field : mapTypeSchema(own, field);
        if (isList(field)) full[name] = (own ?? []).map((/** @type {Owner} */ item) => withDefaults(item, field.items));
        else if (inner) full[name] = withDefaults(own ?? {}, inner);
        else if (!(name in value) && 'default' in field) full[name] = field.default;
    }
    return full;
}

/**
 * One sentence about the first thing in `value` that the schema does not allow, or null. Missing fields are allowed, since an
 * unfinished request is shown too; Python names them when it is used.
 * @type {Fn.validationError}
 */
export function validationError(value, schema, path = '') {
    const here = path || 'The request';
    const wrong = (/** @type {string} */ expected) => `${here} is ${jsonText(value)}; expected ${expected}.`;
    if (isMapField(schema) && isObject(value)) {
        const type = mapTypeSchema(value, schema);
        const names = mapTypes(schema).map(mapTypeOf).join(', ');
        return type ? objectError(value, type, path) : `${path}.type is ${jsonText(value.type)}; expected one of: ${names}.`;
    }
    if (alternatives(schema).length) {
        const problems = alternatives(schema).map(each => validationError(value, each, path));
        return problems.includes(null) ? null : problems[0];
    }
    if (schema.enum) return schema.enum.includes(value) ? null : wrong(`one of: ${schema.enum.join(', ')}`);
    switch (schema.type) {
        case 'object': return isObject(value) ? objectError(value, schema, path) : wrong('an object');
        case 'array': return Array.isArray(value) ? listError(value, schema, path, here) : wrong('a list');
        case 'boolean': return typeof value === 'boolean' ? null : wrong('true or false');
        case 'string': return typeof value === 'string' ? null : wrong('text');
        case 'integer': return Number.isInteger(value) && isInRange(value, schema) ? null : wrong(`a whole number ${rangeText(schema)}`);
        case 'number': return typeof value === 'number' && isInRange(value, schema) ? null : wrong(`a number ${rangeText(schema)}`);
    }
    return null;
}

/** @type {Fn.objectError} */
function objectError(value, schema, path) {
    const known = schema.properties ?? {};
    for (const [name, inner] of Object.entries(value)) {
        const below = path ? `${path}.${name}` : name;
        const field = Object.hasOwn(known, name) ? known[name] : null;
        if (!field && schema.additionalProperties === false) {
            return `${below} is an unknown field; expected one of: ${Object.keys(known).join(', ')}.`;
        }
        const found = field && validationError(inner, field, below);
        if (found) return found;
    }
    return null;
}

/** @type {Fn.listError} */
function listError(value, {items = {}, maxItems = Infinity}, path, here) {
    if (value.length > maxItems) return `${here} has ${value.length} entries; expected at most ${maxItems}.`;
    for (const [i, item] of value.entries()) {
        const found = validationError(item, items, `${path}[${i}]`);
        if (found) return found;
    }
    return null;
}

/** @type {Fn.isObject} */
const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @type {Fn.isInRange} */
const isInRange = (value, {minimum = -Infinity, maximum = Infinity}) => value >= minimum && value <= maximum;

/** @type {(schema: Schema) => string} */
export const rangeText = ({minimum, maximum}) => `from ${minimum} to ${maximum}`;

/** @type {(value: unknown) => string} */
function jsonText(value) {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
