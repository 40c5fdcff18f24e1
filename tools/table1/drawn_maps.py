"""Edit maps, drawn by seed.

The authors took theirs from a database that is not published. What the paper says of it: maps are made "by operations
like growing and blurring, or simple histogram transformations on binary masks". So are these: a straight border, an
oval or a blob, grown and blurred; or a gradient over the whole image.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixels_ext.imaging.mask_ops import dilate, gaussian_blur

from .keyed_random import Draws
from .regions import edited_share

_LEAST, _MOST = 0.1, 0.9
"""Share of the image that a map must edit at least and at most, by what is darker than middle gray."""
_GROWN, _BLURRED = 0.03, 0.1
"""At most, in sides of the image: by how much a mask is grown or shrunk, and its blur's standard deviation."""
Shape = NDArray[np.float32]
"""float32 `[side, side]`: below 0 inside, above 0 outside."""


def drawn_map(seed: int, index: int, side: int) -> tuple[str, Image.Image]:
    """The map of edit `index`: its kind in a word, and gray, `side x side`, 0 = exemplar, 255 = source."""
    draws = Draws(seed, "map", index)
    while True:
        kind = draws.one_of(tuple(_KINDS))
        values = _KINDS[kind](draws, side)
        gray = Image.fromarray((values.clip(0, 1) * 255).round().astype(np.uint8))
        if _LEAST <= edited_share(gray) <= _MOST:
            return kind, gray


def _axes(side: int) -> tuple[Shape, Shape]:
    """The pixels' centers, x `[1, side]` and y `[side, 1]`, in sides of the image."""
    at = ((np.arange(side) + 0.5) / side).astype(np.float32)
    return at[None], at[:, None]


def _across(draws: Draws, side: int) -> Shape:
    """How far each pixel lies beyond a line of any direction through the image's middle half."""
    x, y = _axes(side)
    angle = draws.number(0, 2 * math.pi)
    middle_x, middle_y = draws.number(0.25, 0.75), draws.number(0.25, 0.75)
    return ((x - middle_x) * math.cos(angle) + (y - middle_y) * math.sin(angle)).astype(np.float32)


def _gradient(draws: Draws, side: int) -> Shape:
    """From black to white along any direction, over three tenths of the side to more than its whole."""
    return _across(draws, side) / draws.number(0.3, 1.2) + 0.5


def _border(draws: Draws, side: int) -> Shape:
    """Two halves with a straight border."""
    return _softened(draws, _across(draws, side))


def _oval(draws: Draws, side: int) -> Shape:
    """An ellipse of any size and turn, or all but it."""
    x, y = _axes(side)
    x, y = x - draws.number(0.25, 0.75), y - draws.number(0.25, 0.75)
    angle = draws.number(0, math.pi)
    along, aside = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    shape = np.hypot(along / draws.number(0.15, 0.45), aside / draws.number(0.15, 0.45)) - 1
    return _softened(draws, shape.astype(np.float32) * draws.one_of((-1, 1)))


def _blob(draws: Draws, side: int) -> Shape:
    """What lies below a level of a smooth random field: shapes as a hand might draw them."""
    few = np.array([[draws.number() for _ in range(5)] for _ in range(5)], np.float32)
    field = cv2.resize(few, (side, side), interpolation=cv2.INTER_CUBIC)
    return _softened(draws, (field - np.quantile(field, draws.number(0.2, 0.7))).astype(np.float32))


def _softened(draws: Draws, shape: Shape) -> Shape:
    """The binary mask of a shape (black inside), grown or shrunk, and blurred."""
    side = len(shape)
    mask = np.where(shape < 0, np.float32(0), np.float32(1))
    wider = dilate(mask, draws.number(-_GROWN, _GROWN) * side)
    return gaussian_blur(wider, draws.number(0, _BLURRED) * side)


_KINDS: dict[str, Callable[[Draws, int], Shape]] = {
    "gradient": _gradient,
    "border": _border,
    "oval": _oval,
    "blob": _blob,
}
