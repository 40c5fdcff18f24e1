"""`python -m pixels_ext demo`: example edits with the bundled model and images."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from pixels_ext import demo
from pixels_ext.cli.contact_sheet import captioned_row
from pixels_ext.cli.outputs import OutputFiles, check_outputs, make_folder
from pixels_ext.cli.terminal import print_lines
from pixels_ext.imaging.images import open_image

SIZE = 384
"""The longer side, in pixels: the demo model was trained at 256 and does not work well at much larger sizes."""


@dataclass(frozen=True)
class DemoEdit:
    """An edit of example images: file names in `demo.IMAGES`, more flags, and a description of the result."""

    name: str
    source: str
    exemplars: tuple[tuple[str, str], ...]
    flags: str
    description: str

    def arguments(self, folder: Path) -> list[str]:
        """The arguments of the `edit` command for it, with outputs in `folder`."""
        outputs = {"-o": "edit", "--composite": "composite", "--timeline": "timeline"}
        exemplars = [
            part
            for image, edit_map in self.exemplars
            for part in ("--exemplar", str(demo.IMAGES / image), "--map", str(demo.IMAGES / edit_map))
        ]
        files = [part for flag, kind in outputs.items() for part in (flag, str(folder / f"{self.name}-{kind}.png"))]
        source = str(demo.IMAGES / self.source)
        return ["edit", "--source", source, *exemplars, "--size", str(SIZE), *shlex.split(self.flags), *files]


DEMO_EDITS = (
    DemoEdit(
        "evening-sky",
        "aitzgorri.jpg",
        (("sunset.jpg", "map_sky_aitzgorri.png"),),
        '--prompt "a meadow at sunset" --guidance-scale 2 --strength 0.5 --keep-white',
        "a meadow with the sky of another photograph",
    ),
    DemoEdit(
        "beach-to-snow",
        "beach.jpg",
        (("snow.jpg", "map_left_to_right_4x3.png"),),
        "--prompt snow --guidance-scale 2 --threshold log --strength 0.9 --hold 0.7 --lay-up-to 0.5 --keep-white",
        "a beach that changes into a winter landscape from left to right",
    ),
)


def run_demo(name: str, run: Callable[[Sequence[str]], int]) -> int:
    """Make the demo edits in the folder `name`, each with `run` (the command line), and print what was written. Returns
    the exit code of the first edit that fails, otherwise 0. Raises `RequestError` if the folder is not writable."""
    folder = make_folder("out", name)
    inputs = [("the demo", str(file)) for file in (demo.MODEL, *demo.IMAGES.iterdir())]
    check_outputs([("out", str(folder / f"{edit.name}.png")) for edit in DEMO_EDITS], inputs)
    outputs = OutputFiles()
    for edit in DEMO_EDITS:
        arguments = edit.arguments(folder)
        print_lines([f"\n$ python -m pixels_ext {shlex.join(arguments)}"])
        code = run(arguments)
        if code:
            return code
        outputs.save("--out", str(folder / f"{edit.name}.png"), _contact_sheet(edit, folder))
        description = f"    {edit.description}: source, exemplar, edit map (white keeps"
        print_lines(
            [
                *outputs.written[-1:],
                description,
                "    the source), the exemplar pasted without the model, and the edit.",
            ]
        )
    print_lines([f"\nSee {folder.resolve()}: next to each sheet are the edit, the composite and the timeline."])
    return int(outputs.failed)


def _contact_sheet(edit: DemoEdit, folder: Path) -> Image.Image:
    def example(name: str) -> Image.Image:
        return open_image(demo.IMAGES / name)

    def output(kind: str) -> Image.Image:
        return open_image(folder / f"{edit.name}-{kind}.png")

    result = output("edit")
    tiles = [("source", example(edit.source))]
    for image, edit_map in edit.exemplars:
        tiles += [("exemplar", example(image)), ("edit map", example(edit_map))]
    tiles += [("composite", output("composite")), ("PIXELS", result)]
    return captioned_row(tiles, result.size)
