"""The edits on disk: one PNG each, and what they were made with, so that a run can stop at any moment and go on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pixels_ext.cli.outputs import make_folder
from pixels_ext.errors import RequestError

from .planning import PlannedEdit

Told = Mapping[str, str | int | float]
_MANIFEST = "run.json"
_CHUNK = "pixels_table1"


class Store:
    """A folder of edits that were all made with the same settings."""

    def __init__(self, folder: Path, settings: Told) -> None:
        """Begin in an empty folder, or go on in one that was begun with the same `settings`.

        Raises `RequestError`, which names the first setting that differs, or says that the folder is another's.
        """
        self.folder = folder
        manifest = folder / _MANIFEST
        if manifest.is_file():
            _check_same(json.loads(manifest.read_text(encoding="utf-8")), settings, folder)
        elif any(make_folder("out", str(folder)).iterdir()):
            found = f"is {str(folder)!r}, which has files but no {_MANIFEST}"
            raise RequestError("out", found, "an empty folder, or one that a run has begun")
        self._edits = make_folder("out", str(folder / "edits"))
        if not manifest.is_file():
            text = json.dumps(settings, indent=2).encode()
            written(manifest, lambda file: file.write(text))

    def __contains__(self, edit: PlannedEdit) -> bool:
        """Whether the edit is there. A file under its own name is always whole."""
        return self._path(edit).is_file()

    def put(self, edit: PlannedEdit, picture: Image.Image, parameters: str) -> None:
        """Write an edit with its parameters, in the WebUI's form, and its row of the plan as JSON."""
        info = PngInfo()
        info.add_text("parameters", parameters)
        info.add_text(_CHUNK, json.dumps(vars(edit)))
        written(self._path(edit), lambda file: picture.save(file, "PNG", pnginfo=info))

    def get(self, edit: PlannedEdit) -> Image.Image:
        """The picture of an edit, RGB."""
        with Image.open(self._path(edit)) as picture:
            return picture.convert("RGB")

    def _path(self, edit: PlannedEdit) -> Path:
        return self._edits / f"{edit.index:05}.png"


def written(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let `write` fill a file that has its name only once it is whole and on disk."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _check_same(before: Told, now: Told, folder: Path) -> None:
    for name in dict.fromkeys([*now, *before]):
        if before.get(name) != now.get(name):
            found = f"is {now.get(name)!r}, but the edits in {str(folder)!r} were begun with {before.get(name)!r}"
            raise RequestError(name, found, "the same again, or another --out")
