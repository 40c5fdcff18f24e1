"""What is measured of the demo model: reconstruction, denoising, and what img2img does to a hard seam."""

from __future__ import annotations

import numpy as np
import torch
from diffusers import StableDiffusionImg2ImgPipeline
from PIL import Image
from torch import Tensor

from .text import token_ids

Array = np.ndarray
STEPS = 20


def to_tensor(pictures: list[Array]) -> Tensor:
    """Return pictures uint8 (h, w, 3) as float32 (n, 3, h, w) in -1..1."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_pictures(tensor: Tensor) -> list[Array]:
    """Return float (n, 3, h, w) in -1..1 as pictures uint8 (h, w, 3)."""
    scaled = ((tensor.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return list(scaled.permute(0, 2, 3, 1).numpy())


def psnr(a: Array, b: Array) -> float:
    """Peak signal-to-noise ratio of two pictures uint8, in dB."""
    error = np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)
    return float(10 * np.log10(255**2 / max(float(error), 1e-9)))


def gradient_energy(picture: Array) -> float:
    """Mean squared difference of neighbouring pixels, in 0..1 units."""
    values = picture.astype(np.float64) / 255
    return float((np.diff(values, axis=0) ** 2).mean() + (np.diff(values, axis=1) ** 2).mean())


def seam_step(picture: Array, reach: int = 1) -> float:
    """Mean absolute difference over the middle column of the means of `reach` pixels on each side, in 0..1 units."""
    values = picture.astype(np.float64) / 255
    middle = values.shape[1] // 2
    left, right = values[:, middle - reach : middle], values[:, middle : middle + reach]
    return float(np.abs(right.mean(1) - left.mean(1)).mean())


def column_step(picture: Array) -> float:
    """Mean absolute difference of neighbouring columns, in 0..1 units: what a seam melts down to at best."""
    return float(np.abs(np.diff(picture.astype(np.float64) / 255, axis=1)).mean())


def pasted(left: Array, right: Array) -> Array:
    """Return the left half of one picture beside the right half of the other."""
    middle = left.shape[1] // 2
    return np.concatenate([left[:, :middle], right[:, middle:]], axis=1)


class Bench:
    """Runs one pipeline for the measurements and the contact sheets."""

    def __init__(self, pipeline: StableDiffusionImg2ImgPipeline) -> None:
        self.pipeline = pipeline
        pipeline.set_progress_bar_config(disable=True)

    @torch.no_grad()
    def encoded(self, pictures: list[Array]) -> Tensor:
        """Return the scaled latents (n, 4, h/8, w/8)."""
        vae = self.pipeline.vae
        return vae.encode(to_tensor(pictures)).latent_dist.mean * vae.config.scaling_factor

    @torch.no_grad()
    def decoded(self, latents: Tensor) -> list[Array]:
        """Return the pictures of scaled latents."""
        vae = self.pipeline.vae
        return to_pictures(vae.decode(latents / vae.config.scaling_factor).sample)

    def reconstructed(self, pictures: list[Array]) -> list[Array]:
        """Return the pictures encoded and decoded."""
        return self.decoded(self.encoded(pictures))

    @torch.no_grad()
    def denoising_error(self, pictures: list[Array], captions: list[str], time: int) -> float:
        """Mean squared error of the predicted noise at one time step."""
        generator = torch.Generator().manual_seed(time)
        clean = self.encoded(pictures)
        noise = torch.randn(clean.shape, generator=generator)
        times = torch.full((len(pictures),), time)
        noisy = self.pipeline.scheduler.add_noise(clean, noise, times)
        context = self.pipeline.text_encoder(token_ids(self.pipeline.tokenizer, captions)).last_hidden_state
        predicted = self.pipeline.unet(noisy, times, encoder_hidden_states=context).sample
        return float((predicted - noise).square().mean())

    def edited(
        self, pictures: list[Array], prompts: list[str], strength: float, guidance: float = 1.0, seed: int = 0
    ) -> list[Array]:
        """Return the pictures after img2img, each with its own seed so that batches do not matter."""
        generators = [torch.Generator().manual_seed(seed + index) for index in range(len(pictures))]
        images = self.pipeline(
            prompt=prompts,
            image=[Image.fromarray(picture) for picture in pictures],
            strength=strength,
            guidance_scale=guidance,
            num_inference_steps=STEPS,
            generator=generators,
        ).images
        return [np.asarray(image) for image in images]

    def noised(self, pictures: list[Array], strength: float, seed: int = 0) -> list[Array]:
        """Return the pictures decoded from latents noised as img2img noises them, without denoising."""
        noise_scheduler = self.pipeline.scheduler
        noise_scheduler.set_timesteps(STEPS)
        time = noise_scheduler.timesteps[STEPS - int(STEPS * strength)]
        clean = self.encoded(pictures)
        noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(seed))
        return self.decoded(noise_scheduler.add_noise(clean, noise, time.repeat(len(pictures))))
