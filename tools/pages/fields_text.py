"""The text of `docs/fields.md`: every field of a request, from the table of fields."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from pages.field_strips import FOLDER, STRIPS, WITHOUT, file_name
from pages.markdown_pages import slug
from pixels_ext.cli.flags import exemplar_flag
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
    Text,
    fields_of,
)
from pixels_ext.maps import MAP_TYPES
from pixels_ext.request import EditRequest, Exemplar, Placement, Shaping

PAGE = "fields.md"
OPENING = """# Every field

<!-- Made by `python tasks.py pages`; a test fails where it is not. Edit the table of fields instead. -->

[The edit](#the-edit) · [An exemplar](#an-exemplar) · [Placement](#placement) · [Map shaping](#map-shaping) ·
[How a map is made](#how-a-map-is-made)

The panel, the API, sweeps and the command line share one request. These are its fields, by the names that the panel
shows; behind each stands its path in the request, as error messages and the X/Y/Z axis *Field = value* spell it.
Everything but the exemplars, their images and their maps has a default. How to send it: [the API](api.md).

Map images: white keeps the source, black becomes the exemplar. "Pasted" is what an edit starts from, without the
model. Edits are made by the small [demo model](../pixels_ext/demo/model/README.md): look at what changes,
not at how sharp it is.
"""
_LEADS = {
    "placement": "Where the exemplar lies on the source. Pictures: pasted, under a black map.",
    "shaping": "What is done to a map before it is used, in this order. The same fields below `second_shaping` shape "
    "the second map;\non the command line these begin with `--second-`. Pictures: the map.",
}
_SOURCES = """## How a map is made

In place of an image, `edit_map` and `second_map` take an object whose `type` names one of these map types, for instance
`{"type": "linear", "start_x": 0.2}`. On the command line: `--map-type linear --map-start-x 0.2`, and for the second
map `--second-map-type` and so on. [Which for which job](maps.md). Pictures: the map.
"""


def page() -> str:
    """The whole page."""
    parts = [OPENING, "## The edit\n", *_entries(EditRequest, ())]
    parts += ["## An exemplar\n", *_entries(Exemplar, ())]
    for name, model in (("placement", Placement), ("shaping", Shaping)):
        label = dict(fields_of(Exemplar))[name].label
        parts += [f"## {label}\n\n{_LEADS[name]}\n", *_entries(model, (name,))]
    parts.append(_SOURCES)
    for source in MAP_TYPES:
        parts.append(f"### {source.title}: `{source.map_type}`\n\n{source.about}\n")
        if not list(fields_of(source)):
            parts.append("It has no fields of its own.\n")
        parts += _entries(source, ("edit_map",), source.map_type)
    return "\n".join(parts)


def link(model: type, path: tuple[str, ...], field: Field, source: str = "") -> str:
    """Where the field is described on the page. `path`: below the exemplar, or below the edit."""
    return f"{PAGE}#{slug(_heading(model, path, field, source).replace('`', ''))}"


def kind(field: Field) -> str:
    """What values the field takes, in words."""
    match field:
        case Choice():
            words = ", ".join(f"`{choice}`" for choice in field.choices)
            return f"one of {words}" + (", or null" if field.optional else "")
        case Number():
            unit = f" ({field.unit})" if field.unit else ""
            whole = "whole number" if isinstance(field, Integer) else "number"
            return f"{whole} from {field.minimum:g} to {field.maximum:g}{unit}"
        case Boolean():
            return "true or false"
        case Text():
            return f"text of at most {field.max_length} characters"
        case ImageOrMapSpec():
            return "image, or object with a `type`" + (", or null" if field.optional else "")
        case ImageField():
            return "image" + (", or null" if field.optional else "")
        case GroupList():
            return f"list of {field.minimum} to {field.maximum} objects"
    return "object"


def default(field: Field) -> str:
    """The default in words."""
    if isinstance(field, Group):
        return ""
    if field.default is REQUIRED:
        return "required"
    if isinstance(field.default, bool) or field.default is None:
        return {True: "true", False: "false", None: "null"}[field.default]
    return f"{field.default:g}" if isinstance(field.default, float) else str(field.default)


def _heading(model: type, path: tuple[str, ...], field: Field, source: str) -> str:
    above = "" if model is EditRequest else "exemplars[0]."
    return f"{source + ', ' if source else ''}{field.label}: `{above}{'.'.join(path)}`"


def _entries(model: type, above: tuple[str, ...], source: str = "") -> Iterator[str]:
    for name, field in fields_of(model):
        path = (*above, name)
        yield f"{'####' if source else '###'} {_heading(model, path, field, source)}\n\n{_wrapped(field.help)}\n"
        usual, flag = default(field), _flag(model, field, path)
        facts = [kind(field)[:1].upper() + kind(field)[1:]]
        facts += [f"default {usual}" if usual != "required" else usual] if usual else []
        facts += [f"only with `{field.needs}`"] if field.needs else []
        facts += [f"`{flag}`"] if flag else []
        yield _wrapped("; ".join(facts) + ".") + "\n"
        key = key_of(model, path, source)
        if key in STRIPS:
            yield f"![{', '.join(STRIPS[key].labels)}]({FOLDER}/{file_name(key)}.jpg)\n"
        else:
            yield f"(No image: {WITHOUT[key]}.)\n"


def key_of(model: type, path: tuple[str, ...], source: str) -> str:
    """By which a field's strip is found."""
    if model is Exemplar and path == ("threshold",):  # the edit has a field of this name too
        return "exemplars[].threshold"
    return ".".join([source, *path[1:]] if source else path)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 138, break_long_words=False, break_on_hyphens=False)


def _flag(model: type, field: Field, path: tuple[str, ...]) -> str:
    """The command line's, where there is one."""
    if isinstance(field, Group | GroupList):
        return ""
    return f"--{path[0].replace('_', '-')}" if model is EditRequest else exemplar_flag(path)
