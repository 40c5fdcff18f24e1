"""Latent surgery inside a diffusers img2img pipeline.

The pipeline is given the surgical latent as its picture. It draws its own noise and adds it with
`scheduler.add_noise` (flow models: `scale_noise`); from then on `callback_on_step_end` hands over every latent between
two steps. Both are enough: every scheduler and every img2img pipeline goes through them.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

from torch import Tensor

from pixels_ext.core.noising import probe_scales
from pixels_ext.core.surgery import LatentSurgery

OnBlend = Callable[[int, Tensor, Tensor], None]
"""Told the step number, the latent that the model is about to see, and the boolean map of what is held in it."""


class PipelineHook:
    """Hooks one run. `scheduler` must be fresh: it is watched until the noise has been drawn.

    `init_latent`: clean source latent `[1, C, ..., h, w]`. `release`: release map `[1, 1, h, w]`. `skipped`: how many
    steps of the scheduler's full schedule img2img leaves out at the start. `unpacked` and `packed`: from what the
    pipeline passes between its steps to a latent of `init_latent`'s shape, and back.
    `substep_release`: release places between steps.
    """

    def __init__(
        self,
        scheduler: Any,
        init_latent: Tensor,
        release: Tensor,
        skipped: int,
        on_blend: OnBlend | None = None,
        *,
        unpacked: Callable[[Tensor], Tensor] = lambda latents: latents,
        packed: Callable[[Tensor], Tensor] = lambda latents: latents,
        substep_release: bool = False,
    ) -> None:
        self.start: Tensor | None = None
        """The latent to begin from, for a pipeline that takes a picture and encodes it itself."""
        self.done = 0
        """Steps that were done by another pipeline, before the one that calls now."""
        self._scheduler = scheduler
        self._init_latent = init_latent
        self._release = release
        self._skipped = skipped
        self._on_blend = on_blend
        self._unpacked, self._packed = unpacked, packed
        self._between_steps = substep_release
        self._surgery: LatentSurgery | None = None
        self._steps = 0
        if hasattr(scheduler, "add_noise"):
            scheduler.add_noise = self._watch_noise
        else:  # flow schedulers say it in another order
            scheduler.scale_noise = lambda latent, timestep, noise: self._watch_noise(latent, noise, timestep)

    def _watch_noise(self, latent: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        # The class's own comes back: the noise is drawn once.
        vars(self._scheduler).pop("add_noise", None)
        vars(self._scheduler).pop("scale_noise", None)
        order = self._scheduler.order
        first = self._skipped * order
        steps = count_steps(self._scheduler, self._skipped)
        scales = [scales_at(self._scheduler, first + step * order) for step in range(steps)]
        self._steps = steps
        self._surgery = LatentSurgery(
            self._init_latent,
            noise,
            self._release,
            progress=lambda step: step / steps,
            scales=lambda step: scales[int(step)],
            steps=steps if self._between_steps else None,
        )
        start = latent if self.start is None else self.start.expand_as(noise)
        noised = _noised(self._scheduler, start, noise, timestep)
        self._tell(0, noised)
        return noised

    def on_step_end(self, pipeline: Any, index: int, timestep: Tensor, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """The pipeline's `callback_on_step_end`: blends before the next step begins."""
        surgery, order = self._surgery, self._scheduler.order
        if surgery is None:
            raise RuntimeError("the pipeline did not draw its noise with scheduler.add_noise")
        step, within = divmod(index + 1, order)
        step += self.done
        if within == 0 and step < self._steps:
            latents = surgery.blend_(self._unpacked(tensors["latents"]), step)
            tensors["latents"] = self._packed(latents)
            self._tell(step, latents)
        return tensors

    def _tell(self, step: int, latent: Tensor) -> None:
        if self._on_blend and self._surgery:
            self._on_blend(step, latent, self._surgery.mask())


def _noised(scheduler: Any, latent: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
    """`add_noise` of the paper, by the scheduler's own function."""
    if hasattr(scheduler, "add_noise"):
        return scheduler.add_noise(latent, noise, timestep)
    return scheduler.scale_noise(latent, timestep, noise)


def scales_at(scheduler: Any, index: int) -> tuple[float, float]:
    """The factors of picture and noise at entry `index` of the scheduler's own schedule, its timesteps being set."""
    scheduler = copy(scheduler)  # some remember where they were asked
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(index)
    timestep = scheduler.timesteps[index : index + 1].cpu()
    return probe_scales(lambda latent, noise, _: _noised(scheduler, latent, noise, timestep))(float(timestep))


def count_steps(scheduler: Any, skipped: int) -> int:
    """How many denoising steps `scheduler`, with its timesteps set, has left when `skipped` are left out. A step of a
    second-order scheduler takes two of its timesteps."""
    left = len(scheduler.timesteps) - skipped * scheduler.order
    return -(-left // scheduler.order)
