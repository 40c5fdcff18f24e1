"""Algorithms 1 and 2 of the paper and their general form, line by line: slow, plain, and independent of the engine.

Only torch and a diffusers scheduler appear here. Latents `z` are `[1, C, ..., h, w]`, maps `[h, w]` in [0, 1]. `T` is
the number of denoising steps; step `i = T - t`. With no noise left at `t = 0`, the last denoising of the loop changes
nothing, so a sampler runs `i = 0 ... T - 1`. A step of a second-order sampler (Heun) takes two timesteps.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Held:
    """An exemplar of the general form. `z`: its clean latent `[1, C, ..., h, w]`; `mu`: its edit map `[h, w]`; `limit`:
    the largest change of the map (1 = none). `hold`: how long the exemplar is locked where it is fully itself, in parts
    of the run; `lay_up_to`: the gray up to which it is placed; `seam_width`: in cells."""

    z: Tensor
    mu: Tensor
    threshold: str
    limit: float = 1
    hold: float = 0
    lay_up_to: float = 0
    seam_width: float = 4


def moment(threshold: str, value: float, steps: int) -> float:
    """When the threshold function of appendix 5 passes a gray, in parts of the run: by bisection of what is printed."""
    curve = {
        "linear": lambda u: u,
        "cubic": lambda u: u**3,
        "quadratic": lambda u: u**2,
        "log": lambda u: math.log1p(u * steps) / math.log1p(steps),
        "sigmoid": lambda u: 1 / (1 + math.exp(-(6 * u - 3))),
    }[threshold]
    if value <= curve(0):
        return 0.0
    if value >= 1 or value >= curve(1):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if curve(middle) < value else (low, middle)
    return high


def general_form(
    z_1: Tensor, exemplars: list[Held], noise: Tensor, scheduler: Any, skipped: int, model: Denoise
) -> Tensor:
    """Algorithm 2 with both sides locked: what is noised again at every step is the composite of source and exemplars,
    and a cell of an exemplar may be locked too. With `hold` 0, `lay_up_to` 0 and `limit` 1 it is `algorithm_2`."""
    order = scheduler.order
    left = scheduler.timesteps[skipped * order :]
    timesteps = left[::order]
    composite, locked = composite_and_locks(z_1, exemplars, timesteps)
    noised = [add_noise(scheduler, composite, noise, t[None]) for t in timesteps]
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(skipped * order)
    z_mix = noised[0]
    for i in range(len(timesteps)):
        z_mix = torch.where(locked[i], noised[i], z_mix)
        for t in left[i * order : (i + 1) * order]:
            scaled = scheduler.scale_model_input(z_mix, t) if hasattr(scheduler, "scale_model_input") else z_mix
            z_mix = scheduler.step(model(scaled, t), t, z_mix).prev_sample
    return z_mix


def composite_and_locks(z_1: Tensor, exemplars: list[Held], timesteps: Tensor) -> tuple[Tensor, Tensor]:
    """Cell by cell, exemplar by exemplar: the composite, and at which steps each cell is locked, `[T, h, w]`."""
    steps, (height, width) = len(timesteps), z_1.shape[-2:]
    cells = [(y, x) for y in range(height) for x in range(width)]
    owner = dict.fromkeys(cells, 0)
    for k, each in enumerate(exemplars, start=1):
        for cell in cells:
            if moment(each.threshold, above(each.mu[cell], each.lay_up_to), steps) == 0:
                owner[cell] = k
    composite, locked = z_1.clone(), torch.ones(steps, height, width, dtype=torch.bool)
    for k, each in enumerate(exemplars, start=1):
        thresholds = paper_thresholds(each.threshold, timesteps)
        soonest = moment(each.threshold, 1 - each.limit, steps)
        for y, x in cells:
            gray = above(each.mu[y, x], each.lay_up_to)
            if moment(each.threshold, gray, steps) > 0:
                limited = gray if each.limit == 1 else 1 - each.limit * (1 - gray)
                locked[:, y, x] &= limited > thresholds
            elif owner[y, x] == k:
                composite[..., y, x] = each.z[..., y, x]
                until = each.hold * moment(each.threshold, ease(each, k, (y, x), owner), steps)
                release = 1 - (1 - soonest) * (1 - until)
                locked[:, y, x] = torch.tensor([release > i / steps for i in range(steps)])
            else:
                locked[:, y, x] = False  # until the exemplar on top of it says otherwise
    return composite, locked


def above(gray: Tensor, lay_up_to: float) -> Tensor:
    """The gray between `lay_up_to` (0) and white (1)."""
    return gray if lay_up_to == 0 else ((gray - lay_up_to) / (1 - lay_up_to)).clamp(0, 1)


def ease(each: Held, k: int, cell: tuple[int, int], owner: dict[tuple[int, int], int]) -> float:
    """From 0 at the seam to 1 where exemplar `k` is fully itself, by the map's gray and by the distance to the seam."""
    by_gray = max(0.0, (each.lay_up_to - float(each.mu[cell])) / each.lay_up_to) if each.lay_up_to else 1.0
    others = [math.dist(cell, other) for other, k_other in owner.items() if k_other != k]
    by_distance = min(1.0, (min(others) - 0.5) / each.seam_width) if others and each.seam_width else 1.0
    return min(by_gray, by_distance)


def add_noise(scheduler: Any, z: Tensor, noise: Tensor, t: Tensor) -> Tensor:
    """The scheduler's own noising; for flow models the straight line from image to noise."""
    if hasattr(scheduler, "add_noise"):
        return scheduler.add_noise(z, noise, t)
    sigma = t / scheduler.config.num_train_timesteps
    return (1 - sigma) * z + sigma * noise
