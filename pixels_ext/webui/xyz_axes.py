"""X/Y/Z plot axes, made from the request's fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from modules import scripts

from pixels_ext.errors import RequestError, describe
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
    fields_of,
    number_or_text,
)
from pixels_ext.request import EditRequest, with_value
from pixels_ext.request.edit_request import MAX_EXEMPLARS
from pixels_ext.request.json_form import TYPE
from pixels_ext.request.paths import map_type_choice
from pixels_ext.webui.activation import api_slot_value, find_request
from pixels_ext.webui.http_errors import BadRequest
from pixels_ext.webui.messages import continue_on_error
from pixels_ext.webui.protocols import AxisOption, Processing, ScriptClassData

PREFIX = "[PIXELS] "
_AXIS_VALUES = "pixels_swept"
"""Attribute of a processing object: the values that axes set, by path."""
_COUNT_PATH = "number of exemplars"
_COUNT_FIELD = Integer(
    label="Exemplars used", help="The first exemplars of the request, this many.", minimum=1, maximum=MAX_EXEMPLARS
)
_BOOLEANS = {"true": True, "false": False}
_MAP_PATHS = (".edit_map.", ".second_map.")
_NOT_SWEEPABLE = {"run_under_scripts"}


def has_axis_values(p: Processing) -> bool:
    """Whether a plot has set a field of the request on `p`."""
    return bool(getattr(p, _AXIS_VALUES, None))


def no_edit_error(p: Processing) -> RequestError:
    """The error of a plot over our axes whose images would all be plain img2img."""
    return _no_edit_error(", ".join(getattr(p, _AXIS_VALUES)))


def _no_edit_error(what: str) -> RequestError:
    found = "is swept, but the images of this plot are not edits"
    return RequestError(what, found, "“Also run under other scripts” in the PIXELS panel, or alwayson_scripts.pixels")


def apply_axis_values(p: Processing, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request `data` with the values that the axes set on `p`. Raises `RequestError`."""
    for path, value in getattr(p, _AXIS_VALUES, {}).items():
        data = _first_exemplars(data, value) if path == _COUNT_PATH else with_value(data, path, value)
    return data


def sweepable_fields(model: type = EditRequest, above: str = "") -> Iterator[tuple[str, Field]]:
    """Path and declaration of every field that can be swept; `exemplars[*]` stands for all exemplars."""
    for name, field in fields_of(model):
        path = f"{above}{name}"
        if isinstance(field, GroupList):
            yield from sweepable_fields(field.model, f"{path}[*].")
        elif isinstance(field, Group):
            yield from sweepable_fields(field.model, f"{path}.")
        elif isinstance(field, ImageOrMapSpec):
            yield from _sweepable_map_fields(field, path)
        elif not isinstance(field, ImageField) and name not in _NOT_SWEEPABLE:
            yield path, field


def _sweepable_map_fields(field: ImageOrMapSpec, path: str) -> Iterator[tuple[str, Field]]:
    """The map type, and the fields of all map types; fields of the same name are the same."""
    map_type = map_type_choice(field)
    bare = tuple(model.map_type for model in field.specs if all(f.default is not REQUIRED for _, f in fields_of(model)))
    yield f"{path}.{TYPE}", replace(map_type, choices=bare)
    yield from {name: (f"{path}.{name}", f) for model in field.specs for name, f in _plain_fields(model)}.values()


def _plain_fields(model: type) -> Iterator[tuple[str, Field]]:
    return ((name, field) for name, field in fields_of(model) if not isinstance(field, ImageField))


def add_axes() -> None:
    """Add the axes that X/Y/Z plot does not have yet. To be called when all scripts are loaded.

    Never raises: it is called from `show`, which the hosts call outside of any `try`. Any script's module may have
    attributes of these names, with any value."""
    with continue_on_error("the axes for X/Y/Z plot cannot be added"):
        for module in {id(module): module for module in map(_module, scripts.scripts_data)}.values():
            with continue_on_error(f"axes for X/Y/Z plot cannot be added to {getattr(module, '__name__', 'a script')}"):
                _add_to(module)


def _module(data: ScriptClassData) -> object:
    return getattr(data, "module", None)


def _add_to(module: object) -> None:
    options = getattr(module, "axis_options", None)
    option_class = getattr(module, "AxisOption", None)
    if not isinstance(options, list) or not callable(option_class):
        return  # not X/Y/Z plot
    present = {label for option in options if isinstance(label := getattr(option, "label", None), str)}
    make = getattr(module, "AxisOptionImg2Img", option_class)
    options += [option for option in _options(make) if option.label not in present]


def _options(make: Callable[..., AxisOption]) -> Iterator[AxisOption]:
    for path, field in sweepable_fields():
        if ".second_" in path:  # "Field = value" reaches them; a second set of axes would bury the others
            continue
        choices = _choices(field)
        kind = int if isinstance(field, Integer) else float if isinstance(field, Number) else str
        yield make(
            PREFIX + _label(path, field),
            kind,
            _apply_to(path, field),
            confirm=_confirm(_label(path, field), field),
            choices=(lambda choices=choices: list(choices)) if choices else None,
        )
    yield make(
        PREFIX + _COUNT_FIELD.label,
        int,
        _apply_to(_COUNT_PATH, _COUNT_FIELD),
        confirm=_confirm(_COUNT_FIELD.label, _COUNT_FIELD),
    )
    yield make(f"{PREFIX}Field = value", str, _apply_text, confirm=_confirm_text)


def _label(path: str, field: Field) -> str:
    below = ("Exemplars: " if path.startswith("exemplars") else "") + ("Map: " if ".edit_map." in path else "")
    return f"{below}{field.label}"


def _choices(field: Field) -> tuple[str, ...]:
    if isinstance(field, Boolean):
        return tuple(_BOOLEANS)
    return field.choices if isinstance(field, Choice) else ()


def _apply_to(path: str, field: Field) -> Callable[[Processing, Any, Any], None]:
    def apply(p: Processing, value: Any, _: Any) -> None:
        _set_axis_value(p, path, _to_request_value(field, value))

    return apply


def _to_request_value(field: Field, value: Any) -> Any:
    """The request's value for an axis value. From a range like 0.2-1 (+0.1) the host makes 1.0000000000000002, which
    its own labels round in the same way."""
    if isinstance(field, Boolean):
        return _BOOLEANS.get(str(value).lower(), value)
    return round(value, 8) if isinstance(value, float) else value


def _parse_value(field: Field | None, text: str) -> Any:
    """The value in a text; `field`: the field it is for, or `None` if there is no such field."""
    if isinstance(field, Number):
        return number_or_text(text)
    if isinstance(field, Choice) and field.optional and text == "null":
        return None
    return text if field is None else _to_request_value(field, text)


def _set_axis_value(p: Processing, path: str, value: Any) -> None:
    # A new dictionary: the host copies `p` for every cell, and copies share their dictionaries.
    setattr(p, _AXIS_VALUES, {**getattr(p, _AXIS_VALUES, {}), path: value})


def _confirm(label: str, field: Field) -> Callable[[Processing, list[Any]], None]:
    """A function that refuses a bad value before the first image is made, and a plot without edits."""

    def confirm(p: Processing, values: list[Any]) -> None:
        _check_edited(p, f"{PREFIX}{label}")
        for value in values:
            try:
                field.check(_to_request_value(field, value))
            except RequestError as error:
                raise BadRequest(error.within(f"{PREFIX}{label}")) from None

    return confirm


def _split(text: str) -> tuple[str, Any]:
    path, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise RequestError(
            f"{PREFIX}Field = value", describe(text), "a field and its value: exemplars[0].shaping.blur = 2"
        )
    return path, _parse_value(_field_at(path), value)


def _field_at(path: str) -> Field | None:
    return dict(sweepable_fields()).get(re.sub(r"\[\d+\]", "[*]", path))


def _check(path: str, value: Any) -> None:
    """Raises `RequestError` when the value at this path is wrong in any request, however many exemplars it has."""
    field = _field_at(path)
    if field is None or not any(way in path for way in _MAP_PATHS):  # those depend on the map type
        with_value({"exemplars": [{}] * MAX_EXEMPLARS}, path, value)
    if field is None:
        raise RequestError(path, "is an image, or not a field that can be swept", "another field")
    try:
        field.check(value)
    except RequestError as error:
        raise error.within(path) from None


def _apply_text(p: Processing, text: str, _: Any) -> None:
    _set_axis_value(p, *_split(text))


def _check_edited(p: Processing, axis: str) -> None:
    if find_request(p, api_slot_value(p)).request is None:
        raise BadRequest(_no_edit_error(axis))


def _confirm_text(p: Processing, values: list[str]) -> None:
    _check_edited(p, f"{PREFIX}Field = value")
    for text in values:
        try:
            _check(*_split(text))
        except RequestError as error:
            raise BadRequest(error) from None


def _first_exemplars(data: Mapping[str, Any], count: int) -> dict[str, Any]:
    """The request with its first `count` exemplars. Raises `RequestError` when it has fewer."""
    exemplars = data.get("exemplars")
    if not isinstance(exemplars, list):  # refused with the whole request, later
        return dict(data)
    if not 1 <= count <= len(exemplars):
        raise RequestError(PREFIX + _COUNT_FIELD.label, f"is {count}", f"a number from 1 to {len(exemplars)}")
    return {**data, "exemplars": exemplars[:count]}
