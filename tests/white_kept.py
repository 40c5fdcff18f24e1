"""What "keep white pixels" does to a picture, in numbers and on a sheet: `python tests/white_kept.py --out FOLDER`.

Eight edits with the demo model, each as the paper has it, with the source's white put back, and with the colours of the
edit also matched to the source along the white. About five minutes on one core.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch
from demo_bench import SIZE, held_out
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pixels_ext.compositing import white_weight, with_white_kept
from pixels_ext.greys import blurred
from pixels_ext.maps import Means
from pixels_ext.pictures import map_picture, open_picture
from pixels_ext.preparing import combined_release, prepared
from pixels_ext.request import EditRequest, Exemplar
from pixels_ext.standalone import Editor, Settings, demo
from pixels_ext.standalone.canvas import Padding, on_white, to_picture

Array = NDArray[np.float32]
_COARSE = 4.0
"""Standard deviation in pixels of what the eye takes for colour."""


def circle(blur: float) -> Image.Image:
    """White with a black disc; `blur` in pixels."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE - 0.5
    disc = np.where(np.hypot(x, y) < 0.28, 0, 1).astype(np.float32)
    return map_picture(blurred(disc, blur))


def inputs() -> list[tuple[Image.Image, Image.Image, Image.Image]]:
    """Source, exemplar and map of every edit: photographs and scenes, soft maps and hard ones."""
    names = (
        ("aitzgorri.jpg", "sunset.jpg", "map_sky_aitzgorri.png"),
        ("beach.jpg", "snow.jpg", "map_left_to_right_4x3.png"),
        ("desert.jpg", "lake_sunset.jpg", "map_blob_4x3.png"),
        ("picosdeeuropa.jpg", "aitzgorri.jpg", "map_left_to_right_4x3.png"),
    )
    shipped = [tuple(open_picture(demo.PICTURES / name) for name in row) for row in names]
    source, exemplar, edit_map = shipped[3]
    shipped[3] = source, exemplar, edit_map.resize(source.size)
    scenes = [Image.fromarray(picture) for picture in held_out(8, 200)]
    drawn = [(scenes[i], scenes[i + 4], circle(blur)) for i, blur in enumerate((0.0, 0.0, 12.0, 30.0))]
    return [*shipped, *drawn]


def coarse(values: Array) -> Array:
    return cv2.GaussianBlur(values, (0, 0), _COARSE, borderType=cv2.BORDER_REPLICATE).astype(np.float32)


def off(values: Array, own: Array, place: NDArray[np.bool_]) -> float:
    """By how much colours differ from the source's in a place where they should be the same; greys, mean."""
    return float(np.abs(coarse(values - own))[place].mean())


def step(values: Array, place: NDArray[np.bool_]) -> float:
    """Mean size of the slope of a picture in a place, after what is finer than colour is smoothed; greys a pixel."""
    down, across = np.gradient(coarse(values), axis=(0, 1))
    return float(np.hypot(down, across)[place].mean())


def main() -> None:
    """Prints the numbers of each edit and writes the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    editor = Editor.load(str(demo.MODEL), "cpu", "fp32")
    editor.family.show_progress("", quiet=True)
    settings = Settings(strength=0.6, steps=20, seed=1, size=SIZE)
    rows = []
    for source, exemplar, edit_map in inputs():
        request = EditRequest(exemplars=(Exemplar(image=exemplar, edit_map=edit_map),))
        edit = editor.edit(source, request, settings).picture
        canvas = on_white(source, edit.size)
        release = combined_release([prepared(request, 0, canvas, canvas, Means())], settings.steps_run)
        matching = with_white_kept(edit, canvas, release)
        weight = white_weight(release)
        own, plain, matched = (np.asarray(picture, dtype=np.float32) for picture in (canvas, edit, matching))
        put_back = plain + (own - plain) * weight[..., None]
        padding = Padding(canvas.size, editor.family.multiple, editor.family.cell)
        with torch.inference_mode():
            through = padding.cropped(to_picture(editor.family.decode(editor.family.encode(padding.picture(canvas)))))
        core, rim = weight == 1, (weight < 1) & (release >= 1)
        passed = np.asarray(through, dtype=np.float32)
        print(
            f"white equal in the core: {bool((matched[core] == own[core]).all())}, {core.mean():.0%} of the picture;",
            f"as the paper {10 * np.log10(255**2 / np.square(plain - own)[core].mean()):.1f} dB there;",
            f"autoencoder alone, mean of the white: {np.round((passed - own)[release >= 1].mean(0), 1)};",
            *(
                f"{name}: slope {step(values, rim):.2f}, off {off(values, own, rim):.2f};"
                for name, values in (("source", own), ("paper", plain), ("kept", put_back), ("matched", matched))
            ),
            flush=True,
        )
        kept = Image.fromarray((put_back + 0.5).astype(np.uint8))
        rows.append([canvas, on_white(exemplar, edit.size), on_white(edit_map, edit.size), edit, kept, matching])
    sheet(rows).save(out / "white.png")


def sheet(rows: list[list[Image.Image]]) -> Image.Image:
    height = max(row[0].height for row in rows)
    made = Image.new("RGB", (SIZE * len(rows[0]), 16 + height * len(rows)), "white")
    draw = ImageDraw.Draw(made)
    for column, word in enumerate(
        ("source", "exemplar", "map", "as the paper", "white put back", "and colours matched")
    ):
        draw.text((column * SIZE + 4, 2), word, fill="black")
    for number, row in enumerate(rows):
        for column, picture in enumerate(row):
            made.paste(picture, (column * SIZE, 16 + number * height))
    return made


if __name__ == "__main__":
    main()
