"""Latent surgery: Algorithms 1 and 2 of the paper, in the form in which a sampler can be hooked.

    z_mix^T = add_noise(surgical_latent(z_1, [(z_2, r_2), (z_3, r_3), ...]), T)         lines 4-10 (4-14)
    for each call of the model, at noise level t:
        surgery.blend_(z_mix, t)    # z_mix = where(r > u, add_noise(z_1, t), z_mix)      lines 13-15 (17-20)
        z_mix = denoise(z_mix, t)   # the sampler's own business                          line 16 (21)

with `r` the release map (`pixels_ext.core.release`) and `u` the progress through the schedule (`pixels_ext.core.schedule`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from pixels_ext.core.noising import NoisingScales


def surgical_latent(init_latent: Tensor, exemplars: Iterable[tuple[Tensor, Tensor]]) -> Tensor:
    """The source latent, overwritten by each exemplar wherever that exemplar is never held back.

    `init_latent`: clean source latent `[B, C, ..., h, w]`; `exemplars`: pairs of a clean exemplar latent that
    broadcasts to it and its own release map `[B or 1, 1, h, w]`, later ones on top. Noised once, the result (a new
    tensor) is `z_mix^T` of Algorithm 1, line 10 and Algorithm 2, line 14.
    """
    surgical = init_latent.clone()
    for latent, release in exemplars:
        keep = as_map_of(surgical, release) > 0
        surgical.copy_(torch.where(keep, surgical, latent.to(surgical)))
    return surgical


class LatentSurgery:
    """The blend of one sampling run (Algorithm 1, lines 13-15; Algorithm 2, lines 17-20).

    `init_latent`: clean source latent `[B or 1, C, ..., h, w]`. `noise`: the sampler's own noise `[B, C, ..., h, w]`,
    of the dtype and on the device on which it samples; drawn once, used at every step. `release`: release map
    `[B or 1, 1, h, w]` in [0, 1]. `progress`: noise level to `u` in [0, 1], as `Schedule.progress` tells it. `scales`:
    noise level to the two factors of the noising. Latents have any number of channels; the last two dimensions are the
    picture. `steps`: the number of denoising steps, if places are to be released between steps; by the paper's rule
    all that are due are released as a step begins.

    Beyond these three tensors it holds one latent and one boolean map.
    """

    def __init__(
        self,
        init_latent: Tensor,
        noise: Tensor,
        release: Tensor,
        progress: Callable[[float], float],
        scales: NoisingScales,
        steps: int | None = None,
    ) -> None:
        self._init_latent = init_latent.to(noise)
        self._noise = noise
        self._release = as_map_of(noise, release.to(noise.device, torch.float32))
        self._last_release = float(release.max())
        self._progress_at = progress
        self._scales = scales
        self._steps = steps
        self._noised = torch.empty_like(noise)
        self._held = torch.empty_like(self._release, dtype=torch.bool)
        self.progress = 0.0
        """The furthest that the sampler has come, `u` in [0, 1]."""

    def blend_(self, x: Tensor, level: float) -> Tensor:
        """Put the source, noised to `level`, back into every place of `x` that is still held. In place; returns `x`.

        `x`: the sampler's own latent, of the noise's shape, noised to `level` (in the unit of the schedule).
        """
        # Restart, DPM adaptive and second-order samplers raise the noise again or look ahead and come back. A place
        # that was released once holds work of the model and must not be locked again, so progress only ever grows.
        before, now = self.progress, self._progress_at(level)
        self.progress = max(before, now)
        if self.progress >= self._last_release + (1 / self._steps if self._steps else 0):
            return x
        signal, scale = self._scales(level)
        torch.mul(self._noise, scale, out=self._noised).add_(self._init_latent, alpha=signal)
        if self._steps and now > 0 and before <= now:
            return x.lerp_(self._noised.to(x.dtype), self._held_part(self._steps).to(x.dtype))
        torch.gt(self._release, self.progress, out=self._held)
        if x.dtype == self._noised.dtype:
            return torch.where(self._held, self._noised, x, out=x)
        return x.copy_(torch.where(self._held, self._noised.to(x.dtype), x))

    def _held_part(self, steps: int) -> Tensor:
        """For how much of the step that led to the present progress each place is held, `[B or 1, 1, ..., h, w]`.

        In Euler's method that part of the source and the rest of the step's result is just what a release within the
        step would have given, since source and result share their noise and the step is a straight line.
        """
        position = self.progress * steps
        begun = math.ceil(position) - 1
        return ((self._release * steps - begun) / (position - begun)).clamp_(0, 1)

    def held(self) -> Tensor:
        """The places held at the present progress: boolean `[B or 1, 1, ..., h, w]` (the paper's `mask_t`)."""
        return self._release > self.progress


def as_map_of(latent: Tensor, picture_map: Tensor) -> Tensor:
    """View a map `[B, 1, h, w]` so that it broadcasts over `latent` `[B, C, ..., h, w]` of any number of dimensions.

    Raises `ValueError` when the sizes of the two do not fit.
    """
    batch, height, width = picture_map.shape[0], *picture_map.shape[-2:]
    if (height, width) != tuple(latent.shape[-2:]) or batch not in (1, latent.shape[0]):
        raise ValueError(f"map: is {tuple(picture_map.shape)}, which does not fit a latent of {tuple(latent.shape)}")
    return picture_map.reshape(batch, *[1] * (latent.ndim - 3), height, width)
