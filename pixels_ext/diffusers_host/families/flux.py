"""Flux.1, dev and schnell."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from pixels_ext.diffusers_host.families.flow import Flow
from pixels_ext.diffusers_host.families.packing import pack_latents, unpack_latents
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.errors import RequestError


class Flux(Flow):
    """Latents are passed between steps as tokens. Dev is guidance-distilled; schnell has no guidance."""

    title = "Flux.1"
    pipeline_class = "FluxImg2ImgPipeline"
    class_prefixes = ("FluxPipeline", "FluxImg2Img", "FluxInpaint", "FluxFill", "FluxControl", "FluxKontext")
    checkpoint_prefixes = ("flux-dev", "flux-schnell", "flux-fill", "flux-depth")

    @property
    def native_size(self) -> int:
        return int(self.pipeline.default_sample_size) * self.vae_scale_factor

    @property
    def channels(self) -> tuple[int, int]:
        input_channels, latent_channels = super().channels
        return input_channels // 4, latent_channels

    def _tokenizer(self) -> tuple[Any, int, int]:
        return self.pipeline.tokenizer_2, self.max_tokens, 1

    def check(self, settings: Settings) -> None:
        super().check(settings)
        if settings.negative_prompt:
            found = "is given for a Flux model, which has no negative prompt"
            raise RequestError("negative_prompt", found, "none; describe in the prompt what you want instead")

    def pipeline_arguments(self, surgical: Tensor, settings: Settings, count: int) -> dict[str, Any]:
        arguments = super().pipeline_arguments(surgical, settings, count)
        del arguments["negative_prompt"]
        return arguments | {"guidance_scale": settings.guidance_scale}

    def unpack_latents(self, latents: Tensor, size: tuple[int, int]) -> Tensor:
        return unpack_latents(latents, size)

    def pack_latents(self, latents: Tensor) -> Tensor:
        return pack_latents(latents)
