"""Raises an error in one sentence when a model outputs NaN or infinity."""

from __future__ import annotations

import torch
from torch import Tensor

from pixels_ext.diffusers_host.families import Family
from pixels_ext.diffusers_host.model_error import ModelError

_REMEDIES = {
    torch.float16: "--precision bf16 or --precision fp32",
    torch.float32: "finite numbers; its weights may be damaged, or --sampler or --guidance-scale may not suit it",
}
_NAMES = {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16"}


def check_finite(values: Tensor, stage: str, dtype: torch.dtype) -> Tensor:
    """`values` unchanged. Raises `ModelError`, with a remedy, if they contain NaN or infinity.

    `stage`: what the model was doing ("sampling", ...). `dtype`: the precision it ran in.
    """
    if bool(torch.isfinite(values).all()):
        return values
    found = f"produced NaN or infinity while {stage} in {_NAMES.get(dtype, dtype)}"
    raise ModelError("model", found, _REMEDIES.get(dtype, "--precision fp32"))


def encode_image(family: Family, pixels: Tensor) -> Tensor:
    """The latent of an image `[1, 3, H, W]` in [-1, 1]. Raises `ModelError` if it contains NaN or infinity."""
    return check_finite(family.encode(pixels), "encoding", family.autoencoder.dtype)
