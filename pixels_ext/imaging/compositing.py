"""What an edit means in pixels: the exemplars over the source, and the source's own white put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixels_ext.imaging.images import alpha_of
from pixels_ext.imaging.mask_ops import Map, levelled, signed_distance, smooth_step

_FEATHER = 0.015  # of the shorter side
USUAL_CELL = 8
"""Pixels along the side of a latent cell in most models; Flux.2's have 16."""
_MATCHED = 0.05  # of the shorter side
_FINE = 3.0
"""How many pixels `_MATCHED` is shrunk to: means over it need no more."""
_NOTHING = 1e-3
_BAND = 64
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


class WhiteRestorer:
    """Puts a source's own pixels back into finished images, wherever a release map is 1.

    The change-over lies inside the white, see `feather`; deeper inside the source is kept bit by bit. Autoencoders
    shift colors a little, so the edit is moved by what it is off in the white that is near, and no rim shows beside it:
    by the mean difference within about 5 % of the shorter side, wholly where the source has any weight, and fading out
    over the same distance elsewhere. With weight `w`, means `A` and `n = min(1, 2 A[w > 0])`:

        result + w (source - result) + (1 - w) n A[w (source - result)] / A[w]

    What does not depend on the result is made once, for all images of a batch.
    """

    def __init__(self, source: Image.Image, release: Map, cell: int = USUAL_CELL) -> None:
        """`source`: RGB of the images' size. `release`: `[H, W]` in [0, 1]. `cell`: pixels along the side of a latent
        cell."""
        self._source = np.asarray(source.convert("RGB"))
        self._weight = white_weight(release, cell)
        self._size = release.shape[1], release.shape[0]
        near = np.minimum(1, 2 * self._averaged((self._weight > 0).astype(np.float32)))
        spread = np.maximum(self._averaged(self._weight), _NOTHING)
        self._gain = ((1 - self._weight) * near / spread).astype(np.float32)

    def __call__(self, result: Image.Image) -> Image.Image:
        """`result` (of the source's size) with the source's white in it. RGB."""
        edited = np.asarray(result.convert("RGB"))
        difference = np.empty(edited.shape, dtype=np.float32)
        for rows in self._bands():
            own = cv2.subtract(self._source[rows], edited[rows], dtype=cv2.CV_32F)
            cv2.multiply(own, cv2.merge([self._weight[rows]] * 3), dst=difference[rows])
        shift = self._averaged(difference)
        restored = np.empty_like(edited)
        for rows in self._bands():
            moved = cv2.multiply(shift[rows], cv2.merge([self._gain[rows]] * 3))
            cv2.add(moved, difference[rows], dst=moved)
            cv2.add(edited[rows], moved, dst=restored[rows], dtype=cv2.CV_8U)
        return Image.fromarray(restored)

    def _bands(self) -> Iterator[slice]:
        """All rows, a few at a time: what is worked on fits into the processor's cache, which takes a third less
        time."""
        return (slice(top, top + _BAND) for top in range(0, self._size[1], _BAND))

    def _averaged(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Means of `[H, W]` or `[H, W, 3]` within about 5 % of the shorter side."""
        reach = _MATCHED * min(self._size)
        small = [max(1, round(side * _FINE / reach)) for side in self._size]
        means = cv2.GaussianBlur(cv2.resize(values, small, interpolation=cv2.INTER_AREA), (0, 0), _FINE)
        return np.asarray(cv2.resize(means, self._size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


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
