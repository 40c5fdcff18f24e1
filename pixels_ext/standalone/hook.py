"""Latent surgery inside a diffusers img2img pipeline.

The pipeline is given the surgical latent as its picture. It draws its own noise and adds it with
`scheduler.add_noise`; from then on `callback_on_step_end` hands over every latent between two steps. Both are enough:
every scheduler and every img2img pipeline goes through them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from pixels_ext.surgery import LatentSurgery

OnBlend = Callable[[int, Tensor, Tensor], None]
"""Told the step number, the latent that the model is about to see, and the boolean map of what is held in it."""


class PipelineHook:
    """Hooks one run. `scheduler` must be fresh: it is watched until the noise has been drawn.

    `init_latent`: clean source latent `[1, C, h, w]`. `release`: release map `[1, 1, h, w]`. `skipped`: how many steps
    of the scheduler's full schedule img2img leaves out at the start. `between_steps`: release places between steps.
    """

    def __init__(
        self,
        scheduler: Any,
        init_latent: Tensor,
        release: Tensor,
        skipped: int,
        on_blend: OnBlend | None = None,
        between_steps: bool = False,
    ) -> None:
        self._scheduler = scheduler
        self._init_latent = init_latent
        self._release = release
        self._skipped = skipped
        self._on_blend = on_blend
        self._between_steps = between_steps
        self._surgery: LatentSurgery | None = None
        self._steps = 0
        self._add_noise = scheduler.add_noise
        scheduler.add_noise = self._watch_noise

    def _watch_noise(self, latent: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        del self._scheduler.add_noise  # the class's own comes back: the noise is drawn once
        order = self._scheduler.order
        first = self._skipped * order
        steps = count_steps(self._scheduler, self._skipped)
        scales = [self._scales_at(first + step * order) for step in range(steps)]
        if hasattr(self._scheduler, "set_begin_index"):
            self._scheduler.set_begin_index(first)
        self._steps = steps
        self._surgery = LatentSurgery(
            self._init_latent,
            noise,
            self._release,
            progress=lambda step: step / steps,
            scales=lambda step: scales[int(step)],
            steps=steps if self._between_steps else None,
        )
        noised = self._add_noise(latent, noise, timestep)
        self._tell(0, noised)
        return noised

    def on_step_end(self, pipeline: Any, index: int, timestep: Tensor, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """The pipeline's `callback_on_step_end`: blends before the next step begins."""
        surgery, order = self._surgery, self._scheduler.order
        if surgery is None:
            raise RuntimeError("the pipeline did not draw its noise with scheduler.add_noise")
        step, within = divmod(index + 1, order)
        if within == 0 and step < self._steps:
            surgery.blend_(tensors["latents"], step)
            self._tell(step, tensors["latents"])
        return tensors

    def _scales_at(self, index: int) -> tuple[float, float]:
        """The factors of picture and noise at entry `index` of the scheduler's own schedule."""
        if hasattr(self._scheduler, "set_begin_index"):
            self._scheduler.set_begin_index(index)
        one = torch.ones(1, 1, 1, 1, dtype=torch.float32)
        zero, timestep = torch.zeros_like(one), self._scheduler.timesteps[index : index + 1].cpu()
        return float(self._add_noise(one, zero, timestep)), float(self._add_noise(zero, one, timestep))

    def _tell(self, step: int, latent: Tensor) -> None:
        if self._on_blend and self._surgery:
            self._on_blend(step, latent, self._surgery.held())


def count_steps(scheduler: Any, skipped: int) -> int:
    """How many denoising steps `scheduler`, with its timesteps set, has left when `skipped` are left out. A step of a
    second-order scheduler takes two of its timesteps."""
    left = len(scheduler.timesteps) - skipped * scheduler.order
    return -(-left // scheduler.order)
