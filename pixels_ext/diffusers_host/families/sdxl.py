"""SDXL: the base model, or the refiner on its own."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from pixels_ext.diffusers_host.families.family import Family
from pixels_ext.diffusers_host.settings import Settings


class Sdxl(Family):
    """Two text encoders (the refiner has the second alone) and a size among the conditions."""

    title = "SDXL"
    pipeline_class = "StableDiffusionXLImg2ImgPipeline"
    saved_as = ("StableDiffusionXL",)
    checkpoints = ("xl_", "playground")

    def _reader(self) -> tuple[Any, int, int]:
        tokenizer = self.pipeline.tokenizer_2
        return tokenizer, tokenizer.model_max_length, 2

    def _normalisation(self, latent: Tensor) -> tuple[Any, Any]:
        config = self.autoencoder.config
        mean, std = config.get("latents_mean"), config.get("latents_std")
        if mean is None or std is None:
            return 0.0, config.scaling_factor
        shift, spread = (torch.tensor(values).view(1, -1, 1, 1).to(latent) for values in (mean, std))
        return shift, config.scaling_factor / spread

    def arguments(self, surgical: Tensor, settings: Settings, count: int) -> dict[str, Any]:
        arguments = super().arguments(surgical, settings, count)
        if not settings.negative_prompt and self.pipeline.config.force_zeros_for_empty_prompt:
            # The model was trained with zeros for "no prompt": not the same as the encoding of an empty one.
            arguments |= {"negative_prompt": None, "guidance_scale": settings.guidance}
        return arguments
