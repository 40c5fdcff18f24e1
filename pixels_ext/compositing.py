"""What an edit means in pixels: the exemplars over the source, and the source's own white put back."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PIL import Image

from pixels_ext.greys import Map, blurred, grown, levelled
from pixels_ext.pictures import alpha_of

_FEATHER = 0.015  # of the shorter side
_SLIGHT = 0.1
"""Transparency that resampling leaves along the inside of an opaque edge; at a release time above 0 the edge would be
drawn twice, with a line of source between."""


def over_source(source: Image.Image, placed: Image.Image) -> Image.Image:
    """A placed exemplar (RGBA) laid over the source (RGB), so that what it does not cover is the source. RGB."""
    return Image.alpha_composite(source.convert("RGBA"), placed).convert("RGB")


def lifted(edit_map: Map, placed: Image.Image) -> Map:
    """The edit map, made white where the placed exemplar (RGBA) does not cover the canvas; 90 % is covered."""
    return np.maximum(edit_map, uncovered(placed))


def uncovered(placed: Image.Image) -> Map:
    """How little a placed exemplar (RGBA) covers each place, float32 `[H, W]` in [0, 1]."""
    return levelled(1 - alpha_of(placed), _SLIGHT, 1)


def surgical_picture(source: Image.Image, exemplars: Iterable[tuple[Image.Image, Map]]) -> Image.Image:
    """The source (RGB), overwritten by each exemplar (RGB, same size) wherever its release time is 0; later ones on
    top.

    `exemplars`: pairs of picture and release time `[H, W]`. This is the surgical latent before encoding, and the result
    of the paper's "naive solution" before denoising (Figure 2).
    """
    pixels = np.asarray(source.convert("RGB")).copy()
    for picture, release in exemplars:
        place = release <= 0
        pixels[place] = np.asarray(picture.convert("RGB"))[place]
    return Image.fromarray(pixels)


def with_white_kept(result: Image.Image, source: Image.Image, release: Map) -> Image.Image:
    """`result` with the source's own pixels wherever `release` `[H, W]` is 1.

    The change-over lies inside the white, over 1.5 % of the shorter side: outside of it not a pixel of the result is
    touched, and deeper inside the source is kept bit by bit.
    """
    weight = white_weight(release)[..., None]
    edited, kept = (np.asarray(picture.convert("RGB"), dtype=np.float32) for picture in (result, source))
    return Image.fromarray((edited + (kept - edited) * weight + 0.5).clip(0, 255).astype(np.uint8))


def white_weight(release: Map) -> Map:
    """1 deep inside of the white of a release map `[H, W]`, 0 outside of it and on its edge, smooth between."""
    inside, feather = (release >= 1).astype(np.float32), max(2.0, _FEATHER * min(release.shape))
    return blurred(grown(inside, feather / 2), feather / 6) * inside
