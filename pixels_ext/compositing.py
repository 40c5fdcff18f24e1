"""What an edit means in pixels: the exemplars over the source, and the source's own white put back."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixels_ext.greys import Map, levelled, signed_distance, smooth_step
from pixels_ext.pictures import alpha_of

Pixels = NDArray[np.float32]
"""A picture as float32 `[H, W, 3]`."""

_FEATHER = 0.015  # of the shorter side
USUAL_CELL = 8
"""Pixels along the side of a latent cell in most models; Flux.2's have 16."""
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


def with_white_kept(result: Image.Image, source: Image.Image, release: Map, cell: int = USUAL_CELL) -> Image.Image:
    """`result` with the source's own pixels wherever `release` `[H, W]` is 1.

    `cell`: pixels along the side of a latent cell.

    The change-over lies inside the white, see `feather`; deeper inside the source is kept bit by bit. Outside of it
    nothing but colours are touched, see `with_colours_matched`.
    """
    weight = white_weight(release, cell)
    edited, kept = (np.asarray(picture.convert("RGB"), dtype=np.float32) for picture in (result, source))
    edited = with_colours_matched(edited, kept, weight)
    return Image.fromarray((edited + (kept - edited) * weight[..., None] + 0.5).clip(0, 255).astype(np.uint8))


def with_colours_matched(edited: Pixels, kept: Pixels, weight: Map) -> Pixels:
    """`edited` with its colours moved by what they are off in the white that is near, so that no rim shows beside it.

    Autoencoders shift colours a little. `edited`, `kept`: float32 `[H, W, 3]` of any range; `weight` `[H, W]`: where
    the one will be replaced by the other. The move is the mean difference there within about 5 % of the shorter side,
    whole where there is any weight, and beside it it fades out over the same distance.
    """
    off = _around(np.dstack([weight[..., None] * (kept - edited), weight]))
    near = np.minimum(1, 2 * _around((weight > 0).astype(np.float32)))
    return edited + (off[..., :3] / np.maximum(off[..., 3:], _NOTHING) * near[..., None]).astype(np.float32)


def _around(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of `[H, W]` or `[H, W, up to 4]` within about 5 % of the shorter side."""
    height, width = values.shape[:2]
    reach = _MATCHED * min(height, width)
    small = (max(1, round(width * _FINE / reach)), max(1, round(height * _FINE / reach)))
    means = cv2.GaussianBlur(cv2.resize(values, small, interpolation=cv2.INTER_AREA), (0, 0), _FINE)
    return np.asarray(cv2.resize(means, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def white_weight(release: Map, cell: int = USUAL_CELL) -> Map:
    """1 deep inside of the white of a release map `[H, W]`, 0 outside of it, and between them smooth over `feather`."""
    return smooth_step(signed_distance(release >= 1) / np.float32(feather(release.shape, cell)))


def feather(shape: tuple[int, ...], cell: int = USUAL_CELL) -> float:
    """Width in pixels of the change-over in a picture of `shape` `(H, W)`: 1.5 % of the shorter side, at least a cell
    of the latent, since so far an edit reaches into the white, at every size of the picture: cut off sooner, its edge
    shows.

    Between neighbours the weight changes by at most `1.5 / feather`. So where source and edit differ by D, a step from
    one to the next is at most the larger one of theirs, and `1.5 D / feather`.
    """
    return max(float(cell), _FEATHER * min(shape))
