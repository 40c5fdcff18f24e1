"""What flow-matching models have in common: the straight line between picture and noise."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from pixels_ext.diffusers_host.families.family import Family
from pixels_ext.diffusers_host.samplers import Sampler
from pixels_ext.diffusers_host.settings import Settings

EULER = MappingProxyType({"Euler": Sampler("FlowMatchEulerDiscreteScheduler")})
"""The one sampler that every flow pipeline of diffusers takes: it noises with `scale_noise`, takes sigmas and a shift,
and draws no noise that a seed does not govern."""

_LESS_THAN_A_STEP = 1e-6


class Flow(Family):
    """A transformer that predicts the velocity, two by two places of the latent at a time."""

    samplers = EULER
    half = torch.bfloat16  # they are trained in it; what passes between their layers is too large for fp16
    denoiser_name = "transformer"
    longest_text = 512
    """Tokens that diffusers hands to the text encoder."""

    @property
    def patch(self) -> int:
        return 2

    def _reader(self) -> tuple[Any, int, int]:
        return self.pipeline.tokenizer, self.longest_text, 0

    def count_steps(self, scheduler: Any, settings: Settings) -> int:
        return settings.steps_run  # the shift, which only the pipeline knows, moves the steps and leaves their number

    def arguments(self, surgical: Tensor, settings: Settings, count: int) -> dict[str, Any]:
        arguments = super().arguments(surgical, settings, count)
        height, width = (side * self.cell for side in surgical.shape[-2:])
        # These pipelines round the number of steps up, the others down. The same strength is the same number of steps.
        strength = (settings.steps_run - _LESS_THAN_A_STEP) / settings.steps
        return arguments | {"height": height, "width": width, "strength": strength}
