"""Reads the request of a command line: from flags, a request file, and the images that both name."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from pixels_ext.cli.error_messages import RequestFileError
from pixels_ext.cli.flags import request_json
from pixels_ext.errors import RequestError, one_line
from pixels_ext.imaging.images import file_exists, load_image
from pixels_ext.request import EditRequest, from_json

_MAX_BYTES = 2**30


@dataclass
class ImageFiles:
    """Opens images, and keeps the names of their files in `files`."""

    files: list[str] = field(default_factory=list)

    def open(self, text: str, folder: Path = Path()) -> Image.Image:
        """Open an image from a file name (relative to `folder`), base64 or a data URL. Raises `RequestError` (with an
        empty path)."""
        if file_exists(folder / text):
            self.files.append(str(folder / text))
        return load_image(text, folder)


def read_request(arguments: argparse.Namespace, images: ImageFiles | None = None) -> EditRequest:
    """The request in the arguments of `edit`. `images` opens the images that it names. Raises `RequestError`."""
    images, flags = images or ImageFiles(), request_json(arguments)
    if arguments.request is None:
        return from_json(flags, images.open)
    if "exemplars" in flags:
        raise RequestError("--exemplar", "is given together with --request", "all exemplars in the request file")
    path = Path(arguments.request)
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES + 1)
        if len(text) > _MAX_BYTES:
            raise ValueError("it is larger than 1 GiB")
        # utf-8-sig skips the BOM that Windows editors write. Not strict: base64 may have line breaks.
        data = json.loads(text.decode("utf-8-sig"), strict=False)
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else one_line(error)
        raise RequestError("--request", f"{arguments.request!r} cannot be read: {why}", "a JSON file") from None
    if isinstance(data, dict):
        data |= flags
    try:
        return from_json(data, lambda name: images.open(name, path.parent))
    except RequestError as error:
        raise error if error.path in flags else RequestFileError(error.path, error.found, error.expected) from None
