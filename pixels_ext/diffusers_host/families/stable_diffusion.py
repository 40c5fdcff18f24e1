"""Stable Diffusion 1 and 2, whatever they predict: noise or velocity."""

from __future__ import annotations

from pixels_ext.diffusers_host.families.family import Family


class StableDiffusion(Family):
    """The kind that everything in `Family` was written for."""

    title = "Stable Diffusion 1 and 2"
    pipeline_class = "StableDiffusionImg2ImgPipeline"
    saved_as = ("StableDiffusion", "LatentConsistencyModel")
    checkpoints = ("v1", "v2", "inpainting")
