"""How a sampler adds noise to a latent: `add_noise(init_latent, t) = signal * init_latent + scale * noise`.

Every kind of noising in use is such a pair of factors for a noise level, so a host has to supply nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

NoisingScales = Callable[[float], tuple[float, float]]
"""From a noise level (sigma or timestep) to `(signal, scale)`."""


def variance_exploding(sigma: float) -> tuple[float, float]:
    """k-diffusion samplers: `init_latent + sigma * noise`."""
    return 1.0, sigma


def flow(sigma: float) -> tuple[float, float]:
    """Flow-matching models (SD3, Flux, ...), sigma in [0, 1]: `(1 - sigma) * init_latent + sigma * noise`."""
    return 1.0 - sigma, sigma


def variance_preserving(alphas_cumprod: Sequence[float]) -> NoisingScales:
    """DDIM, PLMS and UniPC, whose noise level is a timestep `t`: `sqrt(a) * init_latent + sqrt(1 - a) * noise` with
    `a = alphas_cumprod[t]`. Between two timesteps, as UniPC needs it, log `a` is interpolated.

    The function returned raises `IndexError` for timesteps beyond `alphas_cumprod`.
    """

    def scales(timestep: float) -> tuple[float, float]:
        index = math.floor(timestep)
        alpha, fraction = float(alphas_cumprod[index]), timestep - index
        if fraction:
            alpha *= (float(alphas_cumprod[index + 1]) / alpha) ** fraction
        return math.sqrt(alpha), math.sqrt(1.0 - alpha)

    return scales


def probe_scales(add_noise: Callable[[Tensor, Tensor, Tensor], Tensor]) -> NoisingScales:
    """The factors of a host's own `add_noise(latent, noise, level)`, found by calling it with a latent of 1 and no
    noise, then with noise of 1 and no latent. It gets tensors `[1, 1, 1, 1]` and a scalar tensor, float32."""
    one = torch.ones(1, 1, 1, 1, dtype=torch.float32)
    zero = torch.zeros_like(one)

    def scales(level: float) -> tuple[float, float]:
        t = torch.tensor(level, dtype=torch.float32)
        return float(add_noise(one, zero, t)), float(add_noise(zero, one, t))

    return scales
