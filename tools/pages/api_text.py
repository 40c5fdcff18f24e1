"""The made parts of `docs/api.md`: the objects of a request, and sentences that refuse one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from markdown_table import table
from PIL import Image

from pages.fields_text import default, kind, link
from pixels_ext.errors import RequestError
from pixels_ext.fields import Choice, Group, GroupList, fields_of
from pixels_ext.maps import MAP_TYPES, MapSpec
from pixels_ext.request import EditRequest, Exemplar, Placement, Shaping, from_json

OBJECTS = (("The request", EditRequest, ()), ("An exemplar", Exemplar, ()))
_GROUPS = (("`placement`", Placement, ("placement",)), ("`shaping`, `second_shaping`", Shaping, ("shaping",)))
_ONE = {"image": "...", "edit_map": "..."}
REFUSED: tuple[dict[str, Any], ...] = (
    {},
    {"exemplars": []},
    {"exemplars": [{"image": "..."}]},
    {"exemplars": [_ONE], "treshold": "log"},
    {"exemplars": [_ONE], "threshold": "logarithmic"},
    {"exemplars": [{**_ONE, "placement": {"scale": 0}}]},
    {"exemplars": [{"image": "...", "edit_map": {"type": "sky"}}]},
    {"exemplars": [{**_ONE, "shaping": {"black_point": 0.9, "white_point": 0.5}}]},
)
"""Requests with one mistake each. `"..."` stands for a picture."""


def with_parts(text: str) -> str:
    """The page with its made parts made anew."""
    for name, part in (("objects", "\n".join(_objects())), ("refusals", _refusals())):
        begin, end = f"<!-- made: {name} -->\n", "<!-- end -->"
        found = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        if not found.search(text):
            raise ValueError(f"docs/api.md has no place for {name!r}")
        text = found.sub(lambda _, made=f"{begin}{part}\n{end}": made, text)
    return text


def _objects() -> Iterator[str]:
    for title, model, path in (*OBJECTS, *_GROUPS):
        yield f"#### {title}\n"
        yield table(("field", "", "default"), _fields(model, path))
        yield ""
    yield "#### A map, in place of its picture\n"
    yield table(("`type`", "its fields", ""), map(_source, MAP_TYPES))
    yield ""


def _source(source: type[MapSpec]) -> tuple[str, str, str]:
    fields = (f"[`{name}`]({link(source, ('edit_map', name), f, source.map_type)})" for name, f in fields_of(source))
    return f"`{source.map_type}`", ", ".join(fields), source.about


def _fields(model: type, path: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for name, field in fields_of(model):
        words = kind(field)
        if isinstance(field, Group):
            words = f"object, [below](#{'placement' if name == 'placement' else 'shaping-second_shaping'})"
        elif isinstance(field, GroupList):
            words += ", [below](#an-exemplar)"
        usual = default(field)
        usual = f"`{usual}`" if isinstance(field, Choice) and usual != "null" else usual
        yield f"[`{name}`]({link(model, (*path, name), field)})", words, usual


def _refusals() -> str:
    rows = []
    for request in REFUSED:
        try:
            from_json(request, lambda _: Image.new("L", (8, 8)))
        except RequestError as error:
            rows.append((f"`{json.dumps(request)}`", str(error)))
        else:
            raise AssertionError(f"{request} is a good request")
    return table(("request", "answer"), rows)
