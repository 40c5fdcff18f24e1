"""What an edit means in pixels: the exemplars over the source, and the source's own white put back."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixels_ext.greys import Map, blurred, grown, levelled
from pixels_ext.pictures import alpha_of

Pixels = NDArray[np.float32]
"""A picture as float32 `[H, W, 3]`."""

_FEATHER = 0.015  # of the shorter side
_MATCHED = 0.05  # of the shorter side
_FINE = 3.0
"""How many pixels `_MATCHED` is shrunk to: means over it need no more."""
_NOTHING = 1e-3
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

    The change-over lies inside the white, over 1.5 % of the shorter side; deeper inside the source is kept bit by bit.
    Outside of it nothing but colours are touched, see `with_colours_matched`.
    """
    weight = white_weight(release)
    edited, kept = (np.asarray(picture.convert("RGB"), dtype=np.float32) for picture in (result, source))
    edited = with_colours_matched(edited, kept, weight)
    return Image.fromarray((edited + (kept - edited) * weight[..., None] + 0.5).clip(0, 255).astype(np.uint8))


def with_colours_matched(edited: Pixels, kept: Pixels, weight: Map) -> Pixels:
    """`edited` with its colours moved by what they are off in the white that is near, so that no rim shows beside it.

    Autoencoders shift colours a little. `edited`, `kept`: float32 `[H, W, 3]` of any range; `weight` `[H, W]`: where
    the one will be replaced by the other. The move is the mean difference there within about 5 % of the shorter side,
    and fades out over the same distance.
    """
    height, width = weight.shape
    reach = _MATCHED * min(height, width)
    small = (max(1, round(width * _FINE / reach)), max(1, round(height * _FINE / reach)))
    both = np.concatenate([weight[..., None] * (kept - edited), weight[..., None]], axis=2)
    means = cv2.GaussianBlur(cv2.resize(both, small, interpolation=cv2.INTER_AREA), (0, 0), _FINE)
    means = cv2.resize(means, (width, height), interpolation=cv2.INTER_LINEAR)
    wrong, near = means[..., :3], means[..., 3:]
    return edited + (wrong / np.maximum(near, _NOTHING) * np.minimum(1, 2 * near)).astype(np.float32)


def white_weight(release: Map) -> Map:
    """1 deep inside of the white of a release map `[H, W]`, 0 outside of it and on its edge, smooth between."""
    inside, feather = (release >= 1).astype(np.float32), max(2.0, _FEATHER * min(release.shape))
    return blurred(grown(inside, feather / 2), feather / 6) * inside
