"""Latent surgery: Algorithms 1 and 2 of the paper, cut where a sampler can be hooked.

Lines of Algorithm 1, with those of Algorithm 2 (two exemplars or more) in parentheses:

     4-5  (4-6)    z_1, z_2, ... = ldm_encode(x_1), ldm_encode(x_2), ...    the host
       6  (7-8)    mu_d = down_sample(mu)                                   `core.release.down_sample`
     7-8  (9-11)   z_1^T, z_2^T, ... = add_noise(z_1, T), ...               the sampler, see below
    9-10  (12-14)  z_mix = z_1^T * mask_T + z_2^T * (1 - mask_T)            `surgical_latent`
      11  (15)     z_mix = denoise(z_mix, p, T)                             the sampler
      12  (16)     for t = T - 1 to 0:
      13  (17)         z_1^t = add_noise(z_1, t)                            `LatentSurgery.blend_`
      14  (18-19)      mask_t = mu_d > (T - t) / T                          `LatentSurgery.blend_`
      15  (20)         z_mix = z_1^t * mask_t + z_mix * (1 - mask_t)        `LatentSurgery.blend_`
      16  (21)         z_mix = denoise(z_mix, p, t)                         the sampler
      18  (23)     x = ldm_decode(z_mix)                                    the host

All latents get the same noise, so they are mixed first and noised once, by the sampler. `mu_d > (T - t) / T`, with
whichever threshold, is `r > u`: release map (`core.release`) above progress through the schedule (`core.schedule`).

The general form locks exemplars too: what is noised at every step is not `z_1` but the surgical latent, and `r` may be
above 0 where an exemplar is placed. In the paper it is 0 there, and elsewhere the surgical latent is `z_1`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from pixels_ext.core.noising import NoisingScales
from pixels_ext.core.release import broadcast_map, locked_fraction


def surgical_latent(init_latent: Tensor, exemplars: Iterable[tuple[Tensor, Tensor]]) -> Tensor:
    """The source latent, overwritten by each exemplar wherever it is placed: where the source's release time is 0.

    `init_latent`: clean source latent `[B, C, ..., h, w]`. `exemplars`: pairs of a clean exemplar latent that
    broadcasts to it and `core.release.source_release` of that exemplar, `[B or 1, 1, h, w]`; later ones on top. Returns
    a new tensor; noised once, it is `z_mix^T`.
    """
    z_mix = init_latent.clone()
    for latent, release in exemplars:
        mask = broadcast_map(z_mix, release) > 0  # line 9 (12-13)
        z_mix.copy_(torch.where(mask, z_mix, latent.to(z_mix)))  # line 10 (14)
    return z_mix


class LatentSurgery:
    """The blend before each denoising step of one sampling run (Algorithm 1, lines 13-15; Algorithm 2, lines 17-20).

    `surgical`: the clean latent that is locked, `[B or 1, C, ..., h, w]` with any number of channels, from
    `surgical_latent`. (If no exemplar is locked, the source's latent gives the same.) `noise`: the sampler's own noise
    `[B, C, ..., h, w]`, drawn once and used at every step, with the dtype and on the device of the sampling.
    `release`: release map `[B or 1, 1, h, w]` in [0, 1]. `progress`: noise level to `u` in [0, 1], such as
    `Schedule.progress`. `scales`: noise level to `(signal, scale)`, so that `add_noise(z, t) = signal z + scale noise`.
    `steps`: number of denoising steps, to release cells inside steps as well (`locked_fraction`); None is the paper's
    rule, by which a cell is released as a step begins.

    Besides its inputs it keeps one latent and one boolean map in memory.
    """

    def __init__(
        self,
        surgical: Tensor,
        noise: Tensor,
        release: Tensor,
        progress: Callable[[float], float],
        scales: NoisingScales,
        steps: int | None = None,
    ) -> None:
        self._surgical = surgical.to(noise)
        self._noise = noise
        self._release = broadcast_map(noise, release.to(noise.device, torch.float32))
        self._last_release = float(release.max())
        self._progress_at = progress
        self._scales = scales
        self._steps = steps
        self._noised = torch.empty_like(noise)
        self._mask = torch.empty_like(self._release, dtype=torch.bool)
        self.progress = 0.0
        """The furthest progress so far, `u` in [0, 1]."""

    def blend_(self, z_mix: Tensor, t: float) -> Tensor:
        """Copy the surgical latent, noised to `t`, into every cell of `z_mix` that is still locked. In place; returns
        `z_mix`.

        `z_mix`: the sampler's latent, of the noise's shape, at noise level `t` (in the schedule's unit).
        """
        # Restart, DPM adaptive and second-order samplers raise the noise again, or look ahead and come back. A released
        # cell holds the model's work and must not be locked again, so progress only grows.
        before, now = self.progress, self._progress_at(t)
        u = self.progress = max(before, now)
        if u >= self._last_release + (1 / self._steps if self._steps else 0):
            return z_mix
        signal, scale = self._scales(t)
        torch.mul(self._noise, scale, out=self._noised).add_(self._surgical, alpha=signal)  # line 13 (17)
        if self._steps and now > 0 and before <= now:
            fraction = locked_fraction(self._release, u, self._steps)
            return z_mix.lerp_(self._noised.to(z_mix.dtype), fraction.to(z_mix.dtype))
        torch.gt(self._release, u, out=self._mask)  # line 14 (18-19)
        if z_mix.dtype == self._noised.dtype:
            return torch.where(self._mask, self._noised, z_mix, out=z_mix)  # line 15 (20)
        return z_mix.copy_(torch.where(self._mask, self._noised.to(z_mix.dtype), z_mix))

    def mask(self) -> Tensor:
        """The paper's `mask_t` at this progress, boolean `[B or 1, 1, ..., h, w]`: True = locked."""
        return self._release > self.progress
