"""SDXL with a refiner that runs the last steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image
from torch import Tensor

from pixels_ext.diffusers_host.families.family import make_generators
from pixels_ext.diffusers_host.families.sdxl import Sdxl
from pixels_ext.diffusers_host.pipeline_hook import PipelineHook
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.errors import RequestError


class SdxlWithRefiner(Sdxl):
    """The base model runs up to `refiner_at` of the noise schedule (`denoising_end`), the refiner from there
    (`denoising_start`).

    Both use the same schedule and the same noise, and the hook blends in both. If the strength is so low that no step
    is left for the base model, the refiner runs alone.
    """

    title = "SDXL with refiner"

    def __init__(self, pipeline: Any, refiner: Any) -> None:
        super().__init__(pipeline)
        self.refiner = refiner
        self._refiner = Sdxl(refiner)

    @property
    def scheduled_pipelines(self) -> tuple[Any, ...]:
        return self.pipeline, self.refiner

    def scheduler(self, settings: Settings) -> Any:
        scheduler = super().scheduler(settings)
        if scheduler.order > 1:
            found = f"is {settings.sampler!r}, which calls the model twice per step and cannot switch to the refiner"
            raise RequestError("sampler", found, "a sampler with one model call per step, such as Euler or DPM++ 2M")
        return scheduler

    def sample(
        self, canvas: Image.Image, surgical: Tensor, settings: Settings, seeds: Sequence[int], hook: PipelineHook
    ) -> Tensor:
        scheduler, generators = self.pipeline.scheduler, make_generators(seeds)
        scheduler.set_timesteps(settings.steps)
        timesteps = scheduler.timesteps[settings.steps - settings.steps_run :]
        train_timesteps = scheduler.config.num_train_timesteps
        base_steps = int((timesteps >= round(train_timesteps * (1 - settings.refiner_at))).sum())
        base = self.pipeline_arguments(surgical, settings, len(seeds))
        refiner = self._refiner.pipeline_arguments(surgical, settings, len(seeds))
        if base_steps == 0:
            return self.run(self.refiner, hook, refiner, generators)
        if base_steps == len(timesteps):
            return self.run(self.pipeline, hook, base, generators)
        latent = self.run(self.pipeline, hook, base | {"denoising_end": settings.refiner_at}, generators)
        hook.steps_done = base_steps
        refiner |= {"image": latent, "denoising_start": settings.refiner_at}
        return self.run(self.refiner, hook, refiner, generators)
