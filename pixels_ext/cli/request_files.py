"""The request of a command line: flags, a request file, and the pictures that both name."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from pixels_ext.cli.flags import edit_fields
from pixels_ext.cli.sentences import InRequestFile
from pixels_ext.errors import RequestError, one_line
from pixels_ext.imaging.images import file_exists, load_image
from pixels_ext.request import EditRequest, from_json

_LONGEST = 2**30


@dataclass
class Pictures:
    """Opens pictures, and knows which files they were."""

    files: list[str] = field(default_factory=list)

    def opened(self, text: str, folder: Path = Path()) -> Image.Image:
        """A picture from a file name (relative to `folder`), base64 or a data URL. Raises `RequestError` (with an empty
        path)."""
        if file_exists(folder / text):
            self.files.append(str(folder / text))
        return load_image(text, folder)


def request_of(arguments: argparse.Namespace, pictures: Pictures | None = None) -> EditRequest:
    """The request that the arguments of `edit` tell. `pictures` opens what it names. Raises `RequestError`."""
    pictures, flags = pictures or Pictures(), edit_fields(arguments)
    if arguments.request is None:
        return from_json(flags, pictures.opened)
    if "exemplars" in flags:
        raise RequestError("--exemplar", "is given beside --request", "exemplars in the request file alone")
    path = Path(arguments.request)
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST + 1)
        if len(text) > _LONGEST:
            raise ValueError("it is larger than 1 GiB")
        # Windows' editors write the mark that the encoding skips. Base64 comes in lines, which JSON does not have.
        data = json.loads(text.decode("utf-8-sig"), strict=False)
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else one_line(error)
        raise RequestError("--request", f"{arguments.request!r} cannot be read: {why}", "a JSON file") from None
    if isinstance(data, dict):
        data |= flags
    try:
        return from_json(data, lambda named: pictures.opened(named, path.parent))
    except RequestError as error:
        flagged = error.path in flags
        raise error if flagged else InRequestFile(error.path, error.found, error.expected) from None
