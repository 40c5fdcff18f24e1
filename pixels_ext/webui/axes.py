"""X/Y/Z plot axes, made from the request's fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from modules import scripts

from pixels_ext.errors import RequestError, describe
from pixels_ext.request import EditRequest, with_value
from pixels_ext.request.fields import Choice, Field, Group, GroupList, Number, Picture, Toggle, Whole, fields_of
from pixels_ext.request.model import MOST_EXEMPLARS
from pixels_ext.webui.refusal import Refused

PREFIX = "[PIXELS] "
_SWEPT = "pixels_swept"
"""Attribute of a processing object: what axes set, path to value."""
_COUNT = "number of exemplars"
_USED = Whole(label="Exemplars used", help="The first so many of the request's.", minimum=1, maximum=MOST_EXEMPLARS)
_TOGGLE = {"true": True, "false": False}
_NOT_SWEPT = {"stay_active"}


def swept(p: Any, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request `data` of `p` with what the axes set. Raises `RequestError`."""
    for path, value in getattr(p, _SWEPT, {}).items():
        data = _fewer(data, value) if path == _COUNT else with_value(data, path, value)
    return data


def paths(model: type = EditRequest, above: str = "") -> Iterator[tuple[str, Field]]:
    """Path and declaration of every field that can be swept; `exemplars[*]` stands for all exemplars."""
    for name, field in fields_of(model):
        path = f"{above}{name}"
        if isinstance(field, GroupList):
            yield from paths(field.model, f"{path}[*].")
        elif isinstance(field, Group):
            yield from paths(field.model, f"{path}.")
        elif not isinstance(field, Picture) and name not in _NOT_SWEPT:
            yield path, field


def add() -> None:
    """Add the axes to X/Y/Z plot, those that it does not have yet. To be called when all scripts are loaded."""
    for module in {id(data.module): data.module for data in scripts.scripts_data}.values():
        options = getattr(module, "axis_options", None)
        if options is None or not hasattr(module, "AxisOption"):
            continue
        present = {option.label for option in options}
        options.extend(option for option in _options(module) if option.label not in present)


def _options(module: Any) -> Iterator[Any]:
    make = getattr(module, "AxisOptionImg2Img", module.AxisOption)
    for path, field in paths():
        choices = _choices(field)
        kind = float if isinstance(field, Number) else str
        yield make(
            PREFIX + _label(path, field),
            kind,
            _apply_to(path),
            confirm=_confirm(field),
            choices=(lambda choices=choices: list(choices)) if choices else None,
        )
    yield make(PREFIX + _USED.label, int, _apply_to(_COUNT), confirm=_confirm(_USED))
    yield make(f"{PREFIX}Field = value", str, _apply_text, confirm=_confirm_text)


def _label(path: str, field: Field) -> str:
    return f"{'Exemplars: ' if path.startswith('exemplars') else ''}{field.label}"


def _choices(field: Field) -> tuple[str, ...]:
    if isinstance(field, Toggle):
        return tuple(_TOGGLE)
    return field.choices if isinstance(field, Choice) else ()


def _apply_to(path: str) -> Callable[[Any, Any, Any], None]:
    def apply(p: Any, value: Any, _: Any) -> None:
        _set(p, path, _TOGGLE.get(value.lower(), value) if isinstance(value, str) else value)

    return apply


def _set(p: Any, path: str, value: Any) -> None:
    # A new dictionary: the host copies `p` for every cell, and a copy shares what is in it.
    setattr(p, _SWEPT, {**getattr(p, _SWEPT, {}), path: value})


def _confirm(field: Field) -> Callable[[Any, list[Any]], None]:
    """Refuses a bad value before the first picture is made."""

    def confirm(_: Any, values: list[Any]) -> None:
        for value in values:
            try:
                field.check(_TOGGLE.get(str(value).lower(), value) if isinstance(field, Toggle) else value)
            except RequestError as error:
                raise Refused(error.below(f"{PREFIX}{field.label}")) from None

    return confirm


def _split(text: str) -> tuple[str, Any]:
    path, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise RequestError(
            f"{PREFIX}Field = value", describe(text), "a field and its value: exemplars[0].shaping.blur = 2"
        )
    try:
        return path, float(value)
    except ValueError:
        return path, _TOGGLE.get(value.lower(), value)


def _check(path: str, value: Any) -> None:
    """Raises `RequestError` when the value at this path is wrong in any request, however many exemplars it has."""
    with_value({"exemplars": [{}] * MOST_EXEMPLARS}, path, value)
    field = dict(paths()).get(re.sub(r"\[\d+\]", "[*]", path))
    if field is None:
        raise RequestError(path, "is a picture, or nothing that a sweep changes", "another field")
    try:
        field.check(value)
    except RequestError as error:
        raise error.below(path) from None


def _apply_text(p: Any, text: str, _: Any) -> None:
    _set(p, *_split(text))


def _confirm_text(_: Any, values: list[str]) -> None:
    for text in values:
        try:
            _check(*_split(text))
        except RequestError as error:
            raise Refused(error) from None


def _fewer(data: Mapping[str, Any], count: int) -> dict[str, Any]:
    """The request with its first `count` exemplars. Raises `RequestError` when it has fewer."""
    exemplars = data.get("exemplars")
    if not isinstance(exemplars, list):  # said of the whole request, later
        return dict(data)
    if not 1 <= count <= len(exemplars):
        raise RequestError(PREFIX + _USED.label, f"is {count}", f"a number from 1 to {len(exemplars)}")
    return {**data, "exemplars": exemplars[:count]}
