"""The request as an image's generation parameters have it: a few words, and compact JSON with hashes for images."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from PIL import Image

from pixels_ext.fields import REQUIRED, Group, GroupList, ImageOrMapSpec, fields_of
from pixels_ext.imaging.hash import HASH_PREFIX, image_hash
from pixels_ext.maps import MapSpec, as_map_spec
from pixels_ext.maps.image import ImageMap
from pixels_ext.request.edit_request import EditRequest, Exemplar
from pixels_ext.request.json_form import TYPE, to_json

TITLE = "PIXELS"
"""The script's title in a WebUI."""
SUMMARY_KEY, REQUEST_KEY = "PIXELS", "PIXELS request"
"""The keys of `short_text` and `compact_json` in generation parameters."""


def compact_json(request: EditRequest) -> str:
    """The request as compact JSON: what differs from the defaults, with `sha256:...` for images."""
    changed = _without_defaults(EditRequest, to_json(request, lambda image: HASH_PREFIX + image_hash(image)))
    return json.dumps(changed, separators=(",", ":"))


def short_text(request: EditRequest) -> str:
    """The edit in a few words: "2 exemplars, log, iterative, white kept"."""
    count = len(request.exemplars)
    thresholds = {exemplar.threshold or request.threshold for exemplar in request.exemplars}
    parts = [f"{count} exemplar{'s' if count > 1 else ''}", " and ".join(sorted(thresholds))]
    specs = (spec for exemplar in request.exemplars for spec in map_specs(exemplar))
    generated = dict.fromkeys(spec.map_type.replace("_", " ") for spec in specs if not isinstance(spec, ImageMap))
    if generated:
        parts.append(f"map from {' and '.join(generated)}")
    if count > 1:
        parts.append(request.mode)
    if any(exemplar.hold for exemplar in request.exemplars):
        parts.append("exemplar kept")
    if request.keep_white:
        parts.append("white kept")
    if request.substep_release:
        parts.append("substep release")
    return ", ".join(parts)


def map_specs(exemplar: Exemplar) -> Iterator[MapSpec]:
    """The one or two maps of an exemplar."""
    yield as_map_spec(exemplar.edit_map)
    if exemplar.second_map is not None:
        yield as_map_spec(exemplar.second_map)


def images_in(request: EditRequest) -> Iterator[Image.Image]:
    """All images of the request, including those inside map specifications."""
    found: list[Image.Image] = []

    def collect(image: Image.Image) -> str:
        found.append(image)
        return ""

    to_json(request, collect)
    yield from found


def _without_defaults(model: type, data: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, field in fields_of(model):
        value = data[name]
        if isinstance(field, Group):
            value = _without_defaults(field.model, value)
            if not value:
                continue
        elif isinstance(field, GroupList):
            value = [_without_defaults(field.model, item) for item in value]
        elif isinstance(field, ImageOrMapSpec) and isinstance(value, dict):
            value = {TYPE: value[TYPE], **_without_defaults(field.by_type[value[TYPE]], value)}
        elif field.default is not REQUIRED and value == field.default:
            continue
        kept[name] = value
    return kept
