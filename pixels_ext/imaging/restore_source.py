"""The source's own pixels put back into a result where the release map is white (`keep_white`)."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixels_ext.imaging.mask_ops import Map, signed_distance, smoothstep

DEFAULT_VAE_SCALE_FACTOR = 8
"""Pixels along the side of a latent cell in most models; 16 in Flux.2."""
_FEATHER = 0.015  # of the shorter side
_MATCH_RADIUS = 0.05  # of the shorter side
_SMALL_RADIUS = 3.0
"""Pixels to which `_MATCH_RADIUS` is scaled down: means over it need no more resolution."""
_LEAST_MEAN = 1e-3
_BAND = 64


class SourceRestorer:
    """Puts the source's own pixels back into a result wherever the release map is 1.

    The transition lies inside the white area (see `feather`); beyond it, every pixel is exactly the source's. As
    autoencoders shift colors slightly, the edit is shifted to match, so that no rim shows where the two meet: by the
    mean difference in the white nearby (within about 5 % of the shorter side), fully where the source has any weight,
    and fading to 0 over the same distance. With weight `w`, local means `A` and `n = min(1, 2 A[w > 0])`:

        result + w (source - result) + (1 - w) n A[w (source - result)] / A[w]

    What does not depend on the result is computed once, for all images of a batch.
    """

    def __init__(self, source: Image.Image, release: Map, vae_scale_factor: int = DEFAULT_VAE_SCALE_FACTOR) -> None:
        """`source`: RGB, `release`: `[H, W]` in [0, 1], both of the result's size. `vae_scale_factor`: pixels along the
        side of a latent cell."""
        self._source = np.asarray(source.convert("RGB"))
        self._weight = restore_weight(release, vae_scale_factor)
        self._size = release.shape[1], release.shape[0]
        near = np.minimum(1, 2 * self._local_mean((self._weight > 0).astype(np.float32)))
        spread = np.maximum(self._local_mean(self._weight), _LEAST_MEAN)
        self._gain = ((1 - self._weight) * near / spread).astype(np.float32)

    def __call__(self, result: Image.Image) -> Image.Image:
        """`result` (of the source's size) with the source restored. RGB."""
        edited = np.asarray(result.convert("RGB"))
        difference = np.empty(edited.shape, dtype=np.float32)
        for rows in self._row_bands():
            own = cv2.subtract(self._source[rows], edited[rows], dtype=cv2.CV_32F)
            cv2.multiply(own, cv2.merge([self._weight[rows]] * 3), dst=difference[rows])
        shift = self._local_mean(difference)
        restored = np.empty_like(edited)
        for rows in self._row_bands():
            moved = cv2.multiply(shift[rows], cv2.merge([self._gain[rows]] * 3))
            cv2.add(moved, difference[rows], dst=moved)
            cv2.add(edited[rows], moved, dst=restored[rows], dtype=cv2.CV_8U)
        return Image.fromarray(restored)

    def _row_bands(self) -> Iterator[slice]:
        """All rows in bands that fit into the processor's cache, which takes a third less time."""
        return (slice(top, top + _BAND) for top in range(0, self._size[1], _BAND))

    def _local_mean(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Means of `[H, W]` or `[H, W, 3]` within about 5 % of the shorter side."""
        radius = _MATCH_RADIUS * min(self._size)
        small = [max(1, round(side * _SMALL_RADIUS / radius)) for side in self._size]
        means = cv2.GaussianBlur(cv2.resize(values, small, interpolation=cv2.INTER_AREA), (0, 0), _SMALL_RADIUS)
        return np.asarray(cv2.resize(means, self._size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def restore_weight(release: Map, vae_scale_factor: int = DEFAULT_VAE_SCALE_FACTOR) -> Map:
    """The weight of the source, float32 `[H, W]` in [0, 1]: 0 where `release` `[H, W]` is below 1, rising smoothly to 1
    over `feather` pixels inside the white area."""
    return smoothstep(signed_distance(release >= 1) / np.float32(feather(release.shape, vae_scale_factor)))


def feather(shape: tuple[int, ...], vae_scale_factor: int = DEFAULT_VAE_SCALE_FACTOR) -> float:
    """Width in pixels of the transition in an image of `shape` `(H, W)`: 1.5 % of the shorter side, but at least one
    latent cell, because an edit reaches that far into the white area at any image size, and a narrower transition
    would show where it is cut off.

    The weight changes by at most `1.5 / feather` from one pixel to the next. So where source and edit differ by D, the
    step between two pixels is at most the larger of the source's and the edit's, plus `1.5 D / feather`.
    """
    return max(float(vae_scale_factor), _FEATHER * min(shape))
