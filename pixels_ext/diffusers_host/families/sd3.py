"""Stable Diffusion 3 and 3.5."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from pixels_ext.diffusers_host.families.flow import EULER, Flow
from pixels_ext.diffusers_host.samplers import Sampler


class Sd3(Flow):
    """Three text encoders; without the third, which many leave out for its size, prompts are as short as CLIP's."""

    title = "Stable Diffusion 3"
    pipeline_class = "StableDiffusion3Img2ImgPipeline"
    saved_as = ("StableDiffusion3",)
    checkpoints = ("sd3",)
    samplers = MappingProxyType({**EULER, "Heun": Sampler("FlowMatchHeunDiscreteScheduler")})
    longest_text = 256

    @property
    def patch(self) -> int:
        return int(self.denoiser.config.patch_size)

    def _reader(self) -> tuple[Any, int, int]:
        if self.pipeline.text_encoder_3 is None:
            return self.pipeline.tokenizer, self.pipeline.tokenizer.model_max_length, 2
        return self.pipeline.tokenizer_3, self.longest_text, 1
