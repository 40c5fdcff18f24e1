"""Qwen-Image."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from pixels_ext.diffusers_host.families.flow import Flow
from pixels_ext.diffusers_host.families.packing import pack_latents, unpack_latents
from pixels_ext.diffusers_host.settings import Settings


class QwenImage(Flow):
    """The autoencoder is a video autoencoder, used with one frame. Latents are `[B, 1, C, h, w]`, as the pipeline
    noises them; between steps they are packed to tokens."""

    title = "Qwen-Image"
    pipeline_class = "QwenImageImg2ImgPipeline"
    class_prefixes = ("QwenImagePipeline", "QwenImageImg2Img", "QwenImageInpaint", "QwenImageControlNet")
    checkpoint_prefixes = ("qwen",)

    @property
    def native_size(self) -> int:
        return int(self.pipeline.default_sample_size) * self.vae_scale_factor

    @property
    def channels(self) -> tuple[int, int]:
        return int(self.denoiser.config.in_channels) // 4, int(self.autoencoder.config.z_dim)

    def encode(self, pixels: Tensor) -> Tensor:
        return super().encode(pixels[:, :, None]).transpose(1, 2)

    def decode(self, latent: Tensor) -> Tensor:
        return super().decode(latent.transpose(1, 2))[:, :, 0]

    def _latent_scaling(self, latent: Tensor) -> tuple[Tensor | float, Tensor | float]:
        config = self.autoencoder.config
        mean, std = (
            torch.tensor(values).view(1, -1, 1, 1, 1).to(latent) for values in (config.latents_mean, config.latents_std)
        )
        return mean, 1.0 / std

    def pipeline_arguments(self, surgical: Tensor, settings: Settings, count: int) -> dict[str, Any]:
        arguments = super().pipeline_arguments(surgical[:, 0], settings, count)
        return arguments | {"true_cfg_scale": arguments.pop("guidance_scale")}

    def unpack_latents(self, latents: Tensor, size: tuple[int, int]) -> Tensor:
        return unpack_latents(latents, size)[:, None]

    def pack_latents(self, latents: Tensor) -> Tensor:
        return pack_latents(latents[:, 0])
