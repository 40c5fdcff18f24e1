"""Setting one field of a request by its path, written as in error messages: `exemplars[0].shaping.grow`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pixels_ext.errors import RequestError, describe
from pixels_ext.fields import Choice, Group, GroupList, ImageOrMapSpec, fields_of
from pixels_ext.request.edit_request import EditRequest
from pixels_ext.request.json_form import TYPE

_PART = re.compile(r"(?P<name>\w+)(?:\[(?P<index>\d+|\*)\])?")
EVERY = "*"


def with_value(data: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of the request `data` (JSON values) with the field at `path` set to `value`. Everything on the way to the
    field is copied, the rest is shared.

    `exemplars[*]` stands for every exemplar. The value itself is validated when the request is parsed. Raises
    `RequestError` (with `path`) if there is no such field or no such exemplar.
    """
    return _set(data, path.strip(), EditRequest, value, path.strip())


def map_type_choice(field: ImageOrMapSpec) -> Choice:
    """The map's type as a field of its own: what `exemplars[0].edit_map.type` may be."""
    types = "; ".join(f"{spec.map_type}: {spec.about.rstrip('.')}" for spec in field.specs)
    choices = tuple(spec.map_type for spec in field.specs)
    return Choice(label=f"{field.label} type", help=f"How the map is generated. {types}.", choices=choices)


def _set(data: Any, rest: str, model: type, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise RequestError(path, f"leads through something that {describe(data)}", "an object there")
    head, dot, below = rest.partition(".")
    part, fields = _PART.fullmatch(head), dict(fields_of(model))
    if not part or part["name"] not in fields:
        raise RequestError(path, "names no field", f"one of: {', '.join(fields)} in place of {head!r}")
    name, index, field = part["name"], part["index"], fields[part["name"]]
    if isinstance(field, ImageOrMapSpec) and dot and index is None:
        return {**data, name: _set_in_spec(data.get(name), below, field, value, path)}
    if (index is not None) != isinstance(field, GroupList) or bool(dot) != isinstance(field, Group | GroupList):
        raise RequestError(path, "is not the path of a single value", "a path like exemplars[0].shaping.grow")
    if isinstance(field, GroupList):
        entries = data.get(name) or ()
        if not isinstance(entries, list | tuple):
            raise RequestError(path, f"leads through something that {describe(entries)}", "a list there")
        entries = list(entries)
        chosen = range(len(entries)) if index == EVERY else [int(index)]
        for number in chosen:
            if number >= len(entries):
                raise RequestError(path, f"names entry {number} of {len(entries)}", "one that the request has")
            entries[number] = _set(entries[number], below, field.model, value, path)
        return {**data, name: entries}
    if isinstance(field, Group):
        return {**data, name: _set(data.get(name) or {}, below, field.model, value, path)}
    return {**data, name: value}


def _set_in_spec(spec: Any, below: str, field: ImageOrMapSpec, value: Any, path: str) -> dict[str, Any]:
    """A map specification with one field changed. Another type starts a new one."""
    if below == TYPE:
        return {TYPE: value}
    name = spec.get(TYPE) if isinstance(spec, Mapping) else None
    if not isinstance(name, str) or name not in field.by_type:
        raise RequestError(path, "leads into a map that has no type", f"a map like {{{TYPE!r}: 'linear'}}")
    return _set(spec, below, field.by_type[name], value, path)
