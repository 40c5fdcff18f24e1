"""Command line flags made from the field declarations, and the JSON that they stand for."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from pixels_ext.diffusers_host.samplers import normalize_name
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
    Number,
    Text,
    fields_of,
    number_or_text,
)
from pixels_ext.request.edit_request import EditRequest, Exemplar
from pixels_ext.request.json_form import TYPE
from pixels_ext.request.paths import map_type_choice

_RENAMED = {
    ("image",): "--exemplar",
    ("edit_map",): "--map",
    ("threshold",): "--exemplar-threshold",
    ("shaping", "limit"): "--map-limit",
    ("placement", "x"): "--position-x",
    ("placement", "y"): "--position-y",
}
_PREFIXES = {"edit_map": "map_", "second_map": "second_map_", "second_shaping": "second_"}
"""Prefixes of the flags for the fields inside these groups; other groups have no prefix."""

_EXEMPLAR_GROUPS = {
    "exemplars": "Start each exemplar with --exemplar. All other flags of this group and of the map groups below apply "
    "to the last --exemplar before them.",
    "edit map": "The edit map of the exemplar: an image, or a generated map with its options (for the map types in "
    "brackets).",
    "map adjustments": "Applied to the edit map, in this order.",
    "second map": "A second edit map, its adjustments, and how both maps are combined.",
}
_GROUP_OF = {
    "edit_map": "edit map",
    "shaping": "map adjustments",
    "second_map": "second map",
    "combine": "second map",
    "second_shaping": "second map",
}
_FIRST_MAP = {"second_map": "edit_map", "second_shaping": "shaping"}
"""The fields that those of the second map repeat."""

_METAVARS = {ImageField: "FILE", Number: "N", Text: "TEXT"}


def add_flags(parser: argparse._ActionsContainer, model: type) -> None:
    """Add a flag for every single-valued field of `model`. Flags that are not given are absent from the parsed
    arguments."""
    for name, field in fields_of(model):
        if not isinstance(field, Group | GroupList):
            _add(parser, field_flag(name), field, dest=name)


def add_exemplar_flags(parser: argparse.ArgumentParser) -> None:
    """Add `--exemplar`, which may be repeated, and the flags that apply to the exemplar before them."""
    groups = {title: parser.add_argument_group(title, description) for title, description in _EXEMPLAR_GROUPS.items()}
    map_types = _map_types()
    for path, field in exemplar_fields():
        group = groups[_GROUP_OF.get(path[0], "exemplars")]
        first = _FIRST_MAP.get(path[0])
        if first and len(path) > 1:
            field = replace(field, help=f"Like {exemplar_flag((first, *path[1:]))}, for the second map.")
        elif path in map_types:
            field = replace(field, help=f"[{', '.join(map_types[path])}] {field.help}")
        options = {"path": path, "default": argparse.SUPPRESS, "dest": "exemplars"}
        _add(group, exemplar_flag(path), field, action=_ExemplarAction, **options)


def _map_types() -> dict[tuple[str, ...], list[str]]:
    """The map types that have each field of a generated map, by the path of the field."""
    types: dict[tuple[str, ...], list[str]] = {}
    for name, field in fields_of(Exemplar):
        for spec in field.specs if isinstance(field, ImageOrMapSpec) else ():
            for part, _ in fields_of(spec):
                types.setdefault((name, part), []).append(spec.map_type)
    return types


def exemplar_flag(path: tuple[str, ...]) -> str:
    """The flag for the field of an exemplar at `path`: `("placement", "scale")` is `--scale`."""
    return _RENAMED.get(path) or field_flag(_PREFIXES.get(path[0], "") * (len(path) > 1) + path[-1])


def flag_values(arguments: argparse.Namespace, model: type) -> dict[str, Any]:
    """The values of the flags of `add_flags` that were given, by field name, in JSON form."""
    values = vars(arguments)
    return {name: values[name] for name, _ in fields_of(model) if name in values}


def request_json(arguments: argparse.Namespace) -> dict[str, Any]:
    """The part of the request that flags give, in JSON form, with file names in place of images."""
    return flag_values(arguments, EditRequest)


class _ExemplarAction(argparse.Action):
    """Stores a value with the last `--exemplar`; `--exemplar` itself starts a new one."""

    def __init__(self, *args: Any, path: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._path = path

    def __call__(
        self, parser: Any, namespace: argparse.Namespace, values: Any, option_string: str | None = None
    ) -> None:
        exemplars = getattr(namespace, "exemplars", [])
        if self._path == ("image",):
            exemplars.append({})
        elif not exemplars:
            raise RequestError(
                str(option_string), "comes before any --exemplar", "it after the --exemplar it applies to"
            )
        target = exemplars[-1]
        for name in self._path[:-1]:
            target = target.setdefault(name, {})
            if not isinstance(target, dict):
                raise RequestError(str(option_string), "is given together with a map image", "only one of the two")
        if self._path[-1] in target:
            raise RequestError(str(option_string), "is given twice for one exemplar", "it once per --exemplar")
        target[self._path[-1]] = True if self.nargs == 0 else values
        namespace.exemplars = exemplars


def exemplar_fields(model: type = Exemplar, parent: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Field]]:
    """Path and declaration of every field of an exemplar that has a flag."""
    for name, field in fields_of(model):
        if isinstance(field, Group):
            yield from exemplar_fields(field.model, (*parent, name))
            continue
        yield (*parent, name), field
        if isinstance(field, ImageOrMapSpec):
            yield (*parent, name, TYPE), map_type_choice(field)
            map_fields = {part: inner for model in field.specs for part, inner in fields_of(model)}
            yield from (((*parent, name, part), inner) for part, inner in map_fields.items())


def _add(parser: argparse._ActionsContainer, flag: str, field: Field, **options: Any) -> None:
    help_ = field.help.replace("%", "%%")
    if isinstance(field, Boolean):
        if "action" in options:
            parser.add_argument(flag, nargs=0, help=help_, **options)
        else:
            parser.add_argument(flag, action="store_true", default=argparse.SUPPRESS, help=help_, **options)
        return
    if isinstance(field, Number):
        unit = f" {field.unit}".replace("%", "%%") if field.unit else ""
        help_ += (
            f" From {_number(field.minimum)} to {_number(field.maximum)}{unit} (default: {_number(field.default)})."
        )
        options["type"] = number_or_text
    elif isinstance(field, Choice):
        options["type"] = partial(match_choice, field.choices)
        default = f" (default: {field.default or 'none'})" if field.default is not REQUIRED else ""
        help_ += f" One of: {', '.join(field.choices)}{default}."
    metavar = next((name for kind, name in _METAVARS.items() if isinstance(field, kind)), "NAME")
    options.setdefault("default", argparse.SUPPRESS)
    parser.add_argument(flag, metavar=metavar, help=help_, **options)


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def field_flag(name: str) -> str:
    """The flag for a field outside of exemplars: `keep_white` is `--keep-white`."""
    return "--" + name.replace("_", "-")


def match_choice(choices: Iterable[str], text: str) -> str:
    """The one of `choices` that `text` spells ("Inpaint_Mask" is "inpaint mask"); if none, `text`, which the field's
    check refuses."""
    return next((choice for choice in choices if normalize_name(choice) == normalize_name(text)), text)


def parse_size(text: str | None) -> tuple[int, int] | int | None:
    """Parse `--size`: "512" (longer side) or "512x384". Raises `RequestError`."""
    if text is None:
        return None
    parts = [part.strip() for part in re.split("[xX×]", text)]
    if len(parts) > 2 or not all(re.fullmatch("0*[1-9][0-9]{0,5}", part) for part in parts):
        raise RequestError("size", describe(text), "a longer side like 512, or a size like 512x384")
    numbers = [int(part) for part in parts]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else numbers[0]
