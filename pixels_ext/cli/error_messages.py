"""Error messages of the command line: flags in place of the names of request fields."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator
from typing import Any

from pixels_ext.cli.flags import exemplar_fields, exemplar_flag, field_flag
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.errors import RequestError, UnknownField, describe, printable
from pixels_ext.fields import BASE64, Field, ImageField, ImageOrMapSpec, Number, fields_of
from pixels_ext.maps import MAP_TYPES
from pixels_ext.request.edit_request import EditRequest
from pixels_ext.request.json_form import TYPE

_EXEMPLAR = re.compile(r"exemplars\[(?P<index>\d+)\]\.?(?P<rest>.*)")
_QUOTED = re.compile(r"""('[^']*'|"[^"]*")""")
_FILE = "an image file"
_REPLACEMENTS = {
    "downloading allowed": "--allow-download",
    "another choice for shape of": "another --map-shape-of",
    ", or null": "",
}
"""Parts of the core's messages, and what they are on the command line."""


class RequestFileError(RequestError):
    """An error in the request file, not in a flag of the same name."""


def error_message(error: RequestError, arguments: argparse.Namespace | None) -> str:
    """The message for `error`, with flags. `arguments`: the parsed command line, or `None` if parsing failed.

    A path that starts with a dash already is a flag. For an error in a request file, the message has the path of the
    field and the file name.
    """
    values = vars(arguments) if arguments else {}
    match = _EXEMPLAR.fullmatch(error.path)
    if error.path.startswith("-"):
        return error.message_for(error.path)
    if values.get("request") is not None and (
        isinstance(error, RequestFileError) or error.path.startswith("exemplars")
    ):
        return _request_file_message(error, values["request"])
    if match:
        return _exemplar_message(error, int(match["index"]), match["rest"], values.get("exemplars") or [])
    if error.path == "exemplars":
        return _exemplars_message(error, len(values.get("exemplars") or []))
    fields = dict((*fields_of(Settings), *fields_of(EditRequest)))
    found, expected = _with_flags(error, fields.get(error.path), {name: field_flag(name) for name in fields}, fields)
    return RequestError("", found, expected).message_for(field_flag(error.path or "request"))


def _request_file_message(error: RequestError, file: str) -> str:
    """The message for an error in the request file `file`."""
    subject = f"{error.path} in {printable(file)!r}" if error.path else f"--request {printable(file)!r}"
    return RequestError("", error.found, error.expected.replace(BASE64, f"the name of {_FILE}")).message_for(subject)


def _exemplars_message(error: RequestError, count: int) -> str:
    expected = dict(fields_of(EditRequest))["exemplars"].expected
    if error.expected != expected:
        return error.message_for("all exemplars")
    found = "is missing" if count == 0 else f"is given {count} times"
    return RequestError("", found, f"{_FILE} for each exemplar, 1 to 32 of them").message_for("--exemplar")


def _exemplar_message(error: RequestError, index: int, rest: str, exemplars: list[dict[str, Any]]) -> str:
    path = tuple(rest.split(".")) if rest else ()
    fields = dict(exemplar_fields())
    given: Any = exemplars[index] if index < len(exemplars) else {}
    subject = exemplar_flag(path) if path in fields else "--exemplar"
    if path == ("edit_map",) and "edit_map" not in given:
        subject += f" or {exemplar_flag((*path, TYPE))}"
    if len(exemplars) > 1 and path == ("image",):
        subject += f" number {index + 1}"
    elif len(exemplars) > 1:
        subject += f" of exemplar {index + 1} ({printable(given.get('image'))})"
    if isinstance(error, UnknownField):
        return _other_map_type_message(path, given, subject)
    siblings = {other: field for other, field in fields.items() if other[:-1] == path[:-1]}
    flags = {other[-1]: exemplar_flag(other) for other in siblings}
    found, expected = _with_flags(
        error, fields.get(path), flags, {other[-1]: field for other, field in siblings.items()}
    )
    return RequestError("", found, expected).message_for(subject)


def _other_map_type_message(path: tuple[str, ...], given: Any, subject: str) -> str:
    """The message for a flag that belongs to another map type."""
    map_type = given[path[0]][TYPE]
    [spec] = [model for model in MAP_TYPES if model.map_type == map_type]
    flags = ", ".join(exemplar_flag((path[0], name)) for name, _ in fields_of(spec))
    found = f"does not belong to {exemplar_flag((path[0], TYPE))} {describe(map_type).removeprefix('is ')}"
    return RequestError("", found, f"one of: {flags}" if flags else "no such flag").message_for(subject)


def _with_flags(
    error: RequestError, field: Field | None, flags: dict[str, str], siblings: dict[str, Field]
) -> tuple[str, str]:
    """The `found` and `expected` parts of the message, with flags in place of the names of sibling fields."""
    if isinstance(field, ImageField) and error.expected == field.expected_in_json:
        map_types = f", or a map type: {', '.join(field.by_type)}" if isinstance(field, ImageOrMapSpec) else ""
        return error.found, _FILE + map_types
    found, expected = error.found, error.expected.replace(BASE64, _FILE)
    for text, replacement in _REPLACEMENTS.items():
        expected = expected.replace(text, replacement)
    if not isinstance(field, Number):
        return found, expected
    numbers = [name for name, other in siblings.items() if isinstance(other, Number)]
    field_name = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, numbers))})(?![\w-])")

    def with_flags(part: str) -> str:
        return field_name.sub(lambda match: flags[match[1]], part)

    return _outside_quotes(found, with_flags), _outside_quotes(expected, with_flags)


def _outside_quotes(text: str, change: Callable[[str], str]) -> str:
    def parts() -> Iterator[str]:
        for number, part in enumerate(_QUOTED.split(text)):
            yield part if number % 2 else change(part)

    return "".join(parts())
