"""One hash for an image, by its values: the same in every file format and image mode that keep them."""

from __future__ import annotations

import hashlib

import numpy as np
from PIL import Image

from pixels_ext.imaging.images import as_rgba, normalize_mode

HASH_PREFIX = "sha256:"
"""Marks a text that holds an image's hash in place of the image."""


def image_hash(image: Image.Image) -> str:
    """The first 12 hexadecimal digits of the SHA-256 of the image's size and values.

    Images that look the same have the same hash, whatever mode the file or the installed Pillow keeps them in: it is
    taken over the values of `normalized`, as 16-bit gray or as 8-bit RGBA. Raises `RequestError` where `normalized`
    does.
    """
    kept = normalize_mode(image)
    kind, values = ("gray16", np.asarray(kept).astype("<u2")) if kept.mode == "I;16" else ("rgba", as_rgba(kept))
    digest = hashlib.sha256(f"{kind} {image.width}x{image.height} ".encode())
    digest.update(values.tobytes())
    return digest.hexdigest()[:12]
