"""Values that a model may give: numbers, and no others."""

from __future__ import annotations

import torch
from torch import Tensor

from pixels_ext.diffusers_host.families import Family
from pixels_ext.diffusers_host.model_error import ModelError

_REMEDIES = {
    torch.float16: "--precision bf16 or --precision fp32",
    torch.float32: "finite numbers; its weights may be damaged, or --sampler or --guidance may not suit it",
}
_NAMES = {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16"}


def finite(values: Tensor, doing: str, precision: torch.dtype) -> Tensor:
    """`values` as they are. Raises `ModelError`, which names the remedy, if there are NaN or infinities among them.

    `doing`: what the model was at ("sampling", ...). `precision`: that in which it did it.
    """
    if bool(torch.isfinite(values).all()):
        return values
    found = f"gave NaN or infinity in place of numbers while {doing} in {_NAMES.get(precision, precision)}"
    raise ModelError("model", found, _REMEDIES.get(precision, "--precision fp32"))


def encoded(family: Family, pixels: Tensor) -> Tensor:
    """The latent of a picture `[1, 3, H, W]` in [-1, 1]. Raises `ModelError` if it has no numbers in it."""
    return finite(family.encode(pixels), "encoding", family.autoencoder.dtype)
