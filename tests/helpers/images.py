"""Small random images and edit maps."""

from __future__ import annotations

import numpy as np
from PIL import Image


def noise_image(seed: int, size: tuple[int, int] = (64, 64)) -> Image.Image:
    """A smooth, colorful RGB image of `size` (width, height)."""
    small = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def gray_map(seed: int, size: tuple[int, int] = (64, 64)) -> Image.Image:
    """A smooth grayscale edit map of `size` (width, height) with some pure black and white."""
    small = np.random.default_rng(seed).uniform(-0.5, 1.5, (4, 4)).clip(0, 1)
    return Image.fromarray((small * 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
