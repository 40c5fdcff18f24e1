"""Flux.1, dev and schnell."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from pixels_ext.diffusers_host.families.flow import Flow
from pixels_ext.diffusers_host.families.packing import packed, unpacked
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.errors import RequestError


class Flux(Flow):
    """Latents pass between the steps as tokens. Guidance is distilled into dev and unknown to schnell."""

    title = "Flux.1"
    pipeline_class = "FluxImg2ImgPipeline"
    saved_as = ("FluxPipeline", "FluxImg2Img", "FluxInpaint", "FluxFill", "FluxControl", "FluxKontext")
    checkpoints = ("flux-dev", "flux-schnell", "flux-fill", "flux-depth")

    @property
    def trained(self) -> int:
        return int(self.pipeline.default_sample_size) * self.cell

    @property
    def channels(self) -> tuple[int, int]:
        taken, given = super().channels
        return taken // 4, given

    def _reader(self) -> tuple[Any, int, int]:
        return self.pipeline.tokenizer_2, self.longest_text, 1

    def check(self, settings: Settings) -> None:
        super().check(settings)
        if settings.negative_prompt:
            found = "is given for a Flux model, which has its guidance built in"
            raise RequestError("negative_prompt", found, "none: say in the prompt what should be there instead")

    def arguments(self, surgical: Tensor, settings: Settings, count: int) -> dict[str, Any]:
        arguments = super().arguments(surgical, settings, count)
        del arguments["negative_prompt"]
        return arguments | {"guidance_scale": settings.guidance}

    def unpacked(self, latents: Tensor, size: tuple[int, int]) -> Tensor:
        return unpacked(latents, size)

    def packed(self, latents: Tensor) -> Tensor:
        return packed(latents)
