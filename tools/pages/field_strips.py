"""What each field does, as a strip of pictures: the same request with a few values of one field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageOps

from pages.strips import save, strip
from pixels_ext import demo
from pixels_ext.cli.contact_sheet import stack_rows
from pixels_ext.core.thresholds import THRESHOLDS
from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.edit.prepare import pixel_release_map, composite, prepare_exemplar, unshaped_map
from pixels_ext.imaging.images import flatten, map_to_image, open_image
from pixels_ext.maps import MapProviders
from pixels_ext.request import EditRequest, from_json, with_value

TILE, LARGE = (168, 126), (232, 174)
SIZE, STEPS = 256, 20
FOLDER = "fields"
"""Where the pictures lie, below `docs/`."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Strip:
    """One field at several values.

    `shows`: "map" (as it is used), "made" (before it is shaped and laid), "pasted" (what the edit starts from), "edit"
    (by the demo model) or "release" (when each place is released, above the edit). `path`: of the field in `request`;
    `values`: what it is set to. `captions`: in place of the values.
    """

    shows: str
    request: Json
    path: str
    values: tuple[Any, ...]
    captions: tuple[str, ...] = ()
    source: str = "beach.jpg"

    @property
    def labels(self) -> tuple[str, ...]:
        return self.captions or tuple(str(value).lower() for value in self.values)


def _one(edit_map: Any, image: str = "snow.jpg", **fields: Any) -> Json:
    return {"exemplars": [{"image": image, "edit_map": edit_map, **fields}]}


BLACK, BLOB, GROUND, CUT_OUT = "black", "map_blob_4x3.png", "map_ground_4x3.png", "cut out"
_LAID = _one(BLACK, placement={"fit": "contain", "scale": 0.6})
_GREYS = _one({"type": "linear", "start_x": 0.1, "end_x": 0.9})
_LOOK = {"source": "desert.jpg"}
_TWO = {
    "exemplars": [
        {"image": "desert.jpg", "edit_map": GROUND},
        {"image": "snow.jpg", "edit_map": {"type": "linear", "start_x": 0.7, "end_x": 0.3}},
    ]
}
_SHAPING = "exemplars[0].shaping."
_PLACEMENT = "exemplars[0].placement."
_MAP = "exemplars[0].edit_map"
_SHADE = {"black_point": 0.35, "white_point": 0.9}
_SECOND = _one(
    {"type": "linear", "start_x": 0.3, "end_x": 0.7},
    second_map={"type": "radial", "inner": 0.15, "outer": 0.5},
)


def _told(map_type: str, field: str, *values: Any, told: Json | None = None, **more: Any) -> Strip:
    """What a made map is told, at several values."""
    exemplar = {key: more.pop(key) for key in ("image", "placement", "shaping") if key in more}
    image = exemplar.pop("image", "snow.jpg")
    request = _one({"type": map_type, **(told or {})}, image=image, **exemplar)
    return Strip(more.pop("shows", "map"), request, f"{_MAP}.{field}", values, **more)


STRIPS: Mapping[str, Strip] = {
    "exemplars": Strip(
        "pasted",
        _TWO,
        "exemplars",
        (_TWO["exemplars"][:1], _TWO["exemplars"], _TWO["exemplars"][::-1]),
        ("desert", "desert, then snow on top", "snow, then desert on top"),
    ),
    "threshold": Strip("release", _GREYS, "threshold", tuple(THRESHOLDS)),
    "mode": Strip("edit", _TWO, "mode", ("single-pass", "iterative")),
    "white_means": Strip("pasted", _one(BLOB), "white_means", ("source", "exemplar")),
    "keep_white": Strip("edit", _one(GROUND), "keep_white", (False, True)),
    "image": Strip("pasted", _one(BLOB), "exemplars[0].image", ("snow.jpg", "desert.jpg", "lake_sunset.jpg")),
    "edit_map": Strip(
        "map",
        _one(BLOB),
        _MAP,
        (BLOB, GROUND, {"type": "linear"}, {"type": "radial"}),
        ("a picture", "another", "type: linear", "type: radial"),
    ),
    "second_map": Strip(
        "map", _SECOND, "exemplars[0].second_map", (None, _SECOND["exemplars"][0]["second_map"]), ("none", "radial")
    ),
    "combine": Strip("map", _SECOND, "exemplars[0].combine", ("intersect", "soft_intersect", "union", "soft_union")),
    "placement.fit": Strip(
        "pasted",
        _one(BLACK, image="seeding.jpg"),
        _PLACEMENT + "fit",
        ("cover", "contain", "stretch", "original"),
    ),
    "placement.x": Strip("pasted", _LAID, _PLACEMENT + "x", (0.3, 0.5, 0.9)),
    "placement.y": Strip("pasted", _LAID, _PLACEMENT + "y", (0.3, 0.5, 0.9)),
    "placement.scale": Strip("pasted", _LAID, _PLACEMENT + "scale", (0.3, 0.6, 0.9, 1.5)),
    "placement.rotation": Strip("pasted", _LAID, _PLACEMENT + "rotation", (-30, 0, 15, 90)),
    "placement.flip": Strip("pasted", _LAID, _PLACEMENT + "flip", (False, True)),
    "shaping.invert": Strip("map", _one(BLOB), _SHAPING + "invert", (False, True)),
    "shaping.black_point": Strip("map", _GREYS, _SHAPING + "black_point", (0, 0.02, 0.3, 0.6)),
    "shaping.white_point": Strip("map", _GREYS, _SHAPING + "white_point", (1, 0.98, 0.7, 0.4)),
    "shaping.gamma": Strip("map", _GREYS, _SHAPING + "gamma", (0.3, 1, 3)),
    "shaping.grow": Strip("map", _one(BLOB), _SHAPING + "grow", (-10, 0, 5, 15)),
    "shaping.blur": Strip("map", _one({"type": "shape", "image": BLOB, "feather": 0}), _SHAPING + "blur", (0, 2, 8)),
    "shaping.limit": Strip("map", _one(BLOB), _SHAPING + "limit", (1, 0.7, 0.4)),
    "image.image": _told("image", "image", BLOB, GROUND, told={"image": BLOB}, captions=("this", "or that")),
    "image.channel": _told(
        "image", "channel", "grey", "alpha", told={"image": CUT_OUT}, captions=("gray", "alpha, of the same picture")
    ),
    "shape.shape_of": _told(
        "shape",
        "shape_of",
        "image",
        "exemplar",
        "inpaint_mask",
        told={"image": GROUND},
        image=CUT_OUT,
        placement={"fit": "contain", "scale": 0.7},
        shows="made",
    ),
    "shape.image": _told("shape", "image", BLOB, GROUND, told={"image": BLOB}, captions=("of this", "or of that")),
    "shape.offset": _told("shape", "offset", -15, 0, 15, told={"image": BLOB}),
    "shape.feather": _told("shape", "feather", 0, 4, 20, told={"image": BLOB}),
    "linear.start_x": _told("linear", "start_x", 0, 0.3, 0.6),
    "linear.start_y": _told("linear", "start_y", 0, 0.5, 1),
    "linear.end_x": _told("linear", "end_x", 0.4, 0.7, 1),
    "linear.end_y": _told("linear", "end_y", 0, 0.5, 1),
    "radial.center_x": _told("radial", "center_x", 0.2, 0.5, 0.8),
    "radial.center_y": _told("radial", "center_y", 0.2, 0.5, 0.8),
    "radial.inner": _told("radial", "inner", 0, 0.25, 0.45),
    "radial.outer": _told("radial", "outer", 0.3, 0.5, 1),
    "brightness.input": _told("brightness", "input", "source", "exemplar", shaping=_SHADE),
    "brightness.equalize": _told("brightness", "equalize", False, True),
    "brightness.posterize": _told("brightness", "posterize", 0, 2, 3, 5),
    "difference.max_difference": _told("difference", "max_difference", 10, 30, 80),
    "difference.smoothing": _told("difference", "smoothing", 0, 1, 8),
}
"""By the path below the exemplar, or by the map's source and the field's name."""
WITHOUT: Mapping[str, str] = {
    "substep_release": "no difference is to be seen with the demo model; [what is measured](few-steps.md)",
    "run_under_scripts": "about other scripts",
    "exemplars[].threshold": "as [the edit's](#threshold-threshold)",
    "placement": "see below",
    "shaping": "see below",
    "second_shaping": "as the first map's",
    "depth.of": "needs a model's weights",
    "words.words": "needs a model's weights",
    "words.of": "needs a model's weights",
    "words.certainty": "needs a model's weights",
}
"""The fields that have no strip, and why."""


def opened(name: str) -> Image.Image:
    """A picture of the demo's by its file name, or one of those that are made here."""
    if name == BLACK:
        return Image.new("L", (4, 3))
    if name == CUT_OUT:
        picture = opened("snow.jpg")
        picture.putalpha(ImageOps.invert(opened(BLOB)))
        return picture
    return open_image(demo.IMAGES / name)


def make_strips(folder: Path) -> None:
    """All of `STRIPS`, each a file."""
    editor = Editor.load(str(demo.MODEL))
    editor.family.configure_progress_bar("", quiet=True)
    for key, each in STRIPS.items():
        save(_drawn(each, editor), folder / f"{file_name(key)}.jpg")


def file_name(key: str) -> str:
    """The picture's name without its ending."""
    return key.replace(".", "-")


def request_at(each: Strip, value: Any) -> EditRequest:
    """The strip's request with its field at this value."""
    if each.path == "exemplars":
        return from_json({"exemplars": value}, opened)
    return from_json(with_value(each.request, each.path, value), opened)


def _drawn(each: Strip, editor: Editor) -> Image.Image:
    requests = [request_at(each, value) for value in each.values]
    source = flatten(opened(each.source))

    def row(shows: str) -> Image.Image:
        pictures = (_shown(shows, request, source, editor) for request in requests)
        tile = LARGE if shows == "edit" and len(requests) < 4 else TILE
        return strip(list(zip(each.labels, pictures, strict=True)), tile)

    return stack_rows([row("release"), row("edit")]) if each.shows == "release" else row(each.shows)


def _shown(shows: str, request: EditRequest, source: Image.Image, editor: Editor) -> Image.Image:
    if shows == "edit":
        settings = Settings(strength=0.6, steps=STEPS, seed=1, size=SIZE)
        return editor.edit(source, request, settings).image
    means = MapProviders(inpaint_mask=ImageOps.invert(opened(BLOB)).resize(source.size))
    if shows == "made":
        return map_to_image(unshaped_map(request, 0, "edit_map", source, means))
    ready = [prepare_exemplar(request, index, source, source, means) for index in range(len(request.exemplars))]
    if shows == "pasted":
        return composite(source, ready, STEPS)
    return map_to_image(ready[0].edit_map if shows == "map" else pixel_release_map(ready, STEPS))


def one_thread() -> None:
    """More only wait for each other on a model of this size."""
    torch.set_num_threads(1)
