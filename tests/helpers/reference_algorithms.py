"""Algorithms 1 and 2 of the paper, transcribed line by line: slow, plain, and independent of the engine.

Only torch and a diffusers scheduler appear here. Latents `z` are `[1, C, ..., h, w]`, maps `[h, w]` in [0, 1]. `T` is
the number of denoising steps; step `i = T - t`. With no noise left at `t = 0`, the last denoising of the loop changes
nothing, so a sampler runs `i = 0 ... T - 1`. A step of a second-order sampler (Heun) takes two timesteps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Denoise = Callable[[Tensor, Tensor], Tensor]
"""The model: the (scaled) latent and the timestep to the predicted noise."""


def paper_thresholds(name: str, t: Tensor) -> Tensor:
    """Appendix 5, as printed there."""
    if name == "linear":
        return torch.arange(len(t)) / len(t)
    if name == "cubic":
        return (torch.arange(len(t)) / len(t)) ** 3
    if name == "quadratic":
        return (torch.arange(len(t)) / len(t)) ** 2
    if name == "log":
        return torch.log1p(torch.arange(len(t))) / torch.log1p(torch.tensor(len(t)))
    assert name == "sigmoid"
    return torch.sigmoid(torch.arange(len(t)) / len(t) * 6 - 3)


def algorithm_1(
    z_1: Tensor, z_2: Tensor, mu: Tensor, threshold: str, noise: Tensor, scheduler: Any, skipped: int, model: Denoise
) -> Tensor:
    """Algorithm 1: one exemplar. `scheduler`: with timesteps set; `skipped` of them are left out (img2img)."""
    timesteps = scheduler.timesteps[skipped:]
    thresholds = paper_thresholds(threshold, timesteps)
    noised_1 = [scheduler.add_noise(z_1, noise, t[None]) for t in timesteps]
    noised_2 = scheduler.add_noise(z_2, noise, timesteps[:1])
    z_mix = None
    for i, t in enumerate(timesteps):
        mask = (mu > thresholds[i]).to(z_1.dtype)
        inner = noised_2 if i == 0 else z_mix
        z_mix = noised_1[i] * mask + inner * (1 - mask)
        z_mix = scheduler.step(model(scheduler.scale_model_input(z_mix, t), t), t, z_mix).prev_sample
    return z_mix


def algorithm_2(
    z_1: Tensor,
    exemplars: list[tuple[Tensor, Tensor, str]],
    noise: Tensor,
    scheduler: Any,
    skipped: int,
    model: Denoise,
    generator: torch.Generator | None = None,
    changing: Callable[[Tensor], Denoise] | None = None,
) -> Tensor:
    """Algorithm 2 with its nested lines 14 and 20 for any number of exemplars `(z_k, mu_k, threshold_k)`.

    `generator`: of the noise that a sampler adds by itself. `changing`: the model by timestep, where a refiner takes
    over.
    """
    order = scheduler.order
    left = scheduler.timesteps[skipped * order :]
    timesteps = left[::order]
    thresholds = [paper_thresholds(name, timesteps) for _, _, name in exemplars]
    noised_1 = [add_noise(scheduler, z_1, noise, t[None]) for t in timesteps]
    noised_k = [add_noise(scheduler, z_k, noise, timesteps[:1]) for z_k, _, _ in exemplars]
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(skipped * order)
    z_mix = None
    for i in range(len(timesteps)):
        nested = noised_1[i]
        for (_, mu_k, _), threshold_k, noised in zip(exemplars, thresholds, noised_k, strict=True):
            mask = (mu_k > threshold_k[i]).to(z_1.dtype)
            inner = noised if i == 0 else z_mix
            nested = nested * mask + inner * (1 - mask)
        z_mix = nested
        for t in left[i * order : (i + 1) * order]:
            scaled = scheduler.scale_model_input(z_mix, t) if hasattr(scheduler, "scale_model_input") else z_mix
            drawn = {"generator": generator} if generator else {}
            z_mix = scheduler.step((changing(t) if changing else model)(scaled, t), t, z_mix, **drawn).prev_sample
    return z_mix


def add_noise(scheduler: Any, z: Tensor, noise: Tensor, t: Tensor) -> Tensor:
    """The scheduler's own noising; for flow models the straight line from image to noise."""
    if hasattr(scheduler, "add_noise"):
        return scheduler.add_noise(z, noise, t)
    sigma = t / scheduler.config.num_train_timesteps
    return (1 - sigma) * z + sigma * noise
