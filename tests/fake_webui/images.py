"""Images, requests and how far images are apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from helpers.base64_images import as_text
from PIL import Image

SAMPLERS = ("Euler", "Euler a", "Heun", "DPM2", "DPM++ 2M", "Restart", "DDIM", "UniPC")
TIMESTEPS = ("DDIM", "UniPC")
SIGMA_KINDS = ("exploding", "sd3", "forge", "flow")
CASES = [(kind, name) for kind in SIGMA_KINDS for name in SAMPLERS if name not in TIMESTEPS]
CASES += [(kind, name) for kind in ("exploding", "forge") for name in TIMESTEPS]
"""Every kind of model with every sampler that hosts offer for it: flow models have no timesteps."""
BLACK, WHITE = 0, 255


def smooth(seed: int, size: tuple[int, int] = (64, 64)) -> Image.Image:
    """A smooth image of medium colors, which no step of a generation clips."""
    small = np.random.default_rng(seed).integers(70, 186, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def uniform(value: int, size: tuple[int, int] = (64, 64)) -> Image.Image:
    return Image.new("L", size, value)


def ramp(size: tuple[int, int] = (64, 64)) -> Image.Image:
    """Black at the left, white from three quarters on."""
    row = (np.linspace(-0.2, 1.3, size[0]).clip(0, 1) * 255).astype(np.uint8)
    return Image.fromarray(np.tile(row, (size[1], 1)))


def exemplar(image: Image.Image, edit_map: Image.Image, **fields: Any) -> dict[str, Any]:
    return {"image": as_text(image), "edit_map": as_text(edit_map), **fields}


def request(*exemplars: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"exemplars": list(exemplars), **fields}


def some_request(size: tuple[int, int] = (64, 64), count: int = 1, **fields: Any) -> dict[str, Any]:
    """A request with `count` exemplars, whose maps have black, grays and white."""
    maps = (ramp(size), ramp(size[::-1]).transpose(Image.Transpose.ROTATE_90), ramp(size).rotate(180))
    return request(*(exemplar(smooth(10 + k, size), maps[k]) for k in range(count)), **fields)


def array(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"), dtype=int)


def furthest(a: Image.Image, b: Image.Image) -> int:
    """The largest difference of a pixel's channel."""
    return int(np.abs(array(a) - array(b)).max())
