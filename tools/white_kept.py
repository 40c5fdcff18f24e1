"""What "keep white pixels" does to an image, in numbers and on sheets.

    python tasks.py white_kept --out FOLDER

Twenty edits with the demo model: eight with photographs, soft maps and two hard discs, and twelve with the shapes of
`hard_maps`. Each as the paper has it, with the source's white put back ("kept"), and with the colors of the edit also
matched to the source along the white ("matched"). About three minutes on one core.

All is measured where the change-over lies, in the first 8 pixels of the white at this size, so that all ways are
measured in the same place. Slopes are in grays a pixel, and along the normal of the map's edge: what lies across the
edge, as a step does, not along it. `colors`: of images smoothed by 4 pixels; `edge`: by 1 pixel, so that a narrow
step is seen. `added` is how much steeper an image is than source and paper both, summed on the way across the edge:
the grays of a step that putting back made. `tint`: by how many grays matching moves what is black.
"""

from __future__ import annotations

import argparse
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import cv2
import numpy as np
import torch
from demo_batch import SIZE, held_out
from helpers.hard_maps import hard_maps
from markdown_table import table
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pixels_ext import demo
from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.diffusers_host.canvas import Padding, source_canvas, to_image
from pixels_ext.edit.prepare import pixel_source_release, prepare_exemplar
from pixels_ext.imaging.images import map_to_image, open_image
from pixels_ext.imaging.mask_ops import Map, gaussian_blur, signed_distance
from pixels_ext.imaging.restore_source import SourceRestorer, feather, restore_weight
from pixels_ext.maps import MapProviders
from pixels_ext.request import EditRequest, Exemplar

Array = NDArray[np.float32]
_COLOR, _EDGE = 4.0, 1.0
"""Standard deviations in pixels: of what the eye takes for color, and of what it takes for one edge."""
_WAYS = ("source", "paper", "kept", "matched")
_SHOWN = ("source", "exemplar", "map", "as the paper", "white put back", "and colors matched")


@dataclass(frozen=True)
class Measured:
    """One edit in numbers; lists go through `_WAYS`."""

    core: float
    paper_db: float
    autoencoder: list[float]
    off: list[float]
    colors: list[float]
    edge: list[float]
    added: list[float]
    tint: float


def circle(blur: float) -> Image.Image:
    """White with a black disc; `blur` in pixels."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE - 0.5
    disc = np.where(np.hypot(x, y) < 0.28, 0, 1).astype(np.float32)
    return map_to_image(gaussian_blur(disc, blur))


def inputs() -> list[tuple[Image.Image, Image.Image, Image.Image]]:
    """Source, exemplar and map of every edit: photographs and scenes, soft maps and hard ones."""
    names = (
        ("aitzgorri.jpg", "sunset.jpg", "map_sky_aitzgorri.png"),
        ("beach.jpg", "snow.jpg", "map_left_to_right_4x3.png"),
        ("desert.jpg", "lake_sunset.jpg", "map_blob_4x3.png"),
        ("picosdeeuropa.jpg", "aitzgorri.jpg", "map_left_to_right_4x3.png"),
    )
    shipped = [tuple(open_image(demo.IMAGES / name) for name in row) for row in names]
    source, exemplar, edit_map = shipped[3]
    shipped[3] = source, exemplar, edit_map.resize(source.size)
    scenes = [Image.fromarray(image) for image in held_out(8, 200)]
    drawn = [(scenes[i], scenes[i + 4], circle(blur)) for i, blur in enumerate((0.0, 0.0, 12.0, 30.0))]
    shapes = hard_maps()
    scenes = [Image.fromarray(image) for image in held_out(2 * len(shapes), 300)]
    return [*shipped, *drawn, *zip(scenes, scenes[len(shapes) :], shapes, strict=False)]


def smoothed(values: Array, sigma: float) -> Array:
    """A Gaussian blur of `sigma` pixels."""
    return cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE).astype(np.float32)


def across(values: Array, depth: Map, sigma: float) -> Map:
    """Slope of an image along the normal of the map's edge, grays a pixel; `depth`: distance to that edge."""
    normal = np.stack(np.gradient(smoothed(depth, 2)))
    normal /= np.maximum(np.hypot(*normal), 1e-6)
    slopes = np.stack(np.gradient(smoothed(values, sigma), axis=(0, 1)))
    return np.abs((slopes * normal[..., None]).sum(0)).mean(-1)


def measured(canvas: Array, through: Array, edit: Array, kept: Array, matched: Array, release: Map) -> Measured:
    """Images `[H, W, 3]` in grays; `through`: the source through the autoencoder alone."""
    depth, width, core = signed_distance(release >= 1), feather(release.shape), restore_weight(release) == 1
    assert (matched[core] == canvas[core]).all()
    place, way = (depth >= 0) & (depth < width), (depth >= -width) & (depth < 2 * width)
    ways = (canvas, edit, kept, matched)
    slopes = [across(values, depth, _EDGE) for values in ways]
    steeper = np.maximum(*slopes[:2])
    return Measured(
        core.mean(),
        10 * np.log10(255**2 / np.square(edit - canvas)[core].mean()),
        list((through - canvas)[release >= 1].mean(0)),
        [np.abs(smoothed(values - canvas, _COLOR))[place].mean() for values in ways],
        [across(values, depth, _COLOR)[place].mean() for values in ways],
        [slope[place].mean() for slope in slopes],
        [3 * width * np.maximum(0, slope - steeper)[way].mean() for slope in slopes],
        np.abs(matched - edit)[release <= 0].mean() if (release <= 0).any() else 0.0,
    )


def main() -> None:
    """Prints the numbers of each edit and writes the sheets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    editor = Editor.load(str(demo.MODEL), "cpu", "fp32")
    editor.family.configure_progress_bar("", quiet=True)
    settings = Settings(strength=0.6, steps=20, seed=1, size=SIZE)
    shown, numbers = [], []
    for source, exemplar, edit_map in inputs():
        request = EditRequest(exemplars=(Exemplar(image=exemplar, edit_map=edit_map),))
        edit = editor.edit(source, request, settings).image
        canvas = source_canvas(source, edit.size)
        release = pixel_source_release(
            [prepare_exemplar(request, 0, canvas, canvas, MapProviders())], settings.steps_run
        )
        matched = SourceRestorer(canvas, release)(edit)
        padding = Padding(canvas.size, editor.family.size_multiple, editor.family.vae_scale_factor)
        with torch.inference_mode():
            through = padding.crop(to_image(editor.family.decode(editor.family.encode(padding.image_tensor(canvas)))))
        own, passed, plain, last = (np.asarray(each, dtype=np.float32) for each in (canvas, through, edit, matched))
        put_back = plain + (own - plain) * restore_weight(release)[..., None]
        numbers.append(measured(own, passed, plain, put_back, last, release))
        kept = Image.fromarray((put_back + 0.5).astype(np.uint8))
        shown.append(
            [canvas, source_canvas(exemplar, edit.size), source_canvas(edit_map, edit.size), edit, kept, matched]
        )
    print(report(numbers))
    for first in range(0, len(shown), 4):
        sheet(shown[first : first + 4]).save(out / f"white-{first}.png")


def report(numbers: list[Measured]) -> str:
    """A row for each edit, and how many of them are no steeper than what."""
    rows = [[str(row), *(_text(value) for value in astuple(each))] for row, each in enumerate(numbers)]
    lines = [table(["", *(field.name for field in fields(Measured))], rows), "", f"Lists: {', '.join(_WAYS)}."]
    for name in ("colors", "edge"):
        for number, way in enumerate(_WAYS[1:], start=1):
            slopes = [getattr(each, name) for each in numbers]
            source, both = (sum(s[number] <= 1.05 * max(s[:limit]) for s in slopes) for limit in (1, 2))
            lines.append(f"{name}, {way}: within 5 % of the source's in {source}, of source's or paper's in {both}")
    return "\n".join(lines)


def _text(value: float | list[float]) -> str:
    return " ".join(f"{each:.2f}" for each in value) if isinstance(value, list) else f"{value:.2f}"


def sheet(rows: list[list[Image.Image]]) -> Image.Image:
    """A contact sheet: a row for each edit, with the columns of `_SHOWN`."""
    height = max(row[0].height for row in rows)
    made = Image.new("RGB", (SIZE * len(_SHOWN), 16 + height * len(rows)), "white")
    draw = ImageDraw.Draw(made)
    for column, word in enumerate(_SHOWN):
        draw.text((column * SIZE + 4, 2), word, fill="black")
    for number, row in enumerate(rows):
        for column, image in enumerate(row):
            made.paste(image, (column * SIZE, 16 + number * height))
    return made


if __name__ == "__main__":
    main()
