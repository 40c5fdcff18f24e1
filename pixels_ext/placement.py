"""An exemplar on the source's canvas: fitted, moved, scaled, turned and mirrored, with one resampling."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from pixels_ext.greys import Map
from pixels_ext.pictures import as_rgba
from pixels_ext.request import Placement


def place(exemplar: Image.Image, size: tuple[int, int], placement: Placement) -> Image.Image:
    """Lay `exemplar` on a transparent canvas of `size = (width, height)`. Returns RGBA; alpha 0 = not covered."""
    # With colours premultiplied, what is transparent does not bleed into what is not.
    return _laid(as_rgba(exemplar).convert("RGBa"), size, placement).convert("RGBA")


def place_map(values: Map, size: tuple[int, int], placement: Placement) -> Map:
    """Lay a map `[h, w]` that belongs to an exemplar on the canvas, as `place` lays the exemplar. Where it does not
    reach, it is white (1): there the source stays. Returns `[H, W]` in [0, 1]."""
    # Pillow fills with black, so what is laid is how much each place becomes the exemplar.
    dark = Image.fromarray(np.ascontiguousarray(1 - values, dtype=np.float32))
    return 1 - np.asarray(_laid(dark, size, placement), dtype=np.float32).clip(0, 1)


def _laid(picture: Image.Image, size: tuple[int, int], placement: Placement) -> Image.Image:
    """`picture` on an empty canvas of `size`."""
    placed = _placed_size(picture.size, size, placement)
    # A bicubic sample looks at 4 x 4 pixels, which is too few when the picture shrinks: filter it down first, by a
    # filter that does not ring, because a ring in the alpha would be a line of source inside of the exemplar.
    smaller = [min(own, max(1, math.ceil(wanted))) for own, wanted in zip(picture.size, placed, strict=True)]
    if (smaller[0], smaller[1]) != picture.size:
        picture = picture.resize((smaller[0], smaller[1]), Image.Resampling.HAMMING)
    inverse = _canvas_to_picture(picture.size, placed, size, placement)
    return picture.transform(size, Image.Transform.AFFINE, inverse, Image.Resampling.BICUBIC)


def _placed_size(own: tuple[int, int], canvas: tuple[int, int], placement: Placement) -> tuple[float, float]:
    """Width and height in canvas pixels at which the exemplar appears, before it is turned."""
    ratios = canvas[0] / own[0], canvas[1] / own[1]
    fitted = {
        "cover": (max(ratios),) * 2,
        "contain": (min(ratios),) * 2,
        "stretch": ratios,
        "original": (1.0, 1.0),
    }[placement.fit]
    return own[0] * fitted[0] * placement.scale, own[1] * fitted[1] * placement.scale


def _canvas_to_picture(
    own: tuple[int, int], placed: tuple[float, float], canvas: tuple[int, int], placement: Placement
) -> tuple[float, float, float, float, float, float]:
    """The affine map from canvas to picture coordinates that Pillow asks for: move back, turn back, scale back."""
    angle = math.radians(placement.rotation)
    cos, sin = math.cos(angle), math.sin(angle)
    across, down = own[0] / placed[0] * (-1 if placement.flip else 1), own[1] / placed[1]
    a, b, d, e = across * cos, across * sin, -down * sin, down * cos
    x, y = placement.x * canvas[0], placement.y * canvas[1]
    return a, b, own[0] / 2 - a * x - b * y, d, e, own[1] / 2 - d * x - e * y
