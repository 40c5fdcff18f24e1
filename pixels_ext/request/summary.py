"""What was done, in one compact line for a picture's parameters: no pictures, only their hashes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from PIL import Image

from pixels_ext.fields import REQUIRED, Group, GroupList, ImageOrMapSpec, fields_of
from pixels_ext.imaging.hash import HASH_PREFIX, image_hash
from pixels_ext.maps import MapSpec, as_map_spec
from pixels_ext.maps.image import ImageMap
from pixels_ext.request.json_form import TYPE, to_json
from pixels_ext.request.edit_request import EditRequest, Exemplar

TITLE = "PIXELS"
"""The script's name in a WebUI."""
WORDS, REQUEST = "PIXELS", "PIXELS request"
"""Under which names a picture's parameters have the two lines below."""


def summary(request: EditRequest) -> str:
    """The request as compact JSON: what differs from the defaults, with `sha256:...` in place of pictures."""
    changed = _changed(EditRequest, to_json(request, lambda picture: HASH_PREFIX + image_hash(picture)))
    return json.dumps(changed, separators=(",", ":"))


def words(request: EditRequest) -> str:
    """The edit in a few words: "2 exemplars, log, iterative, white kept"."""
    count = len(request.exemplars)
    thresholds = {exemplar.threshold or request.threshold for exemplar in request.exemplars}
    parts = [f"{count} exemplar{'s' if count > 1 else ''}", " and ".join(sorted(thresholds))]
    made = [each.map_type for exemplar in request.exemplars for each in map_specs(exemplar) if not isinstance(each, ImageMap)]
    if made:
        parts.append(f"map from {' and '.join(dict.fromkeys(made))}")
    if count > 1:
        parts.append(request.mode)
    if request.keep_white:
        parts.append("white kept")
    if request.substep_release:
        parts.append("released between steps")
    return ", ".join(parts)


def map_specs(exemplar: Exemplar) -> Iterator[MapSpec]:
    """How the maps of an exemplar are made, one or two."""
    yield as_map_spec(exemplar.edit_map)
    if exemplar.second_map is not None:
        yield as_map_spec(exemplar.second_map)


def images_in(request: EditRequest) -> Iterator[Image.Image]:
    """Every picture of the request, also those inside of maps that are made."""
    found: list[Image.Image] = []

    def note(picture: Image.Image) -> str:
        found.append(picture)
        return ""

    to_json(request, note)
    yield from found


def _changed(model: type, data: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, field in fields_of(model):
        value = data[name]
        if isinstance(field, Group):
            value = _changed(field.model, value)
            if not value:
                continue
        elif isinstance(field, GroupList):
            value = [_changed(field.model, item) for item in value]
        elif isinstance(field, ImageOrMapSpec) and isinstance(value, dict):
            value = {TYPE: value[TYPE], **_changed(field.by_type[value[TYPE]], value)}
        elif field.default is not REQUIRED and value == field.default:
            continue
        kept[name] = value
    return kept
