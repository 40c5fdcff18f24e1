"""How a sampler mixes picture and noise at a noise level: `x = signal * init_latent + scale * noise`.

Every noising in use is such a pair of factors, so the engine asks its host for nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

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
    alphas_cumprod[t]`.

    Raises `IndexError` for timesteps beyond the table.
    """

    def scales(timestep: float) -> tuple[float, float]:
        alpha = float(alphas_cumprod[int(timestep)])
        return math.sqrt(alpha), math.sqrt(1.0 - alpha)

    return scales
