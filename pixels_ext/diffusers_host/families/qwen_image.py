"""Qwen-Image."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from pixels_ext.diffusers_host.families.flow import Flow
from pixels_ext.diffusers_host.families.packing import packed, unpacked
from pixels_ext.diffusers_host.settings import Settings


class QwenImage(Flow):
    """The autoencoder is that of a film with one frame. Latents here are `[B, 1, C, h, w]`, as the pipeline noises
    them; between the steps they are tokens."""

    title = "Qwen-Image"
    pipeline_class = "QwenImageImg2ImgPipeline"
    saved_as = ("QwenImagePipeline", "QwenImageImg2Img", "QwenImageInpaint", "QwenImageControlNet")
    checkpoints = ("qwen",)

    @property
    def trained(self) -> int:
        return int(self.pipeline.default_sample_size) * self.cell

    @property
    def channels(self) -> tuple[int, int]:
        return int(self.denoiser.config.in_channels) // 4, int(self.autoencoder.config.z_dim)

    def encode(self, pixels: Tensor) -> Tensor:
        return super().encode(pixels[:, :, None]).transpose(1, 2)

    def decode(self, latent: Tensor) -> Tensor:
        return super().decode(latent.transpose(1, 2))[:, :, 0]

    def _normalisation(self, latent: Tensor) -> tuple[Any, Any]:
        config = self.autoencoder.config
        mean, std = (
            torch.tensor(values).view(1, -1, 1, 1, 1).to(latent) for values in (config.latents_mean, config.latents_std)
        )
        return mean, 1.0 / std

    def arguments(self, surgical: Tensor, settings: Settings, count: int) -> dict[str, Any]:
        arguments = super().arguments(surgical[:, 0], settings, count)
        return arguments | {"true_cfg_scale": arguments.pop("guidance_scale")}

    def unpacked(self, latents: Tensor, size: tuple[int, int]) -> Tensor:
        return unpacked(latents, size)[:, None]

    def packed(self, latents: Tensor) -> Tensor:
        return packed(latents[:, 0])
