"""Which images there are, and which are edited with which."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from pixels_ext.errors import RequestError

from .keyed_random import shuffled

SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


def listed(folder: Path, field: str) -> list[str]:
    """The image files in and below `folder`, as paths relative to it, sorted. Raises `RequestError` (path: `field`)
    when there is no such folder or no image in it."""
    if not folder.is_dir():
        raise RequestError(field, f"is {str(folder)!r}, which is no folder", "a folder of images")
    files = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    names = sorted(path.relative_to(folder).as_posix() for path in files)
    if not names:
        raise RequestError(field, f"is {str(folder)!r}, in which there is no image", "a folder of images")
    return names


def fingerprint(folder: Path, names: Sequence[str]) -> str:
    """How many files, and a hash of their names and sizes in bytes: what pairs are drawn from. (The pixels of
    ImageNet's 50,000 would take minutes to read.)"""
    lines = "".join(f"{name}\t{(folder / name).stat().st_size}\n" for name in names)
    return f"{len(names)} files, {hashlib.sha256(lines.encode()).hexdigest()[:16]}"


def pairs(names: Sequence[str], seed: int) -> Iterator[tuple[str, str]]:
    """Source and exemplar, without end. No image comes twice before all have come once: the names are shuffled and
    taken two by two, then shuffled anew. Asked for more, the first ones stay the same.

    Raises `RequestError` for fewer than two images.
    """
    if len(names) < 2:
        raise RequestError("images", f"has {len(names)} image in it", "at least two")
    for again in itertools.count():
        order = shuffled(names, seed, "pairs", again)
        yield from zip(order[0::2], order[1::2], strict=False)
