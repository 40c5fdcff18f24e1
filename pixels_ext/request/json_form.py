"""The request as JSON: in from anyone, out to anyone, and its JSON schema."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from PIL import Image

from pixels_ext.errors import RequestError, describe, unknown
from pixels_ext.fields import (
    REQUIRED,
    Choice,
    Field,
    Group,
    GroupList,
    Made,
    Number,
    ImageField,
    ImageOrMapSpec,
    Text,
    Boolean,
    Integer,
    fields_of,
)
from pixels_ext.request.edit_request import EditRequest

TYPE = "type"
"""The key that tells how a map is made, in the object that stands in place of a picture."""
ImageReader = Callable[[str], Image.Image]
"""Text of a picture field (base64, data URL, whatever the host allows) to a picture. Raises `RequestError`."""
ImageWriter = Callable[[Image.Image], str]
"""A picture to the text that stands for it."""


def from_json(data: object, picture: ImageReader) -> EditRequest:
    """Check `data` (what a JSON parser returns) and make the request of it.

    Raises `RequestError` for the first thing that is wrong: an unknown field, a missing one, a value out of its range,
    a picture that cannot be read. Nothing is corrected.
    """
    return _object(EditRequest, data, picture)


def to_json(request: EditRequest, picture: ImageWriter) -> dict[str, Any]:
    """The request as plain JSON values, complete (defaults included), with pictures as `picture` writes them."""
    return _plain(request, picture)


def json_schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a request."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_schema_of(EditRequest)}


def _object(model: type, data: object, picture: ImageReader) -> Any:
    known = dict(fields_of(model))
    if not isinstance(data, Mapping):
        raise RequestError("", describe(data), f"an object with the fields {', '.join(known)}")
    for name in data:
        if name not in known:
            raise unknown(name, known)
    values = {}
    for name, field in known.items():
        if name in data:
            try:
                values[name] = _value(field, data[name], picture)
            except RequestError as error:
                raise error.below(name) from None
        elif field.default is REQUIRED and not isinstance(field, Group):
            raise RequestError(name, "is missing", _in_json(field))
    return model(**values)


def _value(field: Field, data: object, picture: ImageReader) -> Any:
    match field:
        case ImageField():
            if data is None and field.optional:
                return None
            if isinstance(field, ImageOrMapSpec) and isinstance(data, Mapping):
                return _made(field, data, picture)
            if not isinstance(data, str):
                raise RequestError("", describe(data), _in_json(field))
            return picture(data)
        case Group():
            return _object(field.model, data, picture)
        case GroupList():
            if not isinstance(data, list | tuple):
                raise field.refuse(data)
            if len(data) > field.maximum:  # before any of its pictures is opened
                raise RequestError("", f"has {len(data)} entries", field.expected)
            items = []
            for i, item in enumerate(data):
                try:
                    items.append(_object(field.model, item, picture))
                except RequestError as error:
                    raise error.below(f"[{i}]") from None
            return tuple(items)
    return field.check(data)


def _made(field: ImageOrMapSpec, data: Mapping[str, Any], picture: ImageReader) -> Any:
    models = field.by_type
    name = data.get(TYPE)
    if not isinstance(name, str) or name not in models:
        found = describe(name) if TYPE in data else "is missing"
        raise RequestError(TYPE, found, f"one of: {', '.join(models)}")
    return _object(models[name], {key: value for key, value in data.items() if key != TYPE}, picture)


def _in_json(field: Field) -> str:
    return field.expected_in_json if isinstance(field, ImageField) else field.expected


def _plain(value: Any, picture: ImageWriter) -> Any:
    if isinstance(value, Image.Image):
        return picture(value)
    if dataclasses.is_dataclass(value):
        source: dict[str, Any] = {TYPE: value.map_type} if isinstance(value, Made) else {}
        return source | {name: _plain(getattr(value, name), picture) for name, _ in fields_of(type(value))}
    if isinstance(value, tuple):
        return [_plain(item, picture) for item in value]
    return value


def _schema_of(model: type) -> dict[str, Any]:
    fields = dict(fields_of(model))
    required = [name for name, field in fields.items() if field.default is REQUIRED and not isinstance(field, Group)]
    return {
        "type": "object",
        "properties": {name: _property(field) for name, field in fields.items()},
        "required": required,
        "additionalProperties": False,
    }


_PICTURE = {"type": "string", "minLength": 1, "contentEncoding": "base64", "contentMediaType": "image/*"}


def _source_schema(model: type[Made]) -> dict[str, Any]:
    schema = _schema_of(model)
    constant = {"const": model.map_type}
    return {
        **schema,
        "title": model.title,
        "description": model.about,
        "properties": {TYPE: constant, **schema["properties"]},
        "required": [TYPE, *schema["required"]],
    }


def _property(field: Field) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": field.label, "description": field.help}
    if field.default is not REQUIRED:
        schema["default"] = field.default
    if field.needs:
        schema["x-needs"] = field.needs
    match field:
        case Choice():
            null = [None] if field.optional else []
            schema |= {"enum": [*field.choices, *null]}
        case Number():
            limits = {"minimum": field.minimum, "maximum": field.maximum}
            kind = "integer" if isinstance(field, Integer) else "number"
            schema |= {"type": kind, **limits, "x-step": field.step, "x-unit": field.unit}
        case Boolean():
            schema |= {"type": "boolean"}
        case Text():
            schema |= {"type": "string", "minLength": int(field.needed), "maxLength": field.longest}
        case ImageOrMapSpec():
            no_map = [{"type": "null"}] if field.optional else []
            schema |= {"x-shaping": field.shaping, "anyOf": [_PICTURE, *map(_source_schema, field.models), *no_map]}
        case ImageField() if field.optional:
            schema |= {"anyOf": [_PICTURE, {"type": "null"}]}
        case ImageField():
            schema |= _PICTURE
        case Group():
            schema |= _schema_of(field.model)
        case GroupList():
            limits = {"minItems": field.minimum, "maxItems": field.maximum}
            schema |= {"type": "array", "items": _schema_of(field.model), **limits}
    return schema
