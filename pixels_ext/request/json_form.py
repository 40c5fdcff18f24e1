"""The request as JSON: parsing with validation, serialization, and the JSON schema."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from PIL import Image

from pixels_ext.errors import RequestError, describe, unknown_field
from pixels_ext.fields import (
    REQUIRED,
    Boolean,
    Choice,
    Field,
    Group,
    GroupList,
    ImageField,
    ImageOrMapSpec,
    Integer,
    Number,
    Spec,
    Text,
    fields_of,
)
from pixels_ext.request.edit_request import EditRequest

TYPE = "type"
"""The key that names a map's type, in the object that says how to generate it."""
ImageReader = Callable[[str], Image.Image]
"""The text of an image field (base64, data URL, whatever the host allows) to an image. Raises `RequestError`."""
ImageWriter = Callable[[Image.Image], str]
"""An image to the text that stands for it."""


def from_json(data: object, read_image: ImageReader) -> EditRequest:
    """Parse and validate `data` (what a JSON parser returns).

    Raises `RequestError` for the first invalid thing: an unknown field, a missing one, a value out of range, an image
    that cannot be read. Nothing is corrected silently.
    """
    request: EditRequest = _parse_object(EditRequest, data, read_image)
    return request


def to_json(request: EditRequest, write_image: ImageWriter) -> dict[str, Any]:
    """The request as plain JSON values, complete (with defaults), images as `write_image` writes them."""
    data: dict[str, Any] = _to_plain(request, write_image)
    return data


def json_schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a request."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_object_schema(EditRequest)}


def _parse_object(model: type, data: object, read_image: ImageReader) -> Any:
    known = dict(fields_of(model))
    if not isinstance(data, Mapping):
        raise RequestError("", describe(data), f"an object with the fields {', '.join(known)}")
    for name in data:
        if name not in known:
            raise unknown_field(name, known)
    values = {}
    for name, field in known.items():
        if name in data:
            try:
                values[name] = _parse_value(field, data[name], read_image)
            except RequestError as error:
                raise error.within(name) from None
        elif field.default is REQUIRED and not isinstance(field, Group):
            raise RequestError(name, "is missing", _expected_in_json(field))
    return model(**values)


def _parse_value(field: Field, data: object, read_image: ImageReader) -> Any:
    match field:
        case ImageField():
            if data is None and field.optional:
                return None
            if isinstance(field, ImageOrMapSpec) and isinstance(data, Mapping):
                return _parse_spec(field, data, read_image)
            if not isinstance(data, str):
                raise RequestError("", describe(data), _expected_in_json(field))
            return read_image(data)
        case Group():
            return _parse_object(field.model, data, read_image)
        case GroupList():
            if not isinstance(data, list | tuple):
                raise field.error_for(data)
            if len(data) > field.maximum:  # before any of its images is decoded
                raise RequestError("", f"has {len(data)} entries", field.expected)
            items = []
            for i, item in enumerate(data):
                try:
                    items.append(_parse_object(field.model, item, read_image))
                except RequestError as error:
                    raise error.within(f"[{i}]") from None
            return tuple(items)
    return field.check(data)


def _parse_spec(field: ImageOrMapSpec, data: Mapping[str, Any], read_image: ImageReader) -> Any:
    specs = field.by_type
    name = data.get(TYPE)
    if not isinstance(name, str) or name not in specs:
        found = describe(name) if TYPE in data else "is missing"
        raise RequestError(TYPE, found, f"one of: {', '.join(specs)}")
    return _parse_object(specs[name], {key: value for key, value in data.items() if key != TYPE}, read_image)


def _expected_in_json(field: Field) -> str:
    return field.expected_in_json if isinstance(field, ImageField) else field.expected


def _to_plain(value: Any, write_image: ImageWriter) -> Any:
    if isinstance(value, Image.Image):
        return write_image(value)
    if dataclasses.is_dataclass(value):
        start: dict[str, Any] = {TYPE: value.map_type} if isinstance(value, Spec) else {}
        return start | {name: _to_plain(getattr(value, name), write_image) for name, _ in fields_of(type(value))}
    if isinstance(value, tuple):
        return [_to_plain(item, write_image) for item in value]
    return value


def _object_schema(model: type) -> dict[str, Any]:
    fields = dict(fields_of(model))
    required = [name for name, field in fields.items() if field.default is REQUIRED and not isinstance(field, Group)]
    return {
        "type": "object",
        "properties": {name: _field_schema(field) for name, field in fields.items()},
        "required": required,
        "additionalProperties": False,
    }


_IMAGE_SCHEMA = {"type": "string", "minLength": 1, "contentEncoding": "base64", "contentMediaType": "image/*"}


def _spec_schema(spec: type[Spec]) -> dict[str, Any]:
    schema = _object_schema(spec)
    return {
        **schema,
        "title": spec.title,
        "description": spec.about,
        "properties": {TYPE: {"const": spec.map_type}, **schema["properties"]},
        "required": [TYPE, *schema["required"]],
    }


def _field_schema(field: Field) -> dict[str, Any]:
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
            shortest = 0 if field.allow_empty else 1
            schema |= {"type": "string", "minLength": shortest, "maxLength": field.max_length}
        case ImageOrMapSpec():
            null_schema = [{"type": "null"}] if field.optional else []
            choices = [_IMAGE_SCHEMA, *map(_spec_schema, field.specs), *null_schema]
            schema |= {"x-shaping": field.shaping, "anyOf": choices}
        case ImageField() if field.optional:
            schema |= {"anyOf": [_IMAGE_SCHEMA, {"type": "null"}]}
        case ImageField():
            schema |= _IMAGE_SCHEMA
        case Group():
            schema |= _object_schema(field.model)
        case GroupList():
            limits = {"minItems": field.minimum, "maxItems": field.maximum}
            schema |= {"type": "array", "items": _object_schema(field.model), **limits}
    return schema
