"""Stable Diffusion 1 and 2, with noise (epsilon) or velocity prediction."""

from __future__ import annotations

from pixels_ext.diffusers_host.families.family import Family


class StableDiffusion(Family):
    """Everything in `Family` applies."""

    title = "Stable Diffusion 1 and 2"
    pipeline_class = "StableDiffusionImg2ImgPipeline"
    class_prefixes = ("StableDiffusion", "LatentConsistencyModel")
    checkpoint_prefixes = ("v1", "v2", "inpainting")
