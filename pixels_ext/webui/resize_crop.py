"""What the host's img2img does to a source before it is encoded, applied to maps in float: crop, then resize."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pixels_ext.imaging.images import resize_map
from pixels_ext.imaging.mask_ops import Map

JUST_RESIZE, CROP_AND_RESIZE, RESIZE_AND_FILL, LATENT_UPSCALE = range(4)
"""The hosts' resize modes, by their numbers."""


@dataclass(frozen=True)
class ResizeCrop:
    """From the source's canvas to the sampler's.

    `source`: width and height of the source. `crop`: left, top, width and height of "Only masked", in the source.
    `mode`: resize mode. `target`: width and height of the generation.
    """

    source: tuple[int, int]
    crop: tuple[int, int, int, int] | None
    mode: int
    target: tuple[int, int]

    def apply(self, values: Map) -> Map:
        """A map `[h, w]` of the source's size on the sampler's canvas, `[H, W]`.

        With the resize mode "latent upscale" the source is encoded at its own size, and so the map keeps its size.
        """
        if self.crop:
            left, top, width, height = self.crop
            return resize_by_mode(values[top : top + height, left : left + width], RESIZE_AND_FILL, self.target)
        return values if self.mode == LATENT_UPSCALE else resize_by_mode(values, self.mode, self.target)


def resize_by_mode(values: Map, mode: int, target: tuple[int, int]) -> Map:
    """A map `[h, w]` resized to `target = (width, height)` as the host resizes images: stretched, center-cropped, or
    padded by repeating its border."""
    if mode not in (CROP_AND_RESIZE, RESIZE_AND_FILL):
        return resize_map(values, target)
    (width, height), (own_height, own_width) = target, values.shape
    wider = width * own_height > height * own_width
    if wider == (mode == CROP_AND_RESIZE):
        size = width, own_height * width // own_width
    else:
        size = own_width * height // own_height, height
    return _center_crop_or_pad(resize_map(values, (max(size[0], 1), max(size[1], 1))), target)


def _center_crop_or_pad(values: Map, target: tuple[int, int]) -> Map:
    """`values` cropped or padded (by its border) to `target`, around the center."""
    for axis, wanted in ((0, target[1]), (1, target[0])):
        before = wanted // 2 - values.shape[axis] // 2
        index = np.clip(np.arange(wanted) - before, 0, values.shape[axis] - 1)
        values = np.take(values, index, axis=axis)
    return values
