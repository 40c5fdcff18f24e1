"""Small edits with every model family of `helpers.tiny_models`, and their latents."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from helpers.images import gray_map, noise_image
from helpers.tiny_models import MODELS, MORE_CHANNELS
from PIL import Image
from torch import Tensor

from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.request import EditRequest, Exemplar, Shaping

IMAGES = [noise_image(k) for k in range(3)]
MAPS = [gray_map(k) for k in range(2)]
THRESHOLDS = ("linear", "log")
REQUEST = EditRequest(
    exemplars=tuple(
        Exemplar(image=image, edit_map=edit_map, threshold=threshold, shaping=Shaping(black_point=0, white_point=1))
        for image, edit_map, threshold in zip(IMAGES[1:], MAPS, THRESHOLDS, strict=True)
    )
)


@cache
def editor(name: str) -> Editor:
    """The editor of a tiny model, one for all tests."""
    return Editor((MODELS | MORE_CHANNELS)[name]())


def usual(name: str) -> str:
    """The sampler that the tests of a model use where they name none."""
    return "DDPM" if name.startswith("Kandinsky") else "Euler"


def settings(name: str, **fields: Any) -> Settings:
    """Half of 13 steps: six, however diffusers would round."""
    return Settings(
        **(
            {"prompt": "snow", "steps": 13, "strength": 0.5, "guidance_scale": 2, "sampler": usual(name), "size": 64}
            | fields
        )
    )


def sampled(edits: Editor, run: Settings, count: int = 1) -> Tensor:
    """The latents of an edit, before they are decoded."""
    latents, decode = [], edits.family.decode
    edits.family.decode = lambda latent: latents.append(latent) or decode(latent)  # type: ignore[method-assign]
    try:
        edits.edit_batch(IMAGES[0], REQUEST, run, count)
    finally:
        del edits.family.decode
    return torch.cat(latents)


def furthest(a: Image.Image, b: Image.Image) -> int:
    """The largest difference of two images, of 255."""
    return int(np.abs(np.asarray(a, dtype=int) - np.asarray(b, dtype=int)).max())
