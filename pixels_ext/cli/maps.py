"""`python -m pixels_ext maps`: every way of making a map on the pictures that come along, with what it edits."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from pixels_ext import demo
from pixels_ext.cli.contact_sheet import overview, stacked
from pixels_ext.cli.outputs import Outputs, check_outputs, usable_folder
from pixels_ext.diffusers_host.editor import Editor
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.edit.prepare import prepare_exemplar
from pixels_ext.errors import RequestError
from pixels_ext.imaging.images import flatten, map_to_image, open_image
from pixels_ext.maps import MAP_TYPES, MapSpec, MapProviders, VisionProvider
from pixels_ext.request import EditRequest, Exemplar, Shaping

SIZE = 256
_SHAPED = {"brightness": Shaping(black_point=0.4, white_point=0.9)}
"""Pictures are rarely black, and only what is black is pasted."""


@dataclass(frozen=True)
class Pair:
    """A source and an exemplar by their file names in `demo.IMAGES`, a map of the place that is to be edited, what
    the result shows, and words for what is to be found."""

    source: str
    exemplar: str
    place: str
    prompt: str
    words: str


PAIRS = (
    Pair("aitzgorri.jpg", "sunset.jpg", "map_sky_aitzgorri.png", "a meadow at sunset", "the sky"),
    Pair("beach.jpg", "snow.jpg", "map_ground_4x3.png", "a winter landscape", "the beach"),
    Pair("desert.jpg", "lake_sunset.jpg", "map_blob_4x3.png", "a lake in the desert", "the sand"),
)
_TOLD: dict[str, dict[str, Any]] = {
    "image": {"image": None},
    "shape": {"image": None, "offset": 5, "feather": 10},
    "brightness": {"equalize": True},
    "text": {"prompt": None},
}
"""What a way of making a map is told where its defaults are not enough; the pair has what is `None`."""


def make_sheets(name: str, vision: VisionProvider, outputs: Outputs) -> None:
    """Write one sheet for each pair into the folder `name`, by `outputs`: a row for each way of making a map, with the
    map, the exemplar merely pasted, and the demo model's edit. What needs a model that cannot be had says so in its
    row. Raises `RequestError` if nothing can be written there."""
    folder = usable_folder("out", name)
    files = [str(folder / f"maps-{Path(pair.source).stem}.jpg") for pair in PAIRS]
    shipped = [("the demo", str(file)) for file in (demo.MODEL, *demo.IMAGES.iterdir())]
    check_outputs([("out", file) for file in files], shipped)
    editor = Editor.load(str(demo.MODEL))
    editor.family.show_progress("", quiet=True)
    for pair, file in zip(PAIRS, files, strict=True):
        sheet = stacked([_row(editor, pair, model, vision) for model in MAP_TYPES])
        outputs.save("--out", file, sheet, quality=75)


def _row(editor: Editor, pair: Pair, model: type[MapSpec], vision: VisionProvider) -> Image.Image:
    source, exemplar, place = (open_image(demo.IMAGES / name) for name in (pair.source, pair.exemplar, pair.place))
    if model.map_type == "transparency":
        exemplar = _cut_out(exemplar)
    known = {"image": place, "prompt": pair.words}
    told = {name: known.get(name, value) for name, value in _TOLD.get(model.map_type, {}).items()}
    request = EditRequest(
        exemplars=(Exemplar(image=exemplar, edit_map=model(**told), shaping=_SHAPED.get(model.map_type, Shaping())),)
    )
    settings = Settings(prompt=pair.prompt, strength=0.6, steps=20, seed=1, size=SIZE)
    editor.means = MapProviders(inpaint_mask=place.point(lambda value: 255 - value), vision=vision)
    tiles = [(model.title, source), ("exemplar", exemplar.convert("RGBA"))]
    try:
        canvas = editor.composite(source, request, settings)
        small = source.convert("RGB").resize(canvas.size, Image.Resampling.LANCZOS)
        edit_map = prepare_exemplar(request, 0, small, small, editor.means).edit_map
        edit = editor.edit(source, request, settings).picture
        tiles += [("map: white keeps the source", map_to_image(edit_map)), ("pasted", canvas), ("PIXELS", edit)]
    except RequestError as error:
        words = Image.new("RGB", (SIZE, SIZE), "white")
        ImageDraw.Draw(words).multiline_text(
            (4, 4), "needs a model:\n" + textwrap.fill(error.expected, 38), fill="black"
        )
        tiles += [("not made", words), *2 * [("", Image.new("RGB", (1, 1), "white"))]]
    return overview([(caption, flatten(tile)) for caption, tile in tiles], (SIZE, SIZE * 3 // 4))


def _cut_out(picture: Image.Image) -> Image.Image:
    """The picture with everything but an ellipse in its middle transparent."""
    alpha = Image.new("L", picture.size, 0)
    width, height = picture.size
    ImageDraw.Draw(alpha).ellipse([width // 5, height // 5, width * 4 // 5, height * 4 // 5], fill=255)
    picture = picture.convert("RGBA")
    picture.putalpha(alpha)
    return picture
