"""Stable Diffusion 3 and 3.5."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from pixels_ext.diffusers_host.families.flow import EULER, Flow
from pixels_ext.diffusers_host.samplers import Sampler


class Sd3(Flow):
    """Three text encoders. Without the third (T5), which is optional because of its size, prompts are limited to CLIP's
    length."""

    title = "Stable Diffusion 3"
    pipeline_class = "StableDiffusion3Img2ImgPipeline"
    class_prefixes = ("StableDiffusion3",)
    checkpoint_prefixes = ("sd3",)
    samplers = MappingProxyType({**EULER, "Heun": Sampler("FlowMatchHeunDiscreteScheduler")})
    max_tokens = 256

    @property
    def patch_size(self) -> int:
        return int(self.denoiser.config.patch_size)

    def _tokenizer(self) -> tuple[Any, int, int]:
        if self.pipeline.text_encoder_3 is None:
            return self.pipeline.tokenizer, self.pipeline.tokenizer.model_max_length, 2
        return self.pipeline.tokenizer_3, self.max_tokens, 1
