"""Stable Diffusion 1 and 2, with noise (epsilon) or velocity prediction."""

from __future__ import annotations

from typing import Any

from pixels_ext.diffusers_host.families.family import Family
from pixels_ext.diffusers_host.families.latent_input import accept_latents


class StableDiffusion(Family):
    """Everything in `Family` applies. Latents may have any number of channels."""

    title = "Stable Diffusion 1 and 2"
    pipeline_class = "StableDiffusionImg2ImgPipeline"
    class_prefixes = ("StableDiffusion", "LatentConsistencyModel")
    checkpoint_prefixes = ("v1", "v2", "inpainting")

    def __init__(self, pipeline: Any) -> None:
        super().__init__(pipeline)
        accept_latents(pipeline, self.channels[1])
