"""Latents as the input of img2img pipelines that recognize them by their four channels."""

from __future__ import annotations

from typing import Any

import torch
from diffusers.utils.torch_utils import randn_tensor
from torch import Tensor

_RECOGNIZED = 4
"""The number of channels by which diffusers' Stable Diffusion and SDXL pipelines tell a latent from an image."""


def accept_latents(pipeline: Any, channels: int) -> None:
    """Let `pipeline` start from latents with `channels` channels.

    diffusers would resize such a latent as if it were an image, and then encode it. The noise is drawn and added as
    diffusers does it for four channels. A pipeline that accepts them already is left as it is.
    """
    if channels == _RECOGNIZED or "prepare_latents" in vars(pipeline):
        return
    pipeline.image_processor.register_to_config(vae_latent_channels=channels)
    prepare_image = pipeline.prepare_latents

    def prepare_latents(
        image: Tensor,
        timestep: Tensor,
        batch_size: int,
        num_images_per_prompt: int,
        dtype: torch.dtype,
        device: torch.device,
        generator: Any = None,
        add_noise: bool = True,
    ) -> Tensor:
        if image.shape[1] != channels:
            optional = {} if add_noise else {"add_noise": False}
            prepared: Tensor = prepare_image(
                image, timestep, batch_size, num_images_per_prompt, dtype, device, generator, **optional
            )
            return prepared
        latent = image.to(device=device, dtype=dtype)
        if not add_noise:  # SDXL's refiner goes on from where the base model stopped
            return latent
        noise = randn_tensor(latent.shape, generator=generator, device=device, dtype=dtype)
        noised: Tensor = pipeline.scheduler.add_noise(latent, noise, timestep)
        return noised

    pipeline.prepare_latents = prepare_latents
