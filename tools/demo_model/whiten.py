"""Give an autoencoder's latents zero mean and moderate spreads, by changing two of its 1x1 convolutions.

What it decodes stays the same. The latents' principal directions have very different spreads, colors the largest; noise
would hide the small ones at once, were they left so, and were all made equal, colors would be as hard to denoise as
textures, and come out in blotches. So every spread is replaced by its square root, and all scaled to 1 on average. The
result depends on the encoder alone, so a decoder trained further still fits.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from .machine import Machine

KEPT = 0.5
"""Exponent of the spreads: 0 makes all equal (white), 1 leaves them."""
SPREAD = 0.02
"""Spread of the encoder's own sampling noise afterwards: small, as img2img pipelines sample it."""


def statistics(
    model: AutoencoderKL, batches: Iterator[Tensor], machine: Machine, rounds: int = 24
) -> tuple[Tensor, Tensor]:
    """Return mean (channels,) and covariance (channels, channels), float64, of the latents over some crops."""
    with torch.no_grad(), machine.autocast():
        means = [model.encode(next(batches).to(machine.device)).latent_dist.mean.float().cpu() for _ in range(rounds)]
    flat = torch.cat(means).permute(1, 0, 2, 3).flatten(1).double()
    return flat.mean(1), torch.cov(flat)


def whiten(model: AutoencoderKL, mean: Tensor, covariance: Tensor) -> None:
    """Change `model` in place so that latents of this mean and covariance get mean 0 and the spreads to the power of
    `KEPT`, of mean square 1; scaling factor 1."""
    values, vectors = torch.linalg.eigh(covariance)
    wanted = values**KEPT
    scales = (wanted / wanted.mean() / values).sqrt()
    forward = vectors @ torch.diag(scales) @ vectors.T
    backward = vectors @ torch.diag(1 / scales) @ vectors.T
    inner, outer, count = model.quant_conv, model.post_quant_conv, len(mean)
    with torch.no_grad():
        weight, bias = inner.weight.double().cpu(), inner.bias.double().cpu()
        inner.weight[:count] = torch.einsum("ij,jklm->iklm", forward, weight[:count]).to(inner.weight)
        inner.bias[:count] = (forward @ (bias[:count] - mean)).to(inner.bias)
        inner.weight[count:] = 0
        inner.bias[count:] = 2 * torch.tensor(SPREAD).log()
        matrix = outer.weight.double().cpu()[:, :, 0, 0]
        outer.bias += (matrix @ mean).to(outer.bias)
        outer.weight[:, :, 0, 0] = (matrix @ backward).to(outer.weight)
    model.register_to_config(scaling_factor=1.0)
