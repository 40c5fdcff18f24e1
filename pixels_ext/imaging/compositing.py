"""A placed exemplar over the source: the composite of the two, and the edit map where the exemplar does not cover."""

from __future__ import annotations

import numpy as np
from PIL import Image

from pixels_ext.imaging.images import alpha_channel
from pixels_ext.imaging.mask_ops import Map, levels

_OPAQUE = 0.9
"""Alpha from which a pixel counts as covered. Resampling leaves a little transparency along the inside of an opaque
edge; if that raised the release time above 0, a line of source would show along the edge."""


def paste_over_source(source: Image.Image, placed: Image.Image) -> Image.Image:
    """A placed exemplar (RGBA) pasted over the source (RGB) of the same size by its alpha. Returns RGB."""
    return Image.alpha_composite(source.convert("RGBA"), placed).convert("RGB")


def coverage(placed: Image.Image) -> Map:
    """How much of each pixel a placed exemplar (RGBA) covers, float32 `[H, W]` in [0, 1]: 1 from 90 % opacity on."""
    return levels(alpha_channel(placed), 0, _OPAQUE)


def protect_uncovered(edit_map: Map, placed: Image.Image) -> Map:
    """`edit_map` `[H, W]`, white (1 = source) where the placed exemplar (RGBA) does not cover the canvas:
    `max(edit_map, 1 - coverage)`."""
    return np.maximum(edit_map, 1 - coverage(placed))
