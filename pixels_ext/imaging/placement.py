"""An exemplar on the source's canvas: fitted, moved, scaled, turned and mirrored, with one resampling."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pixels_ext.fields import Checked, Choice, Number, Boolean, declare
from pixels_ext.imaging.images import as_rgba
from pixels_ext.imaging.mask_ops import Map

_CLOCKWISE = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}
"""Pillow's names for quarter turns, which count the other way."""


@dataclass(frozen=True, kw_only=True)
class Placement(Checked):
    """Where an exemplar lies on the source's canvas. Where it does not reach, the source stays."""

    fit: str = declare(
        Choice(
            label="Fit",
            help="How the exemplar is sized before scaling: cover the canvas, be contained in it, stretch to it, or "
            "keep its own size (one pixel of it on one pixel of the canvas).",
            default="cover",
            choices=("cover", "contain", "stretch", "original"),
        )
    )
    x: float = declare(
        Number(
            label="Position x",
            help="Where the exemplar's centre lies, from the canvas's left edge (0) to its right edge (1).",
            default=0.5,
            minimum=-2,
            maximum=3,
            step=0.01,
            unit="of the width",
        )
    )
    y: float = declare(
        Number(
            label="Position y",
            help="Where the exemplar's centre lies, from the canvas's top edge (0) to its bottom edge (1).",
            default=0.5,
            minimum=-2,
            maximum=3,
            step=0.01,
            unit="of the height",
        )
    )
    scale: float = declare(
        Number(
            label="Scale",
            help="Size relative to the fitted size.",
            default=1.0,
            minimum=0.01,
            maximum=20,
            step=0.05,
        )
    )
    rotation: float = declare(
        Number(
            label="Rotation",
            help="Turn of the exemplar about its centre, clockwise.",
            default=0.0,
            minimum=-360,
            maximum=360,
            step=1,
            unit="degrees",
        )
    )
    flip: bool = declare(Boolean(label="Flip", help="Mirror the exemplar left to right.", default=False))


def place(exemplar: Image.Image, size: tuple[int, int], placement: Placement) -> Image.Image:
    """Lay `exemplar` on a transparent canvas of `size = (width, height)`. Returns RGBA; alpha 0 = not covered."""
    return _laid(_ready(exemplar), size, placement).convert("RGBA")


def _ready(exemplar: Image.Image) -> Image.Image:
    """Any image in the mode in which it is resampled: RGB when it is opaque, which takes a third of the time;
    premultiplied otherwise, so that what is transparent does not bleed into what is not."""
    if exemplar.mode == "RGB" and "transparency" not in exemplar.info:
        return exemplar
    rgba = as_rgba(exemplar)
    return rgba.convert("RGB" if rgba.getchannel("A").getextrema() == (255, 255) else "RGBa")


def place_map(values: Map, size: tuple[int, int], placement: Placement) -> Map:
    """Lay a map `[h, w]` that belongs to an exemplar on the canvas, as `place` lays the exemplar. Where it does not
    reach, it is white (1): there the source stays. Returns `[H, W]` in [0, 1]."""
    # Pillow fills with black, so what is laid is how much each place becomes the exemplar.
    dark = Image.fromarray(np.ascontiguousarray(1 - values, dtype=np.float32))
    return 1 - np.asarray(_laid(dark, size, placement), dtype=np.float32).clip(0, 1)


def _laid(picture: Image.Image, size: tuple[int, int], placement: Placement) -> Image.Image:
    """`picture` on an empty canvas of `size`."""
    placed = _placed_size(picture.size, size, placement)
    quarters, rest = divmod(placement.rotation, 90)
    if rest:
        return _turned(picture, placed, size, placement)
    if placement.flip:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if quarters % 4:
        picture = picture.transpose(_CLOCKWISE[int(quarters % 4)])
    return _upright(picture, placed[:: -1 if quarters % 2 else 1], size, placement)


def _upright(
    picture: Image.Image, placed: tuple[float, ...], size: tuple[int, int], placement: Placement
) -> Image.Image:
    """What needs no turning: one filter, as wide as the picture shrinks."""
    canvas = _empty(picture.mode, size)
    centre = placement.x * size[0], placement.y * size[1]
    ratio = tuple(own / wanted for own, wanted in zip(picture.size, placed, strict=True))
    # The canvas's pixels whose centres lie on the picture, and the part of the picture that they show.
    starts = [max(0, math.ceil(c - p / 2 - 0.5)) for c, p in zip(centre, placed, strict=True)]
    ends = [min(s, math.floor(c + p / 2 + 0.5)) for c, p, s in zip(centre, placed, size, strict=True)]
    if ends[0] <= starts[0] or ends[1] <= starts[1]:
        return canvas
    # Half a pixel of them may reach over the picture's edge, which goes on there: it stays as sharp as it was.
    margin = [min(own, math.ceil(r / 2)) for own, r in zip(picture.size, ratio, strict=True)]
    wider = _extended(picture, margin[0], margin[1])
    corners = [
        min(max((place - c + p / 2) * r + m, 0), side)
        for places in (starts, ends)
        for place, c, p, r, m, side in zip(places, centre, placed, ratio, margin, wider.size, strict=True)
    ]
    # No filter that rings when it shrinks, because a ring in the alpha would be a line of source inside the exemplar.
    shrinks = max(ratio) > 1
    filter_ = Image.Resampling.HAMMING if shrinks else Image.Resampling.BICUBIC
    shown = wider.resize((ends[0] - starts[0], ends[1] - starts[1]), filter_, (*corners[:2], *corners[2:]))
    canvas.paste(shown, (starts[0], starts[1]))
    return canvas


def _empty(mode: str, size: tuple[int, int]) -> Image.Image:
    """A canvas of `size` without anything on it, for a picture of `mode`: transparent, or black where it has no
    colors."""
    return Image.new("RGBA" if mode == "RGB" else mode, size)


def _extended(picture: Image.Image, across: int, down: int) -> Image.Image:
    """The picture with its outermost pixels repeated on all sides."""
    width, height = picture.size
    wider = Image.new(picture.mode, (width + 2 * across, height + 2 * down), None)  # all of it is painted over
    wider.paste(picture, (across, down))
    for edge, place in ((across, 0), (across + width - 1, across + width)):
        wider.paste(wider.crop((edge, 0, edge + 1, wider.height)).resize((across, wider.height)), (place, 0))
    for edge, place in ((down, 0), (down + height - 1, down + height)):
        wider.paste(wider.crop((0, edge, wider.width, edge + 1)).resize((wider.width, down)), (0, place))
    return wider


def _turned(
    picture: Image.Image, placed: tuple[float, float], size: tuple[int, int], placement: Placement
) -> Image.Image:
    """What is turned: a bicubic sample at every pixel of the canvas. That looks at 4 x 4 pixels, too few when the
    picture shrinks, so it is filtered down before."""
    smaller = [min(own, max(1, math.ceil(wanted))) for own, wanted in zip(picture.size, placed, strict=True)]
    if (smaller[0], smaller[1]) != picture.size:
        picture = picture.resize((smaller[0], smaller[1]), Image.Resampling.HAMMING)
    if picture.mode == "RGB":
        picture = picture.convert("RGBA").convert("RGBa")
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
