"""What all samplers share, and the encoding of images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from modules import devices, shared
from modules.shared import opts, state

approximation_indexes = {"Full": 0, "TAESD": 3}


class InterruptedException(BaseException):
    """The user had enough."""


def setup_img2img_steps(p: Any, steps: int | None = None) -> tuple[int, int]:
    return p.steps, int(min(p.denoising_strength, 0.999) * p.steps)


def images_tensor_to_samples(image: Tensor, approximation: int | None = None, model: Any = None) -> Tensor:
    """Images `[B, 3, H, W]` in [0, 1] to latents, one by one. The quick encoder is the slow one here, only weaker."""
    model = model or shared.sd_model
    image = image.to(devices.device, devices.dtype_vae) * 2 - 1
    latents = [model.get_first_stage_encoding(model.encode_first_stage(each[None])) for each in image]
    return torch.cat(latents) * (0.9 if approximation == approximation_indexes["TAESD"] else 1)


class Denoiser(torch.nn.Module):
    """The callable that samplers take for the model."""

    def __init__(self, sampler: Sampler) -> None:
        super().__init__()
        self.sampler = sampler
        self.init_latent = self.mask = self.nmask = None
        self.step = 0

    def forward(
        self,
        x: Tensor,
        sigma: Tensor,
        uncond: Any,
        cond: Any,
        cond_scale: float,
        s_min_uncond: float,
        image_cond: Any,
    ) -> Tensor:
        if state.interrupted or state.skipped:
            raise InterruptedException
        level = float(sigma[0])
        signal, scale = self.sampler.scales(level)
        denoised = shared.sd_model.denoised(x, level, signal, scale)
        if self.mask is not None:
            denoised = denoised * self.nmask + self.init_latent * self.mask
        self.sampler.last_latent = denoised
        self.step += 1
        return self.sampler.answer(x, denoised, signal, scale)


class Sampler:
    """`func`: called with the denoiser, the noised latent, the levels and the extra arguments of every call."""

    def __init__(self, func: Callable[..., Tensor], sd_model: Any) -> None:
        self.func = func
        self.model_wrap_cfg: Any = Denoiser(self)
        self.model_wrap: Any = None
        self.last_latent: Any = None
        self.rng: Any = None
        self.p: Any = None

    def initialize(self, p: Any) -> None:
        self.p = p  # a cycle, until `p` is closed
        self.model_wrap_cfg.mask, self.model_wrap_cfg.nmask = p.mask, p.nmask
        self.rng = p.rng

    def callback_state(self, step: int) -> None:
        state.sampling_step = step

    def launch_sampling(self, steps: int, func: Callable[[], Tensor]) -> Tensor:
        state.sampling_steps = steps
        state.sampling_step = 0
        try:
            return func()
        except InterruptedException:
            return self.last_latent

    def _extra_args(self, p: Any, conditioning: Any, unconditional_conditioning: Any) -> dict[str, Any]:
        return {
            "cond": conditioning,
            "uncond": unconditional_conditioning,
            "cond_scale": p.cfg_scale,
            "s_min_uncond": 0.0,
            "image_cond": None,
        }

    def _extra_noise(self, x: Tensor, noise: Tensor) -> Tensor:
        return x + noise * opts.img2img_extra_noise if opts.img2img_extra_noise else x
