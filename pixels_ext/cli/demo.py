"""`python -m pixels_ext demo`: first edits with the model and the pictures that come along."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from pixels_ext import demo
from pixels_ext.cli.contact_sheet import overview
from pixels_ext.cli.outputs import Outputs, check_outputs, usable_folder
from pixels_ext.cli.terminal import tell
from pixels_ext.imaging.images import open_image

SIZE = 384
"""The longer side, in pixels: the demo model was trained at 256, and has not learnt what larger pictures look like."""


@dataclass(frozen=True)
class DemoEdit:
    """An edit of example pictures: names of files in `demo.IMAGES`, further flags, and what the result shows."""

    name: str
    source: str
    exemplars: tuple[tuple[str, str], ...]
    flags: tuple[str, ...]
    shows: str

    def arguments(self, folder: Path) -> list[str]:
        """The arguments of the `edit` command that makes it, writing below `folder`."""
        files = {"-o": "edit", "--composite": "pasted", "--timeline": "timeline"}
        exemplars = [
            part
            for image, edit_map in self.exemplars
            for part in ("--exemplar", str(demo.IMAGES / image), "--map", str(demo.IMAGES / edit_map))
        ]
        outputs = [part for flag, kind in files.items() for part in (flag, str(folder / f"{self.name}-{kind}.png"))]
        sized = ["--size", str(SIZE)]
        return ["edit", "--source", str(demo.IMAGES / self.source), *exemplars, *sized, *self.flags, *outputs]


DEMO_EDITS = (
    DemoEdit(
        "evening-sky",
        "aitzgorri.jpg",
        (("sunset.jpg", "map_sky_aitzgorri.png"),),
        ("--prompt", "a meadow at sunset", "--strength", "0.5"),
        "a photograph of a meadow under the sky of another photograph",
    ),
    DemoEdit(
        "beach-to-snow",
        "beach.jpg",
        (("snow.jpg", "map_left_to_right_4x3.png"),),
        ("--threshold", "log", "--strength", "0.6"),
        "a beach that turns into a winter field from left to right",
    ),
)


def run_demo(name: str, run: Callable[[Sequence[str]], int]) -> int:
    """Make the demo edits into the folder `name`, each with `run` (the command line), and say what was written. Returns
    the exit code of the first that fails, else 0. Raises `RequestError` if nothing can be written there."""
    folder = usable_folder("out", name)
    shipped = [("the demo", str(file)) for file in (demo.MODEL, *demo.IMAGES.iterdir())]
    check_outputs([("out", str(folder / f"{edit.name}.png")) for edit in DEMO_EDITS], shipped)
    outputs = Outputs()
    for edit in DEMO_EDITS:
        arguments = edit.arguments(folder)
        tell([f"\n$ python -m pixels_ext {shlex.join(arguments)}"])
        code = run(arguments)
        if code:
            return code
        outputs.save("--out", str(folder / f"{edit.name}.png"), _overview(edit, folder))
        shown = f"    shows {edit.shows}: source, exemplar, edit map (white"
        tell([*outputs.told[-1:], shown, "    keeps the source), the exemplar merely pasted, and the PIXELS edit."])
    tell([f"\nLook into {folder.resolve()}: beside each sheet lie the edit, the pasted picture and the time line."])
    return int(outputs.failed)


def _overview(edit: DemoEdit, folder: Path) -> Image.Image:
    def shipped(name: str) -> Image.Image:
        return open_image(demo.IMAGES / name)

    def made(kind: str) -> Image.Image:
        return open_image(folder / f"{edit.name}-{kind}.png")

    result = made("edit")
    tiles = [("source", shipped(edit.source))]
    for image, edit_map in edit.exemplars:
        tiles += [("exemplar", shipped(image)), ("edit map", shipped(edit_map))]
    tiles += [("pasted", made("pasted")), ("PIXELS", result)]
    return overview(tiles, result.size)
