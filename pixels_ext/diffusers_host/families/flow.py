"""What flow-matching models have in common: noising is linear interpolation between image and noise."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from pixels_ext.diffusers_host.families.family import Family
from pixels_ext.diffusers_host.samplers import Sampler
from pixels_ext.diffusers_host.settings import Settings

EULER = MappingProxyType({"Euler": Sampler("FlowMatchEulerDiscreteScheduler")})
"""The only sampler that works with every flow pipeline in diffusers: it noises with `scale_noise`, accepts sigmas and a
shift, and draws no noise of its own."""

_FRACTION_OF_STEP = 1e-6


class Flow(Family):
    """A transformer that predicts the velocity, in patches of two by two latent cells."""

    samplers = EULER
    half_dtype = torch.bfloat16  # their training precision; their activations overflow in fp16
    denoiser_name = "transformer"
    max_tokens = 512
    """Maximum number of tokens that diffusers passes to the text encoder."""

    @property
    def patch_size(self) -> int:
        return 2

    def _tokenizer(self) -> tuple[Any, int, int]:
        return self.pipeline.tokenizer, self.max_tokens, 0

    def count_steps(self, scheduler: Any, settings: Settings) -> int:
        return settings.steps_run  # the shift, known only to the pipeline, moves steps but keeps their number

    def pipeline_arguments(self, surgical: Tensor, settings: Settings, count: int) -> dict[str, Any]:
        arguments = super().pipeline_arguments(surgical, settings, count)
        height, width = (side * self.vae_scale_factor for side in surgical.shape[-2:])
        # These pipelines round the number of steps up, others down. Here a strength gives the same number in all.
        strength = (settings.steps_run - _FRACTION_OF_STEP) / settings.steps
        return arguments | {"height": height, "width": width, "strength": strength}
