"""Output files of a command: checked before the work starts, and written elsewhere if a write fails, so that no result
is lost."""

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

NamedFile = tuple[str, str]
"""What a file is, and its name. What it is: for outputs the flag without dashes, for inputs a description."""
_FORMATS = {".png": "PNG", ".jpg": "JPEG"}
_MAX_NAME_LENGTH = 240
_WRITABLE = "a file in an existing, writable folder"


def check_png_name(flag: str, name: str) -> None:
    """Raise `RequestError` unless `name` is a file name for a PNG."""
    if not name.lower().endswith(".png") or not Path(name).suffix:  # not "edit.png/", not ".png"
        raise RequestError(flag, describe(name), "a file name that ends in .png, like edit.png")


def check_outputs(outputs: Iterable[NamedFile], inputs: Iterable[NamedFile]) -> None:
    """Raise `RequestError` for the first of `outputs` that is not writable, or that is the same file as one of `inputs`
    or another output. No file is changed.

    Compares file identities, not names, so that links and case-insensitive file systems are handled. Missing outputs
    are created for this, and removed again.
    """
    used: dict[object, str] = {}
    for what, name in inputs:
        for identity in _identities(name):
            used.setdefault(identity, what)
    created: list[Path] = []
    try:
        for flag, name in outputs:
            identity = _open_for_writing(flag, name, created)
            if identity in used:
                raise RequestError(
                    flag, f"{_quote_name(name)}, which is the same file as {used[identity]}", "another file"
                )
            used[identity] = f"--{flag}"
    finally:
        for path in created:
            path.unlink(missing_ok=True)


def make_folder(flag: str, name: str) -> Path:
    """The folder `name`, created if it does not exist. Raises `RequestError` if that fails."""
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        expected = "a folder, or a name for a new one"
        raise RequestError(
            flag, f"{_quote_name(name)}, which cannot be created: {_error_text(error)}", expected
        ) from None
    return folder


def _identities(name: str) -> Iterator[object]:
    """The identity of an input file; for a folder, of the files in it and in its subfolders. PNGs in a folder do not
    count: a model has none, so they are earlier results, which may be overwritten."""
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
    return (
        (status.st_dev, status.st_ino) if status.st_ino else path.resolve()
    )  # some network drives have no inode numbers


def _open_for_writing(flag: str, name: str, created: list[Path]) -> object:
    """Open a file for writing, and return its identity. If it had to be created, it is appended to `created`."""
    path = Path(name)
    try:
        with suppress(FileNotFoundError):
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
                raise RequestError(flag, f"{_quote_name(name)}, which is {kind}", _WRITABLE)
            os.close(os.open(path, os.O_WRONLY))
            return _identity(status, path)
        target = path.resolve()  # of a broken link, its target
        file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        created.append(target)
        status = os.fstat(file)
        os.close(file)
        return _identity(status, target)
    except RequestError:
        raise
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: circular links, in older Pythons
        found = f"{_quote_name(name)}, which cannot be written: {_error_text(error)}"
        raise RequestError(flag, found, _WRITABLE) from None


class OutputFiles:
    """Writes images, in another folder if their own fails. `written`: the paths of all files written. `failed`: whether
    any file could not be written at its own path."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.failed = False

    def save(self, flag: str, name: str, image: Image.Image, **options: Any) -> None:
        """Write `image` to `name`, in the format of its suffix. If that fails, write it to a new folder and print a
        message."""
        buffer = io.BytesIO()
        image.save(buffer, _FORMATS[Path(name).suffix.lower()], **options)
        try:
            _write_file(Path(name), buffer.getvalue())
        except OSError as error:
            self.failed = True
            rescued = _write_elsewhere(Path(name).name, buffer.getvalue())
            expected = f"a writable file; it was saved as {rescued}" if rescued else "a writable file"
            found = f"{_quote_name(name)}, which could not be written: {_error_text(error)}"
            print(f"pixels_ext: {RequestError('', found, expected).message_for(flag)}", file=sys.stderr)
            name = str(rescued or "")
        if name:
            self.written.append(name)


@contextmanager
def outputs_listed_at_end(print_lines: Callable[[Sequence[str]], None]) -> Iterator[OutputFiles]:
    """Output files whose paths are passed to `print_lines` at the end, also when the command fails halfway."""
    outputs = OutputFiles()
    try:
        yield outputs
    finally:
        print_lines(outputs.written)


def _write_file(path: Path, data: bytes) -> None:
    existed = path.exists()
    try:
        path.write_bytes(data)
    except OSError:
        if not existed:  # remove the incomplete file
            with suppress(OSError):
                path.unlink()
        raise


def _write_elsewhere(name: str, data: bytes) -> Path | None:
    """Write the file to a new folder in the first location that works, and return its path."""
    for location in (tempfile.gettempdir, Path.home, Path.cwd):
        try:
            file = Path(tempfile.mkdtemp(prefix="pixels-", dir=location())) / name
            _write_file(file, data)
            return file
        except (OSError, RuntimeError):  # RuntimeError: the home folder is unknown
            continue
    return None


def _quote_name(name: str) -> str:
    return f"is {name!r}" if len(name) <= _MAX_NAME_LENGTH else describe(name)


def _error_text(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
