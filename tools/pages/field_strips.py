"""What each field does, as a strip of images: the same request with a few values of one field."""

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
from pixels_ext.edit.prepare import composite, pixel_release_map, prepare_exemplar, unshaped_map
from pixels_ext.imaging.images import flatten, map_to_image, open_image
from pixels_ext.maps import MapProviders
from pixels_ext.request import EditRequest, from_json, with_value

TILE, LARGE = (168, 126), (232, 174)
SIZE, STEPS = 256, 20
FOLDER = "fields"
"""Where the images are, below `docs/`."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Strip:
    """One field at several values.

    `shows`: "map" (as it is used), "made" (before it is adjusted and placed), "pasted" (what the edit starts from),
    "edit" (by the demo model) or "release" (when each pixel is unlocked, above the edit). `path`: of the field in
    `request`; `values`: what it is set to. `captions`: in place of the values.
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
_WIDE: Json = {"type": "linear", "start_x": 0.1, "end_x": 0.9}
_GRAYS = _one(_WIDE)
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


def _map_strip(map_type: str, field: str, *values: Any, options: Json | None = None, **more: Any) -> Strip:
    """A strip of a generated map at several values of one of its fields."""
    exemplar = {key: more.pop(key) for key in ("image", "placement", "shaping") if key in more}
    image = exemplar.pop("image", "snow.jpg")
    request = _one({"type": map_type, **(options or {})}, image=image, **exemplar)
    return Strip(more.pop("shows", "map"), request, f"{_MAP}.{field}", values, **more)


STRIPS: Mapping[str, Strip] = {
    "exemplars": Strip(
        "pasted",
        _TWO,
        "exemplars",
        (_TWO["exemplars"][:1], _TWO["exemplars"], _TWO["exemplars"][::-1]),
        ("desert", "desert, then snow on top", "snow, then desert on top"),
    ),
    "threshold": Strip("release", _GRAYS, "threshold", tuple(THRESHOLDS)),
    "mode": Strip("edit", _TWO, "mode", ("single-pass", "iterative")),
    "white_means": Strip("pasted", _one(BLOB), "white_means", ("source", "exemplar")),
    "keep_white": Strip("edit", _one(GROUND), "keep_white", (False, True)),
    "image": Strip("pasted", _one(BLOB), "exemplars[0].image", ("snow.jpg", "desert.jpg", "lake_sunset.jpg")),
    "edit_map": Strip(
        "map",
        _one(BLOB),
        _MAP,
        (BLOB, GROUND, {"type": "linear"}, {"type": "radial"}),
        ("an image", "another", "type: linear", "type: radial"),
    ),
    "hold": Strip("release", _one(GROUND), "exemplars[0].hold", (0, 0.5, 1)),
    "lay_up_to": Strip("release", _one(_WIDE, hold=0.7), "exemplars[0].lay_up_to", (0, 0.3, 0.5, 0.8)),
    "seam_width": Strip("release", _one(GROUND, hold=1), "exemplars[0].seam_width", (0, 3, 6, 15)),
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
    "shaping.black_point": Strip("map", _GRAYS, _SHAPING + "black_point", (0, 0.02, 0.3, 0.6)),
    "shaping.white_point": Strip("map", _GRAYS, _SHAPING + "white_point", (1, 0.98, 0.7, 0.4)),
    "shaping.gamma": Strip("map", _GRAYS, _SHAPING + "gamma", (0.3, 1, 3)),
    "shaping.grow": Strip("map", _one(BLOB), _SHAPING + "grow", (-10, 0, 5, 15)),
    "shaping.blur": Strip("map", _one({"type": "shape", "image": BLOB, "feather": 0}), _SHAPING + "blur", (0, 2, 8)),
    "shaping.limit": Strip("release", _one(BLOB), _SHAPING + "limit", (1, 0.7, 0.4, 0)),
    "image.image": _map_strip("image", "image", BLOB, GROUND, options={"image": BLOB}, captions=("this", "or that")),
    "image.channel": _map_strip(
        "image", "channel", "gray", "alpha", options={"image": CUT_OUT}, captions=("gray", "alpha, of the same image")
    ),
    "shape.shape_of": _map_strip(
        "shape",
        "shape_of",
        "image",
        "exemplar",
        "inpaint_mask",
        options={"image": GROUND},
        image=CUT_OUT,
        placement={"fit": "contain", "scale": 0.7},
        shows="made",
    ),
    "shape.image": _map_strip(
        "shape", "image", BLOB, GROUND, options={"image": BLOB}, captions=("of this", "or of that")
    ),
    "shape.offset": _map_strip("shape", "offset", -15, 0, 15, options={"image": BLOB}),
    "shape.feather": _map_strip("shape", "feather", 0, 4, 20, options={"image": BLOB}),
    "linear.start_x": _map_strip("linear", "start_x", 0, 0.3, 0.6),
    "linear.start_y": _map_strip("linear", "start_y", 0, 0.5, 1),
    "linear.end_x": _map_strip("linear", "end_x", 0.4, 0.7, 1),
    "linear.end_y": _map_strip("linear", "end_y", 0, 0.5, 1),
    "radial.center_x": _map_strip("radial", "center_x", 0.2, 0.5, 0.8),
    "radial.center_y": _map_strip("radial", "center_y", 0.2, 0.5, 0.8),
    "radial.inner": _map_strip("radial", "inner", 0, 0.25, 0.45),
    "radial.outer": _map_strip("radial", "outer", 0.3, 0.5, 1),
    "brightness.input": _map_strip("brightness", "input", "source", "exemplar", shaping=_SHADE),
    "brightness.equalize": _map_strip("brightness", "equalize", False, True),
    "brightness.posterize": _map_strip("brightness", "posterize", 0, 2, 3, 5),
    "difference.max_difference": _map_strip("difference", "max_difference", 10, 30, 80),
    "difference.smoothing": _map_strip("difference", "smoothing", 0, 1, 8),
}
"""By the path below the exemplar, or by the map's type and the field's name."""
WITHOUT: Mapping[str, str] = {
    "substep_release": "no visible difference with the demo model; see [the measurements](few-steps.md)",
    "run_under_scripts": "about other scripts",
    "exemplars[].threshold": "as [the edit's](#threshold-threshold)",
    "placement": "see below",
    "shaping": "see below",
    "second_shaping": "as the first map's",
    "depth.input": "needs a model's weights",
    "text.prompt": "needs a model's weights",
    "text.input": "needs a model's weights",
    "text.confidence": "needs a model's weights",
}
"""The fields that have no strip, and why."""


def opened(name: str) -> Image.Image:
    """An image of the demo's by its file name, or one of those that are made here."""
    if name == BLACK:
        return Image.new("L", (4, 3))
    if name == CUT_OUT:
        image = opened("snow.jpg")
        image.putalpha(ImageOps.invert(opened(BLOB)))
        return image
    return open_image(demo.IMAGES / name)


def make_strips(folder: Path) -> None:
    """All of `STRIPS`, each a file."""
    editor = Editor.load(str(demo.MODEL))
    editor.family.configure_progress_bar("", quiet=True)
    for key, each in STRIPS.items():
        save(_drawn(each, editor), folder / f"{file_name(key)}.jpg")


def file_name(key: str) -> str:
    """The image's name without its ending."""
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
        images = (_shown(shows, request, source, editor) for request in requests)
        tile = LARGE if shows == "edit" and len(requests) < 4 else TILE
        return strip(list(zip(each.labels, images, strict=True)), tile)

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
