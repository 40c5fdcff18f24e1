"""What is wrong, in the words of the command line: flags in place of the request's fields."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator
from typing import Any

from pixels_ext.cli.flags import exemplar_fields, flag_of, flag_of_name
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.errors import RequestError, UnknownField, describe, printable
from pixels_ext.fields import BASE64, Field, Number, ImageField, ImageOrMapSpec, fields_of
from pixels_ext.maps import MAP_TYPES
from pixels_ext.request.json_form import TYPE
from pixels_ext.request.edit_request import EditRequest

_EXEMPLAR = re.compile(r"exemplars\[(?P<index>\d+)\]\.?(?P<rest>.*)")
_QUOTED = re.compile(r"""('[^']*'|"[^"]*")""")
_FILE = "a picture file"
_ELSEWHERE = {
    "downloading allowed": "--download",
    "another choice for shape_of": "another --map-shape-of",
    ", or null": "",
}
"""What the engine says of settings that here have a flag."""


class InRequestFile(RequestError):
    """Something is wrong in the request file, and not in a flag of that name."""


def sentence(error: RequestError, arguments: argparse.Namespace | None) -> str:
    """The text of `error`, about flags. `arguments`: the parsed command line; `None` where it could not be read.

    A path that begins with a dash is a flag already. What stands in a request file keeps its path, and the file is
    named.
    """
    told = vars(arguments) if arguments else {}
    match = _EXEMPLAR.fullmatch(error.path)
    if error.path.startswith("-"):
        return error.message_for(error.path)
    if told.get("request") is not None and (isinstance(error, InRequestFile) or error.path.startswith("exemplars")):
        return _in_file(error, told["request"])
    if match:
        return _of_exemplar(error, int(match["index"]), match["rest"], told.get("exemplars") or [])
    if error.path == "exemplars":
        return _of_exemplars(error, len(told.get("exemplars") or []))
    fields = dict((*fields_of(Settings), *fields_of(EditRequest)))
    found, expected = _with_flags(error, fields.get(error.path), {name: flag_of_name(name) for name in fields}, fields)
    return RequestError("", found, expected).message_for(flag_of_name(error.path or "request"))


def _in_file(error: RequestError, file: str) -> str:
    """The text of `error`, about a field in the request file `file`."""
    subject = f"{error.path} in {printable(file)!r}" if error.path else f"--request {printable(file)!r}"
    return RequestError("", error.found, error.expected.replace(BASE64, f"the name of {_FILE}")).message_for(subject)


def _of_exemplars(error: RequestError, count: int) -> str:
    expected = dict(fields_of(EditRequest))["exemplars"].expected
    if error.expected != expected:
        return error.message_for("all exemplars")
    found = "is missing" if count == 0 else f"is given {count} times"
    return RequestError("", found, f"{_FILE} for each exemplar, 1 to 32 of them").message_for("--exemplar")


def _of_exemplar(error: RequestError, index: int, rest: str, exemplars: list[dict[str, Any]]) -> str:
    path = tuple(rest.split(".")) if rest else ()
    fields = dict(exemplar_fields())
    given: Any = exemplars[index] if index < len(exemplars) else {}
    subject = flag_of(path) if path in fields else "--exemplar"
    if path == ("edit_map",) and "edit_map" not in given:
        subject += f" or {flag_of((*path, TYPE))}"
    if len(exemplars) > 1 and path == ("image",):
        subject += f" number {index + 1}"
    elif len(exemplars) > 1:
        subject += f" of exemplar {index + 1} ({printable(given.get('image'))})"
    if isinstance(error, UnknownField):
        return _of_other_map(path, given, subject)
    beside = {other: field for other, field in fields.items() if other[:-1] == path[:-1]}
    flags = {other[-1]: flag_of(other) for other in beside}
    found, expected = _with_flags(error, fields.get(path), flags, {other[-1]: field for other, field in beside.items()})
    return RequestError("", found, expected).message_for(subject)


def _of_other_map(path: tuple[str, ...], given: Any, subject: str) -> str:
    """The flag exists, but belongs to another way of making a map."""
    source = given[path[0]][TYPE]
    [made] = [model for model in MAP_TYPES if model.map_type == source]
    flags = ", ".join(flag_of((path[0], name)) for name, _ in fields_of(made))
    found = f"does not belong to {flag_of((path[0], TYPE))} {describe(source).removeprefix('is ')}"
    return RequestError("", found, f"one of: {flags}" if flags else "it left out").message_for(subject)


def _with_flags(
    error: RequestError, field: Field | None, flags: dict[str, str], beside: dict[str, Field]
) -> tuple[str, str]:
    """What was found and what is expected, with flags in place of the fields `beside` it that are named."""
    if isinstance(field, ImageField) and error.expected == field.expected_in_json:
        made = f", or how the map is made: {', '.join(field.by_type)}" if isinstance(field, ImageOrMapSpec) else ""
        return error.found, _FILE + made
    found, expected = error.found, error.expected.replace(BASE64, _FILE)
    for ours, here in _ELSEWHERE.items():
        expected = expected.replace(ours, here)
    if not isinstance(field, Number):
        return found, expected
    numbers = [name for name, other in beside.items() if isinstance(other, Number)]
    named = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, numbers))})(?![\w-])")

    def flagged(part: str) -> str:
        return named.sub(lambda hit: flags[hit[1]], part)

    return _outside_quotes(found, flagged), _outside_quotes(expected, flagged)


def _outside_quotes(text: str, change: Callable[[str], str]) -> str:
    def parts() -> Iterator[str]:
        for number, part in enumerate(_QUOTED.split(text)):
            yield part if number % 2 else change(part)

    return "".join(parts())
