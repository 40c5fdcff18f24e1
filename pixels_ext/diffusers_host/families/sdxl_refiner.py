"""SDXL with the refiner taking over near the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image
from torch import Tensor

from pixels_ext.diffusers_host.families.family import generators_of
from pixels_ext.diffusers_host.families.sdxl import Sdxl
from pixels_ext.diffusers_host.pipeline_hook import PipelineHook
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.errors import RequestError


class RefinedSdxl(Sdxl):
    """The base up to `refiner_at` of the noise schedule (`denoising_end`), the refiner from there (`denoising_start`).

    It is one edit: both take the same schedule and the same noise, and the blend goes on across the hand-over. With a
    strength so low that the base has nothing to do, the refiner edits alone.
    """

    title = "SDXL with refiner"

    def __init__(self, pipeline: Any, refiner: Any) -> None:
        super().__init__(pipeline)
        self.refiner = refiner

    @property
    def scheduled(self) -> tuple[Any, ...]:
        return self.pipeline, self.refiner

    def scheduler(self, settings: Settings) -> Any:
        scheduler = super().scheduler(settings)
        if scheduler.order > 1:
            found = f"is {settings.sampler!r}, which takes two calls a step and cannot be handed over between them"
            raise RequestError("sampler", found, "a sampler with one call a step, such as Euler or DPM++ 2M")
        return scheduler

    def sample(
        self, canvas: Image.Image, surgical: Tensor, settings: Settings, seeds: Sequence[int], hook: PipelineHook
    ) -> Tensor:
        scheduler, generators = self.pipeline.scheduler, generators_of(seeds)
        scheduler.set_timesteps(settings.steps)
        left = scheduler.timesteps[settings.steps - settings.steps_run :]
        trained = scheduler.config.num_train_timesteps
        handed_over = int((left >= round(trained * (1 - settings.refiner_at))).sum())
        base = self.arguments(surgical, settings, len(seeds))
        refiner = self._refiner().arguments(surgical, settings, len(seeds))
        if handed_over == 0:
            return self.run(self.refiner, hook, refiner, generators)
        if handed_over == len(left):
            return self.run(self.pipeline, hook, base, generators)
        latent = self.run(self.pipeline, hook, base | {"denoising_end": settings.refiner_at}, generators)
        hook.done = handed_over
        refiner |= {"image": latent, "denoising_start": settings.refiner_at}
        return self.run(self.refiner, hook, refiner, generators)

    def _refiner(self) -> Sdxl:
        return Sdxl(self.refiner)
