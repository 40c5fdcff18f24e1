"""How a sampler mixes picture and noise at a noise level: `x = signal * init_latent + scale * noise`.

Every noising in use is such a pair of factors, so the engine asks its host for nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

NoisingScales = Callable[[float], tuple[float, float]]
"""Noise level to `(signal, scale)`."""


def variance_exploding(sigma: float) -> tuple[float, float]:
    """k-diffusion samplers: `x + sigma * noise`."""
    return 1.0, sigma


def flow(sigma: float) -> tuple[float, float]:
    """Flow-matching models (SD3, Flux, ...), sigma in [0, 1]: `(1 - sigma) * x + sigma * noise`."""
    return 1.0 - sigma, sigma


def variance_preserving(alphas_cumprod: Sequence[float]) -> NoisingScales:
    """DDIM and its family, where the level is a timestep `t`: `sqrt(a) * x + sqrt(1 - a) * noise` with `a =
    alphas_cumprod[t]`; between two timesteps (UniPC asks there) log `a` is interpolated.

    Raises `IndexError` for timesteps beyond the table.
    """

    def scales(timestep: float) -> tuple[float, float]:
        index = math.floor(timestep)
        alpha, part = float(alphas_cumprod[index]), timestep - index
        if part:
            alpha *= (float(alphas_cumprod[index + 1]) / alpha) ** part
        return math.sqrt(alpha), math.sqrt(1.0 - alpha)

    return scales


def probed(add_noise: Callable[[Tensor, Tensor, Tensor], Tensor]) -> NoisingScales:
    """The factors of a host's own noising function `add_noise(latent, noise, level)`, found by giving it picture
    without noise and noise without picture."""
    one = torch.ones(1, 1, 1, 1, dtype=torch.float32)
    zero = torch.zeros_like(one)

    def scales(level: float) -> tuple[float, float]:
        at = torch.tensor(level, dtype=torch.float32)
        return float(add_noise(one, zero, at)), float(add_noise(zero, one, at))

    return scales
