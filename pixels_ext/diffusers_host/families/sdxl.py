"""SDXL: the base model, or the refiner alone."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from pixels_ext.diffusers_host.families.family import Family
from pixels_ext.diffusers_host.settings import Settings


class Sdxl(Family):
    """Two text encoders (the refiner has only the second) and size conditioning."""

    title = "SDXL"
    pipeline_class = "StableDiffusionXLImg2ImgPipeline"
    class_prefixes = ("StableDiffusionXL",)
    checkpoint_prefixes = ("xl_", "playground")

    def _tokenizer(self) -> tuple[Any, int, int]:
        tokenizer = self.pipeline.tokenizer_2
        return tokenizer, tokenizer.model_max_length, 2

    def _latent_scaling(self, latent: Tensor) -> tuple[Tensor | float, Tensor | float]:
        config = self.autoencoder.config
        mean, std = config.get("latents_mean"), config.get("latents_std")
        if mean is None or std is None:
            return 0.0, config.scaling_factor
        shift, deviation = (torch.tensor(values).view(1, -1, 1, 1).to(latent) for values in (mean, std))
        return shift, config.scaling_factor / deviation

    def pipeline_arguments(self, surgical: Tensor, settings: Settings, count: int) -> dict[str, Any]:
        arguments = super().pipeline_arguments(surgical, settings, count)
        if not settings.negative_prompt and self.pipeline.config.force_zeros_for_empty_prompt:
            # The model was trained with zeros for "no prompt", which is not the encoding of an empty prompt.
            arguments |= {"negative_prompt": None, "guidance_scale": settings.guidance_scale}
        return arguments
