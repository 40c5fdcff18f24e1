"""The README's image and the guide's, each made by the command that stands beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from pages.markdown_pages import ROOT, Page
from pages.shell_commands import commands
from pages.strips import Tile, fitted, save, strip
from pixels_ext.cli.contact_sheet import stack_rows
from pixels_ext.cli.flags import flag_values, parse_size
from pixels_ext.cli.main import build_parser
from pixels_ext.cli.request_files import read_request
from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.diffusers_host.canvas import source_canvas, working_size
from pixels_ext.diffusers_host.editor import EditResult
from pixels_ext.edit.prepare import prepare_exemplar
from pixels_ext.imaging.images import flatten, map_to_image, open_image
from pixels_ext.imaging.timeline import TimelineFrame

HERO = "first-edit.jpg"
_LOCKED = (70, 120, 190)
_COLUMNS = 5


def make_hero(file: Path) -> None:
    """The README's first edit: its inputs, its result, and which areas are locked at which step."""
    argv = next(argv for _, argv in commands(Page(ROOT / "README.md")) if argv[0] == "edit")
    tiles, result = _made(argv, _COLUMNS)
    del tiles[-2]  # merely pasted
    timeline_frames = [(f"{each.label}, locked: blue", _tinted(each)) for each in result.timeline_frames]
    save(stack_rows([strip(tiles, (236, 177)), strip(timeline_frames, (187, 141))]), file)


def make_guide(folder: Path) -> None:
    """An image for every command of the guide whose result the guide shows."""
    guide = Page(ROOT / "docs" / "guide.md")
    shown = {Path(name).stem for name in guide.images}
    for _, argv in commands(guide):
        name = Path(argv[argv.index("-o") + 1]).stem if "-o" in argv else ""
        if name in shown:
            tiles, _ = _made(argv)
            save(strip(tiles, (190, 143) if len(tiles) < 6 else (132, 99)), folder / f"{name}.jpg")


def _made(argv: list[str], columns: int = 0) -> tuple[list[Tile], EditResult]:
    """Source, exemplars with their maps, pasted, and the edit of an `edit` command that writes nothing here."""
    with _elsewhere():
        arguments = build_parser().parse_args(
            [part if not part.startswith("pixels_ext/") else str(ROOT / part) for part in argv]
        )
        request, source = read_request(arguments), open_image(arguments.source)
    settings = Settings(**flag_values(arguments, Settings), size=parse_size(arguments.size), timeline_frames=columns)
    editor = Editor.load(arguments.model)
    settings = editor.family.with_default_sampler(settings)
    canvas = source_canvas(source, working_size(source.size, settings.size))
    tiles: list[Tile] = [("source", source)]
    many = len(request.exemplars) > 1
    for index, exemplar in enumerate(request.exemplars):
        gray = prepare_exemplar(request, index, canvas, canvas, editor.map_providers).edit_map
        number = f" {index + 1}" if many else ""
        tiles += [
            (f"exemplar{number}", flatten(exemplar.image)),
            (f"map{number}", map_to_image(gray)),
        ]
    editor.family.configure_progress_bar("", quiet=True)
    result = editor.edit(source, request, settings)
    pasted = editor.composite(source, request, replace(settings, timeline_frames=0))
    return [*tiles, ("merely pasted", pasted), ("PIXELS", result.image)], result


def _tinted(frame: TimelineFrame) -> Image.Image:
    """The model's input at this step, blue where it is locked."""
    image = fitted(frame.image, frame.image.size)
    locked = Image.fromarray(frame.mask.astype(np.uint8) * 140).resize(image.size, Image.Resampling.NEAREST)
    return Image.composite(Image.new("RGB", image.size, _LOCKED), image, locked)


@contextmanager
def _elsewhere() -> Iterator[None]:
    """In an empty folder, so that nothing of the caller's is read by accident."""
    before = Path.cwd()
    with TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
