"""Latent surgery inside a diffusers img2img pipeline.

The pipeline is given the surgical latent as its image. It draws its own noise and adds it with `scheduler.add_noise`
(flow models: `scale_noise`); from then on `callback_on_step_end` passes every latent between two steps. These two hooks
are enough: every scheduler and every img2img pipeline uses them.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

from torch import Tensor

from pixels_ext.core.noising import probe_scales
from pixels_ext.core.surgery import LatentSurgery

OnBlend = Callable[[int, Tensor, Tensor], None]
"""Called with the step number, the latent that the model sees next, and the boolean map of its locked cells."""


class PipelineHook:
    """Hooks one pipeline run. `scheduler` must be new: its noising function is replaced until the noise is drawn.

    `surgical`: clean surgical latent `[1, C, ..., h, w]`. `release`: release map `[1, 1, h, w]`. `skipped_steps`:
    number of steps of the scheduler's full schedule that img2img skips at the start. `unpack_latents`: from what the
    pipeline passes between its steps to a latent of `surgical`'s shape; `pack_latents`: the reverse.
    `substep_release`: also release cells between steps.
    """

    def __init__(
        self,
        scheduler: Any,
        surgical: Tensor,
        release: Tensor,
        skipped_steps: int,
        on_blend: OnBlend | None = None,
        *,
        unpack_latents: Callable[[Tensor], Tensor] = lambda latents: latents,
        pack_latents: Callable[[Tensor], Tensor] = lambda latents: latents,
        substep_release: bool = False,
    ) -> None:
        self.start_latent: Tensor | None = None
        """The latent to start from, for a pipeline that accepts only images and encodes them itself."""
        self.steps_done = 0
        """Number of steps that another pipeline (the base model of a refiner) ran before."""
        self._scheduler = scheduler
        self._surgical = surgical
        self._release = release
        self._skipped_steps = skipped_steps
        self._on_blend = on_blend
        self._unpack_latents, self._pack_latents = unpack_latents, pack_latents
        self._substep_release = substep_release
        self._surgery: LatentSurgery | None = None
        self._steps = 0
        if hasattr(scheduler, "add_noise"):
            scheduler.add_noise = self._add_noise_once
        else:  # flow schedulers take their arguments in another order
            scheduler.scale_noise = lambda latent, timestep, noise: self._add_noise_once(latent, noise, timestep)

    def _add_noise_once(self, latent: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """Replaces the scheduler's noising function for its first call, which has the noise of the run."""
        vars(self._scheduler).pop("add_noise", None)
        vars(self._scheduler).pop("scale_noise", None)
        order = self._scheduler.order
        first = self._skipped_steps * order
        steps = count_steps(self._scheduler, self._skipped_steps)
        scales = [scales_at(self._scheduler, first + step * order) for step in range(steps)]
        self._steps = steps
        self._surgery = LatentSurgery(
            self._surgical,
            noise,
            self._release,
            progress=lambda step: step / steps,
            scales=lambda step: scales[int(step)],
            steps=steps if self._substep_release else None,
        )
        start = latent if self.start_latent is None else self.start_latent.expand_as(noise)
        noised = _add_noise(self._scheduler, start, noise, timestep)
        self._report(0, noised)
        return noised

    def on_step_end(self, pipeline: Any, index: int, timestep: Tensor, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """The pipeline's `callback_on_step_end`: blends the latent for the next step."""
        surgery, order = self._surgery, self._scheduler.order
        if surgery is None:
            raise RuntimeError("the pipeline did not draw its noise with scheduler.add_noise")
        step, substep = divmod(index + 1, order)
        step += self.steps_done
        if substep == 0 and step < self._steps:
            latents = surgery.blend_(self._unpack_latents(tensors["latents"]), step)
            tensors["latents"] = self._pack_latents(latents)
            self._report(step, latents)
        return tensors

    def _report(self, step: int, latent: Tensor) -> None:
        if self._on_blend and self._surgery:
            self._on_blend(step, latent, self._surgery.mask())


def _add_noise(scheduler: Any, latent: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
    """The paper's `add_noise`, with the scheduler's own function."""
    if hasattr(scheduler, "add_noise"):
        noised: Tensor = scheduler.add_noise(latent, noise, timestep)
    else:
        noised = scheduler.scale_noise(latent, timestep, noise)
    return noised


def scales_at(scheduler: Any, index: int) -> tuple[float, float]:
    """Signal and noise scale at entry `index` of the scheduler's timesteps, which must be set."""
    scheduler = copy(scheduler)  # some keep the index of the last call
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(index)
    timestep = scheduler.timesteps[index : index + 1].cpu()
    return probe_scales(lambda latent, noise, _: _add_noise(scheduler, latent, noise, timestep))(float(timestep))


def count_steps(scheduler: Any, skipped_steps: int) -> int:
    """Number of denoising steps that `scheduler`, with its timesteps set, runs after `skipped_steps`. A step of a
    second-order scheduler takes two of its timesteps."""
    order = int(scheduler.order)
    remaining = len(scheduler.timesteps) - skipped_steps * order
    return -(-remaining // order)
