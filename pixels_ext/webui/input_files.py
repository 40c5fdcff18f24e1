"""Exemplars and maps saved beside the outputs, so that a pasted infotext finds them again by hash."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

from modules import shared

from pixels_ext.errors import RequestError, describe
from pixels_ext.imaging.hash import image_hash
from pixels_ext.imaging.images import image_to_data_url, open_image
from pixels_ext.request import EditRequest
from pixels_ext.request.summary import images_in

FOLDER = "pixels-inputs"
_HASH = re.compile(r"[0-9a-f]{6,64}")


def save_inputs(request: EditRequest) -> None:
    """Save every image of the request once, named by its hash and without loss."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    for image in images_in(request):
        file = folder / (image_hash(image) + ".png")
        if not file.exists():
            # All or nothing: what a full disk or a crash left would be taken for the image for ever.
            unfinished = file.with_suffix(f".{uuid4().hex}.png")
            try:
                image.save(unfinished)
                unfinished.replace(file)
            finally:
                unfinished.unlink(missing_ok=True)


def load_input(digest: str) -> str | None:
    """The saved image with this hash as a data URL, or `None`."""
    if not _HASH.fullmatch(digest):  # it comes from a pasted infotext, and becomes part of a file name
        return None
    for suffix in (".png", ".tiff"):  # version 0.1 saved some image modes as TIFF
        try:
            return image_to_data_url(open_image(_folder() / (digest + suffix)))
        except RequestError:
            continue
    return None


def _folder() -> Path:
    """Beside the host's outputs. Raises `RequestError` when its options name no folder."""
    for name in ("outdir_samples", "outdir_img2img_samples"):
        folder = getattr(shared.opts, name, None)
        if folder and isinstance(folder, str):
            return Path(folder) / FOLDER
    raise RequestError("settings.outdir_img2img_samples", describe(folder), "the folder of the WebUI's outputs")
