"""Files that a command writes: all of them looked at before the work begins, and none of the work lost if one fails."""

from __future__ import annotations

import io
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from PIL import Image

from pixels_ext.errors import RequestError, describe

Named = tuple[str, str]
"""A file's name, behind what it is: of an output its flag without dashes, of an input in words."""
_FORMATS = {".png": "PNG", ".jpg": "JPEG"}
_LONGEST_NAME = 240
_USABLE = "a file in a folder that exists and can be written"


def check_name(flag: str, name: str) -> None:
    """Raise `RequestError` unless a PNG can be called so."""
    if not name.lower().endswith(".png") or not Path(name).suffix:  # not "edit.png/", not ".png"
        raise RequestError(flag, describe(name), "a file name that ends in .png, like edit.png")


def check_outputs(outputs: Iterable[Named], inputs: Iterable[Named]) -> None:
    """Raise `RequestError` for the first of `outputs` that cannot be written, or that is one of `inputs` or another
    output, by whatever name. Nothing is changed.

    The files themselves are compared, which sees through links and through folders that take a.png and A.png for one:
    those that do not exist are made, and gone again at the end.
    """
    taken: dict[object, str] = {}
    for what, name in inputs:
        for identity in _identities(name):
            taken.setdefault(identity, what)
    made: list[Path] = []
    try:
        for flag, name in outputs:
            identity = _opened(flag, name, made)
            if identity in taken:
                raise RequestError(flag, f"{_named(name)}, which is the file of {taken[identity]}", "another file")
            taken[identity] = f"--{flag}"
    finally:
        for path in made:
            path.unlink(missing_ok=True)


def usable_folder(flag: str, name: str) -> Path:
    """The folder `name`, made if there is none. Raises `RequestError` if that cannot be."""
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        expected = "a folder, or a name under which one can be made"
        raise RequestError(flag, f"{_named(name)}, which cannot be made: {_reason(error)}", expected) from None
    return folder


def _identities(name: str) -> Iterator[object]:
    """What a file that is read is; of a folder, what the files in it and one below are. A model has no PNGs: those that
    lie in its folder are earlier results, which may be written again."""
    path = Path(name)
    with suppress(OSError, ValueError):
        files = [path] if not path.is_dir() else [*path.glob("*"), *path.glob("*/*")]
        files = [file for file in files if file == path or file.suffix.lower() != ".png"]
        for file in files:
            with suppress(OSError):
                status = file.stat()
                if stat.S_ISREG(status.st_mode):
                    yield _identity(status, file)


def _identity(status: os.stat_result, path: Path) -> object:
    return (status.st_dev, status.st_ino) if status.st_ino else path.resolve()  # some network drives have no numbers


def _opened(flag: str, name: str, made: list[Path]) -> object:
    """What the file is, which is opened for writing; if it had to be made, it joins `made`."""
    path = Path(name)
    try:
        with suppress(FileNotFoundError):
            before = path.stat()
            if not stat.S_ISREG(before.st_mode):
                kind = "a folder" if stat.S_ISDIR(before.st_mode) else "no plain file"
                raise RequestError(flag, f"{_named(name)}, which is {kind}", _USABLE)
            os.close(os.open(path, os.O_WRONLY))
            return _identity(before, path)
        target = path.resolve()  # of a link into the void, what it names
        file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        made.append(target)
        status = os.fstat(file)
        os.close(file)
        return _identity(status, target)
    except RequestError:
        raise
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a circle, in older Pythons
        found = f"{_named(name)}, which cannot be written: {_reason(error)}"
        raise RequestError(flag, found, _USABLE) from None


class Outputs:
    """Writes pictures, and keeps what could not be written where it was wanted. `told`: where every file is now."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.failed = False

    def save(self, flag: str, name: str, picture: Image.Image, **options: Any) -> None:
        """Write `picture` to `name`, whose ending says how. If that fails, to a new folder, and say so."""
        buffer = io.BytesIO()
        picture.save(buffer, _FORMATS[Path(name).suffix.lower()], **options)
        try:
            _written(Path(name), buffer.getvalue())
        except OSError as error:
            self.failed = True
            place = _rescued(Path(name).name, buffer.getvalue())
            kept = f"a place that can be written; it is in {place}" if place else "a place that can be written"
            wrong = RequestError("", f"{_named(name)}, which could not be written: {_reason(error)}", kept)
            print(f"pixels_ext: {wrong.message_for(flag)}", file=sys.stderr)
            name = str(place or "")
        if name:
            self.told.append(name)


@contextmanager
def told_at_the_end(write: Callable[[Sequence[str]], None]) -> Iterator[Outputs]:
    """Outputs whose files are told to `write` at the end, also at that of a command that fails half-way."""
    outputs = Outputs()
    try:
        yield outputs
    finally:
        write(outputs.told)


def _written(path: Path, data: bytes) -> None:
    there = path.exists()
    try:
        path.write_bytes(data)
    except OSError:
        if not there:  # the half of a picture
            with suppress(OSError):
                path.unlink()
        raise


def _rescued(name: str, data: bytes) -> Path | None:
    """Where the file is that could not be written where it should be: in a new folder, in the first place that takes
    it."""
    for place in (tempfile.gettempdir, Path.home, Path.cwd):
        try:
            file = Path(tempfile.mkdtemp(prefix="pixels-", dir=place())) / name
            _written(file, data)
            return file
        except (OSError, RuntimeError):  # RuntimeError: nobody knows where home is
            continue
    return None


def _named(name: str) -> str:
    return f"is {name!r}" if len(name) <= _LONGEST_NAME else describe(name)


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
