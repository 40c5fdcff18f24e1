"""`python -m pixels_ext maps`: every map type on the bundled images, with the edit it makes."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from pixels_ext import demo
from pixels_ext.cli.contact_sheet import captioned_row, stack_rows
from pixels_ext.cli.outputs import OutputFiles, check_outputs, make_folder
from pixels_ext.diffusers_host.editor import Editor
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.edit.prepare import prepare_exemplar
from pixels_ext.errors import RequestError
from pixels_ext.imaging.images import flatten, map_to_image, open_image
from pixels_ext.maps import MAP_TYPES, MapProviders, MapSpec, VisionProvider
from pixels_ext.request import EditRequest, Exemplar, Shaping

SIZE = 256
_SHAPINGS = {"brightness": Shaping(black_point=0.4, white_point=0.9)}
"""Images are rarely black, and only black areas become the exemplar entirely."""


@dataclass(frozen=True)
class ImagePair:
    """File names in `demo.IMAGES` of a source, an exemplar and a map of the area to edit; the prompt of the edit, and
    the prompt of a text map."""

    source: str
    exemplar: str
    area: str
    prompt: str
    map_prompt: str


PAIRS = (
    ImagePair("aitzgorri.jpg", "sunset.jpg", "map_sky_aitzgorri.png", "a meadow at sunset", "the sky"),
    ImagePair("beach.jpg", "snow.jpg", "map_ground_4x3.png", "a winter landscape", "the beach"),
    ImagePair("desert.jpg", "lake_sunset.jpg", "map_blob_4x3.png", "a lake in the desert", "the sand"),
)
_MAP_FIELDS: dict[str, dict[str, Any]] = {
    "image": {"image": None},
    "shape": {"image": None, "offset": 5, "feather": 10},
    "brightness": {"equalize": True},
    "text": {"prompt": None},
}
"""Fields of map types whose defaults are not enough. `None` stands for a value of the image pair."""


def write_map_sheets(name: str, vision: VisionProvider, outputs: OutputFiles) -> None:
    """Write a sheet per image pair to the folder `name`, through `outputs`. It has a row per map type with the map, the
    composite and the demo model's edit; a row says so when its map needs a model that is not available. Raises
    `RequestError` if the folder is not writable."""
    folder = make_folder("out", name)
    files = [str(folder / f"maps-{Path(pair.source).stem}.jpg") for pair in PAIRS]
    inputs = [("the demo", str(file)) for file in (demo.MODEL, *demo.IMAGES.iterdir())]
    check_outputs([("out", file) for file in files], inputs)
    editor = Editor.load(str(demo.MODEL))
    editor.family.configure_progress_bar("", quiet=True)
    for pair, file in zip(PAIRS, files, strict=True):
        sheet = stack_rows([_row(editor, pair, model, vision) for model in MAP_TYPES])
        outputs.save("--out", file, sheet, quality=75)


def _row(editor: Editor, pair: ImagePair, model: type[MapSpec], vision: VisionProvider) -> Image.Image:
    source, exemplar, area = (open_image(demo.IMAGES / name) for name in (pair.source, pair.exemplar, pair.area))
    if model.map_type == "transparency":
        exemplar = _cut_out_ellipse(exemplar)
    pair_values = {"image": area, "prompt": pair.map_prompt}
    fields = {name: pair_values.get(name, value) for name, value in _MAP_FIELDS.get(model.map_type, {}).items()}
    request = EditRequest(
        exemplars=(
            Exemplar(image=exemplar, edit_map=model(**fields), shaping=_SHAPINGS.get(model.map_type, Shaping())),
        )
    )
    settings = Settings(prompt=pair.prompt, strength=0.6, steps=20, seed=1, size=SIZE)
    editor.map_providers = MapProviders(inpaint_mask=area.point(lambda value: 255 - value), vision=vision)
    tiles = [(model.title, source), ("exemplar", exemplar.convert("RGBA"))]
    try:
        canvas = editor.composite(source, request, settings)
        small = source.convert("RGB").resize(canvas.size, Image.Resampling.LANCZOS)
        edit_map = prepare_exemplar(request, 0, small, small, editor.map_providers).edit_map
        edit = editor.edit(source, request, settings).image
        tiles += [("map: white keeps the source", map_to_image(edit_map)), ("composite", canvas), ("PIXELS", edit)]
    except RequestError as error:
        note = Image.new("RGB", (SIZE, SIZE), "white")
        ImageDraw.Draw(note).multiline_text(
            (4, 4), "needs a model:\n" + textwrap.fill(error.expected, 38), fill="black"
        )
        tiles += [("not available", note), *2 * [("", Image.new("RGB", (1, 1), "white"))]]
    return captioned_row([(caption, flatten(tile)) for caption, tile in tiles], (SIZE, SIZE * 3 // 4))


def _cut_out_ellipse(image: Image.Image) -> Image.Image:
    """The image with everything transparent but an ellipse in its center."""
    alpha = Image.new("L", image.size, 0)
    width, height = image.size
    ImageDraw.Draw(alpha).ellipse([width // 5, height // 5, width * 4 // 5, height * 4 // 5], fill=255)
    image = image.convert("RGBA")
    image.putalpha(alpha)
    return image
