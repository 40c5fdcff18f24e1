"""Command line flags, made from the tables of fields, and the JSON that they stand for."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from pixels_ext.diffusers_host.samplers import key_of
from pixels_ext.errors import RequestError, describe
from pixels_ext.fields import (
    REQUIRED,
    Choice,
    Field,
    Group,
    GroupList,
    Number,
    ImageField,
    ImageOrMapSpec,
    Text,
    Boolean,
    fields_of,
    number_or_text,
)
from pixels_ext.request.json_form import TYPE
from pixels_ext.request.edit_request import EditRequest, Exemplar
from pixels_ext.request.paths import map_type_choice

_RENAMED = {
    ("image",): "--exemplar",
    ("edit_map",): "--map",
    ("threshold",): "--exemplar-threshold",
    ("shaping", "limit"): "--map-limit",
}
_PREFIXES = {"edit_map": "map_", "second_map": "second_map_", "second_shaping": "second_"}
"""Of the flags for what lies below these fields; what lies below others is named without them."""


_METAVARS = {ImageField: "FILE", Number: "N", Text: "TEXT"}


def add_flags(parser: argparse._ActionsContainer, model: type) -> None:
    """One flag for every single-valued field of `model`; absent ones leave no trace in the parsed arguments."""
    for name, field in fields_of(model):
        if not isinstance(field, Group | GroupList):
            _add(parser, flag_of_name(name), field, dest=name)


def add_exemplar_flags(parser: argparse._ActionsContainer) -> None:
    """`--exemplar`, which may be given many times, and the flags that belong to the exemplar before them."""
    for path, field in exemplar_fields():
        _add(parser, flag_of(path), field, action=_OfExemplar, path=path, default=argparse.SUPPRESS, dest="exemplars")


def flag_of(path: tuple[str, ...]) -> str:
    """The flag for the field of an exemplar at this path: `("placement", "scale")` is `--scale`."""
    return _RENAMED.get(path) or flag_of_name(_PREFIXES.get(path[0], "") * (len(path) > 1) + path[-1])


def given(arguments: argparse.Namespace, model: type) -> dict[str, Any]:
    """The flags of `add_flags` that were given, by field name, as JSON values."""
    present = vars(arguments)
    return {name: present[name] for name, _ in fields_of(model) if name in present}


def edit_fields(arguments: argparse.Namespace) -> dict[str, Any]:
    """The request as far as flags tell it, in its JSON form, with the pictures' file names in place of pictures."""
    return given(arguments, EditRequest)


class _OfExemplar(argparse.Action):
    """Files a value under the last `--exemplar`; `--exemplar` itself begins a new one."""

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
            raise RequestError(str(option_string), "comes before any --exemplar", "the --exemplar it belongs to first")
        target = exemplars[-1]
        for name in self._path[:-1]:
            target = target.setdefault(name, {})
            if not isinstance(target, dict):
                raise RequestError(str(option_string), "is given beside a picture of the map", "one of the two")
        if self._path[-1] in target:
            raise RequestError(str(option_string), "is given twice for one exemplar", "it once after each --exemplar")
        target[self._path[-1]] = True if self.nargs == 0 else values
        namespace.exemplars = exemplars


def exemplar_fields(model: type = Exemplar, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Field]]:
    """Path and declaration of every field of an exemplar that has a flag."""
    for name, field in fields_of(model):
        if isinstance(field, Group):
            yield from exemplar_fields(field.model, (*above, name))
            continue
        yield (*above, name), field
        if isinstance(field, ImageOrMapSpec):
            yield (*above, name, TYPE), map_type_choice(field)
            made = {part: inner for model in field.specs for part, inner in fields_of(model)}
            yield from (((*above, name, part), inner) for part, inner in made.items())


def _add(parser: argparse._ActionsContainer, flag: str, field: Field, **options: Any) -> None:
    help_ = field.help.replace("%", "%%")
    if isinstance(field, Boolean):
        if "action" in options:
            parser.add_argument(flag, nargs=0, help=help_, **options)
        else:
            parser.add_argument(flag, action="store_true", default=argparse.SUPPRESS, help=help_, **options)
        return
    if isinstance(field, Number):
        unit = f" {field.unit}" if field.unit else ""
        help_ += f" {field.minimum:g} to {field.maximum:g}{unit}; {field.default:g} if not given.".replace("%", "%%")
        options["type"] = number_or_text
    elif isinstance(field, Choice):
        options["type"] = partial(any_spelling, field.choices)
        usual = f"; {field.default or 'none'} if not given" if field.default is not REQUIRED else ""
        help_ += f" One of: {', '.join(field.choices)}{usual}."
    metavar = next((word for kind, word in _METAVARS.items() if isinstance(field, kind)), "NAME")
    options.setdefault("default", argparse.SUPPRESS)
    parser.add_argument(flag, metavar=metavar, help=help_, **options)


def flag_of_name(name: str) -> str:
    """The flag for a field beside the exemplars: `keep_white` is `--keep-white`."""
    return "--" + name.replace("_", "-")


def any_spelling(choices: Iterable[str], text: str) -> str:
    """The one of `choices` that `text` is in some spelling ("Inpaint_Mask"); `text` itself if there is none, for the
    field's own check to refuse."""
    return next((choice for choice in choices if key_of(choice) == key_of(text)), text)


def parsed_size(text: str | None) -> tuple[int, int] | int | None:
    """`--size`: "512" (longer side) or "512x384". Raises `RequestError`."""
    if text is None:
        return None
    parts = [part.strip() for part in re.split("[xX×]", text)]
    if len(parts) > 2 or not all(re.fullmatch("0*[1-9][0-9]{0,5}", part) for part in parts):
        raise RequestError("size", describe(text), "a longer side like 512, or a size like 512x384")
    numbers = [int(part) for part in parts]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else numbers[0]
