"""Which part of an image is the edited one.

The paper compares "edited region and the exemplar" and does not say where a soft map's region ends. Other methods were
given "the binarized version of the map": here too, what is darker than middle gray is edited.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels, right and bottom excluded."""
MIDDLE = 128


def edited_share(edit_map: Image.Image) -> float:
    """The share of the image, in [0, 1], that a gray map edits."""
    return float((np.asarray(edit_map) < MIDDLE).mean())


def edited_box(edit_map: Image.Image) -> Box:
    """The smallest rectangle around all that a gray map edits. Raises `ValueError` when that is nothing."""
    edited = np.asarray(edit_map) < MIDDLE
    rows, columns = (np.flatnonzero(edited.any(axis)) for axis in (1, 0))
    if not len(rows):
        raise ValueError("the map edits nothing")
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def cut_out(image: Image.Image, box: Box) -> Image.Image:
    """The part of an image in `box`, stretched to a square, so that a model that cuts squares from the middle of its
    images sees all of it."""
    part = image.crop(box)
    side = max(part.size)
    return part if part.size == (side, side) else part.resize((side, side), Image.Resampling.BICUBIC)
