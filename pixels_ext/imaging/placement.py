"""Placement of an exemplar on the source's canvas: its fields in a request, and the resampling that applies them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pixels_ext.fields import Checked, Choice, Number, Boolean, declare
from pixels_ext.imaging.images import as_rgba
from pixels_ext.imaging.mask_ops import Map

_CLOCKWISE = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}
"""Pillow's names for clockwise quarter turns; Pillow itself counts counterclockwise."""


@dataclass(frozen=True, kw_only=True)
class Placement(Checked):
    """Where an exemplar is placed on the source's canvas. Where it does not cover the canvas, the source stays."""

    fit: str = declare(
        Choice(
            label="Fit",
            help="Size before scaling: cover the canvas, be contained in it, stretch to it, or keep the original size "
            "(one pixel of the exemplar is one pixel of the canvas).",
            default="cover",
            choices=("cover", "contain", "stretch", "original"),
        )
    )
    x: float = declare(
        Number(
            label="Position x",
            help="Center of the exemplar, from the canvas's left edge (0) to its right edge (1).",
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
            help="Center of the exemplar, from the canvas's top edge (0) to its bottom edge (1).",
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
            help="Scale relative to the fitted size.",
            default=1.0,
            minimum=0.01,
            maximum=20,
            step=0.05,
        )
    )
    rotation: float = declare(
        Number(
            label="Rotation",
            help="Clockwise rotation of the exemplar about its center.",
            default=0.0,
            minimum=-360,
            maximum=360,
            step=1,
            unit="degrees",
        )
    )
    flip: bool = declare(Boolean(label="Flip", help="Flip the exemplar horizontally.", default=False))


def place(exemplar: Image.Image, size: tuple[int, int], placement: Placement) -> Image.Image:
    """Place `exemplar` on a transparent canvas of `size = (width, height)`. Returns RGBA; alpha 0 = not covered."""
    return _place_on_canvas(_to_resampling_mode(exemplar), size, placement).convert("RGBA")


def _to_resampling_mode(exemplar: Image.Image) -> Image.Image:
    """Any image in the mode in which it is resampled: RGB if it is opaque, which takes a third of the time; otherwise
    premultiplied RGBa, so that the colors of transparent pixels do not bleed into opaque ones."""
    if exemplar.mode == "RGB" and "transparency" not in exemplar.info:
        return exemplar
    rgba = as_rgba(exemplar)
    return rgba.convert("RGB" if rgba.getchannel("A").getextrema() == (255, 255) else "RGBa")


def place_map(values: Map, size: tuple[int, int], placement: Placement) -> Map:
    """Place a map `[h, w]` of an exemplar on the canvas of `size = (width, height)`, as `place` does with the exemplar.
    Where it does not cover the canvas it is white (1 = source). Returns float32 `[H, W]` in [0, 1]."""
    # Pillow fills with black, so the map is inverted before and after.
    inverted = Image.fromarray(np.ascontiguousarray(1 - values, dtype=np.float32))
    return 1 - np.asarray(_place_on_canvas(inverted, size, placement), dtype=np.float32).clip(0, 1)


def _place_on_canvas(image: Image.Image, size: tuple[int, int], placement: Placement) -> Image.Image:
    """`image` on an empty canvas of `size`."""
    placed = _placed_size(image.size, size, placement)
    quarters, rest = divmod(placement.rotation, 90)
    if rest:
        return _rotate_onto(image, placed, size, placement)
    if placement.flip:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if quarters % 4:
        image = image.transpose(_CLOCKWISE[int(quarters % 4)])
    return _resize_onto(image, placed[:: -1 if quarters % 2 else 1], size, placement)


def _resize_onto(
    image: Image.Image, placed: tuple[float, ...], size: tuple[int, int], placement: Placement
) -> Image.Image:
    """For rotations by quarter turns: one resize, with a filter as wide as the scale asks for."""
    canvas = _empty_canvas(image.mode, size)
    center = placement.x * size[0], placement.y * size[1]
    ratio = tuple(own / wanted for own, wanted in zip(image.size, placed, strict=True))
    # The canvas pixels whose centers are on the image, and the part of the image that they show.
    starts = [max(0, math.ceil(c - p / 2 - 0.5)) for c, p in zip(center, placed, strict=True)]
    ends = [min(s, math.floor(c + p / 2 + 0.5)) for c, p, s in zip(center, placed, size, strict=True)]
    if ends[0] <= starts[0] or ends[1] <= starts[1]:
        return canvas
    # Up to half a pixel of that part is beyond the image's edge; the edge is repeated there, which keeps it sharp.
    margin = [min(own, math.ceil(r / 2)) for own, r in zip(image.size, ratio, strict=True)]
    wider = _pad_edges(image, margin[0], margin[1])
    corners = [
        min(max((edge - c + p / 2) * r + m, 0), side)
        for edges in (starts, ends)
        for edge, c, p, r, m, side in zip(edges, center, placed, ratio, margin, wider.size, strict=True)
    ]
    # HAMMING does not ring when it shrinks: a ring in the alpha would be a line of source inside the exemplar.
    shrinks = max(ratio) > 1
    filter_ = Image.Resampling.HAMMING if shrinks else Image.Resampling.BICUBIC
    shown = wider.resize((ends[0] - starts[0], ends[1] - starts[1]), filter_, (*corners[:2], *corners[2:]))
    canvas.paste(shown, (starts[0], starts[1]))
    return canvas


def _empty_canvas(mode: str, size: tuple[int, int]) -> Image.Image:
    """An empty canvas of `size` for an image of `mode`: transparent, or black for a map."""
    return Image.new("RGBA" if mode == "RGB" else mode, size)


def _pad_edges(image: Image.Image, across: int, down: int) -> Image.Image:
    """`image` with its outermost pixels repeated `across` and `down` pixels beyond its edges."""
    width, height = image.size
    wider = Image.new(image.mode, (width + 2 * across, height + 2 * down), None)  # every pixel is set below
    wider.paste(image, (across, down))
    for edge, target in ((across, 0), (across + width - 1, across + width)):
        wider.paste(wider.crop((edge, 0, edge + 1, wider.height)).resize((across, wider.height)), (target, 0))
    for edge, target in ((down, 0), (down + height - 1, down + height)):
        wider.paste(wider.crop((0, edge, wider.width, edge + 1)).resize((wider.width, down)), (0, target))
    return wider


def _rotate_onto(
    image: Image.Image, placed: tuple[float, float], size: tuple[int, int], placement: Placement
) -> Image.Image:
    """For any other rotation: a bicubic sample at every pixel of the canvas. Bicubic reads 4 x 4 pixels, which aliases
    when the image shrinks, so the image is scaled down first."""
    smaller = [min(own, max(1, math.ceil(wanted))) for own, wanted in zip(image.size, placed, strict=True)]
    if (smaller[0], smaller[1]) != image.size:
        image = image.resize((smaller[0], smaller[1]), Image.Resampling.HAMMING)
    if image.mode == "RGB":
        image = image.convert("RGBA").convert("RGBa")
    inverse = _canvas_to_image(image.size, placed, size, placement)
    return image.transform(size, Image.Transform.AFFINE, inverse, Image.Resampling.BICUBIC)


def _placed_size(own: tuple[int, int], canvas: tuple[int, int], placement: Placement) -> tuple[float, float]:
    """Width and height of the placed exemplar in canvas pixels, before rotation."""
    ratios = canvas[0] / own[0], canvas[1] / own[1]
    fitted = {
        "cover": (max(ratios),) * 2,
        "contain": (min(ratios),) * 2,
        "stretch": ratios,
        "original": (1.0, 1.0),
    }[placement.fit]
    return own[0] * fitted[0] * placement.scale, own[1] * fitted[1] * placement.scale


def _canvas_to_image(
    own: tuple[int, int], placed: tuple[float, float], canvas: tuple[int, int], placement: Placement
) -> tuple[float, float, float, float, float, float]:
    """The affine transform from canvas to image coordinates, as Pillow takes it: the inverse of scale, rotate, move."""
    angle = math.radians(placement.rotation)
    cos, sin = math.cos(angle), math.sin(angle)
    across, down = own[0] / placed[0] * (-1 if placement.flip else 1), own[1] / placed[1]
    a, b, d, e = across * cos, across * sin, -down * sin, down * cos
    x, y = placement.x * canvas[0], placement.y * canvas[1]
    return a, b, own[0] / 2 - a * x - b * y, d, e, own[1] / 2 - d * x - e * y
