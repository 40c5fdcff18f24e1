"""Twelve edits beside what else one could do with the same images, shuffled and unnamed: to be judged by eye.

    python tools/blind_comparison.py --model FOLDER --out SHEETS

Writes a sheet for each edit, on which a letter stands for the method, and `key.json`, which tells which. Write down
which letter you prefer on every sheet before you open the key.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from pixels_ext.maps import Means
from pixels_ext.pictures import flattened, map_picture, open_picture
from pixels_ext.preparing import composite, prepared
from pixels_ext.request import EditRequest, from_json
from pixels_ext.standalone import Editor, Settings, demo
from pixels_ext.standalone.canvas import on_white, working_size
from pixels_ext.standalone.overview import overview, stacked

STEPS = 30
LEVELS_OF_A_MASK = {"black_point": 0.499, "white_point": 0.501}


@dataclass(frozen=True)
class Edit:
    """Names of the demo's images, an edit map as a request has it, and what goes to the sampler."""

    source: str
    exemplar: str
    edit_map: Any
    prompt: str
    strength: float = 0.6
    placement: tuple[tuple[str, Any], ...] = ()

    def request(self, **shaping: float) -> EditRequest:
        """The request; with `shaping`, of another map than the edit's own."""
        exemplar = {"image": self.exemplar, "edit_map": self.edit_map, "placement": dict(self.placement)}
        whole = {"exemplars": [{**exemplar, "shaping": shaping}], "keep_white": True}
        return from_json(whole, lambda name: open_picture(demo.PICTURES / name))


def _ramp(start_x: float, end_x: float) -> dict[str, Any]:
    return {"source": "linear", "start_x": start_x, "end_x": end_x}


def _down(start_y: float, end_y: float) -> dict[str, Any]:
    return {"source": "linear", "start_x": 0.5, "end_x": 0.5, "start_y": start_y, "end_y": end_y}


GROUND, SKY, BLOB = "map_ground_4x3.png", "map_sky_aitzgorri.png", "map_blob_4x3.png"
EDITS = (
    Edit("beach.jpg", "snow.jpg", GROUND, "snow"),
    Edit("aitzgorri.jpg", "sunset.jpg", SKY, "a meadow at sunset"),
    Edit("beach.jpg", "snow.jpg", _ramp(0.3, 0.7), "snow and a beach"),
    Edit("desert.jpg", "lake_sunset.jpg", _down(0.65, 0.35), "a lake at sunset"),
    Edit("picosdeeuropa.jpg", "snow.jpg", _down(0.75, 0.45), "snow, mountains"),
    Edit("life.jpg", "sunset.jpg", _ramp(0.35, 0.65), "sunset"),
    Edit("seeding.jpg", "desert.jpg", _ramp(0.6, 0.3), "a desert"),
    Edit("beach.jpg", "desert.jpg", BLOB, "a desert"),
    Edit("snow.jpg", "lake_sunset.jpg", _ramp(0.35, 0.65), "a lake at sunset"),
    Edit("picosdeeuropa.jpg", "aitzgorri.jpg", _ramp(0.35, 0.65), "mountains, a meadow"),
    Edit("sunset.jpg", "beach.jpg", _down(0.7, 0.4), "a beach at sunset"),
    Edit("lake_sunset.jpg", "seeding.jpg", _down(0.75, 0.5), "a meadow"),
)


def methods(editor: Editor, edit: Edit, size: int) -> dict[str, Image.Image]:
    """Every method's image of `edit`, of the same size."""
    source, request = open_picture(demo.PICTURES / edit.source), edit.request()
    settings = Settings(prompt=edit.prompt, strength=edit.strength, steps=STEPS, seed=1, size=size)
    settings = editor.family.settled(settings)
    canvas = on_white(source, working_size(source.size, settings.size))
    exemplar = prepared(request, 0, canvas, canvas, Means())
    own, other = (np.asarray(image, dtype=np.float32) for image in (canvas, exemplar.picture))
    faded = other + (own - other) * exemplar.edit_map[..., None]
    return {
        "PIXELS": editor.edit(source, request, settings).picture,
        "paste": composite(canvas, [exemplar], settings.steps_run),
        "cross-fade": Image.fromarray((faded + 0.5).astype(np.uint8)),
        "inpainting": editor.edit(source, edit.request(**LEVELS_OF_A_MASK), settings).picture,
    }


def sheet(edit: Edit, images: dict[str, Image.Image], order: list[str]) -> Image.Image:
    """What goes in, and the images in `order` under letters."""
    size = images["paste"].size
    source, exemplar = (flattened(open_picture(demo.PICTURES / name)) for name in (edit.source, edit.exemplar))
    canvas = source.resize(size)
    edit_map = map_picture(prepared(edit.request(), 0, canvas, canvas, Means()).edit_map)
    given = [("source", source), ("exemplar", exemplar), ("edit map", edit_map)]
    letters = [(letter, images[name]) for letter, name in zip("ABCD", order, strict=True)]
    return stacked([overview(given, size), overview(letters, size)])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=str(demo.MODEL), help="diffusers folder; the demo model without it")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--seed", type=int, default=None, help="of the shuffling; drawn without it")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    editor = Editor.load(arguments.model, "cpu", "fp32")
    editor.family.show_progress("", quiet=True)
    shuffling, key = random.Random(arguments.seed), {}
    for number, edit in enumerate(EDITS, start=1):
        images = methods(editor, edit, arguments.size)
        order = shuffling.sample(list(images), len(images))
        sheet(edit, images, order).save(arguments.out / f"{number:02d}.png")
        key[f"{number:02d}"] = dict(zip("ABCD", order, strict=True))
    (arguments.out / "key.json").write_text(json.dumps(key, indent=2), encoding="utf-8")
    print(f"{len(EDITS)} sheets in {arguments.out}; judge them before you open key.json.")


if __name__ == "__main__":
    main()
