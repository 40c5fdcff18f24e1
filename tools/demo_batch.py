"""The demo model at work on many latents at once, for measurements: encode, edit, decode, and judge them.

An edit here is Euler's method over timesteps that are spread evenly from the start to 0, so that edits with few and
with many steps begin at the same noise and differ in nothing but their steps.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from demo_model.drawing.landscapes import scene
from demo_model.scenes import HELD_OUT_SEED
from torch import Tensor

from pixels_ext import demo
from pixels_ext.core.surgery import surgical_latent
from pixels_ext.diffusers_host.loading import load_family

Blend = Callable[[Tensor, Tensor, Tensor, int, int], Tensor]
"""From the latent, the noised source, the release map, the step and the number of steps to the blended latent."""
SIZE = 256
BATCH = 16


def as_in_the_engine(x: Tensor, noised: Tensor, release: Tensor, step: int, steps: int) -> Tensor:
    """The blend of `pixels_ext.core.surgery`."""
    return torch.where(release > step / steps, noised, x)


def held_out(count: int, first: int = 0) -> list[np.ndarray]:
    """Scenes that the model was not trained on, uint8 `[SIZE, SIZE, 3]`."""
    return [scene(HELD_OUT_SEED + first + index, SIZE, SIZE).picture for index in range(count)]


class DemoModel:
    """The demo model without a prompt, on one core; in half the time and bfloat16 if asked. In and out goes float32."""

    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        torch.set_num_threads(1)
        self._pipeline = load_family(str(demo.MODEL), "cpu", "fp32").pipeline
        self._dtype = dtype
        for part in (self._pipeline.unet, self._pipeline.vae):
            if dtype != torch.float32:
                part.to(dtype=dtype, memory_format=torch.channels_last)
        tokens = self._pipeline.tokenizer("", padding="max_length", return_tensors="pt").input_ids
        with torch.inference_mode():
            self._context = self._pipeline.text_encoder(tokens).last_hidden_state.to(dtype)
        self._alphas = self._pipeline.scheduler.alphas_cumprod

    @property
    def channels(self) -> int:
        """Channels of a latent."""
        return int(self._pipeline.vae.config.latent_channels)

    @property
    def unet(self) -> torch.nn.Module:
        """The denoiser, for hooks."""
        return self._pipeline.unet

    def noised(self, latents: Tensor, noise: Tensor, time: int) -> Tensor:
        """Clean latents with noise, as diffusers mixes them at a timestep."""
        alpha = self._alphas[time]
        return alpha.sqrt() * latents + (1 - alpha).sqrt() * noise

    def sigma(self, time: int) -> float:
        """Noise over image at a timestep."""
        return float(((1 - self._alphas[time]) / self._alphas[time]).sqrt())

    @torch.inference_mode()
    def encoded(self, images: list[np.ndarray]) -> Tensor:
        """Clean latents `[n, channels, h, w]`."""
        pixels = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 127.5 - 1
        vae = self._pipeline.vae
        latents = torch.cat([vae.encode(each[None].to(self._dtype)).latent_dist.mode() for each in pixels])
        return latents.float() * vae.config.scaling_factor

    @torch.inference_mode()
    def decoded(self, latents: Tensor) -> list[np.ndarray]:
        """Images uint8 `[H, W, 3]`."""
        vae = self._pipeline.vae
        scaled = latents.to(self._dtype) / vae.config.scaling_factor
        pixels = torch.cat([vae.decode(each[None]).sample for each in scaled])
        scaled = ((pixels.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
        return list(scaled.permute(0, 2, 3, 1).numpy())

    @torch.inference_mode()
    def predicted_noise(self, x: Tensor, time: int) -> Tensor:
        """What the model takes for noise in latents `x`, noised as diffusers does."""
        parts = x.to(self._dtype).split(BATCH)
        contexts = (self._context.expand(len(part), -1, -1) for part in parts)
        unet = self._pipeline.unet
        return torch.cat(
            [unet(part, time, encoder_hidden_states=c).sample for part, c in zip(parts, contexts, strict=True)]
        ).float()

    def edited(
        self,
        source: Tensor,
        exemplar: Tensor,
        release: Tensor,
        strength: float,
        steps: int,
        *,
        seed: int = 0,
        blend: Blend = as_in_the_engine,
        renoised: bool = False,
    ) -> Tensor:
        """Edit every source `[n, channels, h, w]` with its exemplar under its release map `[n, 1, h, w]`.

        `renoised`: as LCM and Turbo sample, with noise of its own in every step; otherwise Euler's method.
        """
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(source.shape, generator=generator)
        times = [max(1, round(999 * strength * (1 - step / steps))) for step in range(steps)]
        sigmas = [self.sigma(time) for time in times] + [0.0]
        x = surgical_latent(source, [(exemplar, release)]) + sigmas[0] * noise
        for step, time in enumerate(times):
            if step:
                x = blend(x, source + sigmas[step] * noise, release, step, steps)
            predicted = self.predicted_noise(x / (1 + sigmas[step] ** 2) ** 0.5, time)
            clean = x - sigmas[step] * predicted
            fresh = torch.randn(source.shape, generator=generator) if renoised else predicted
            x = clean + sigmas[step + 1] * fresh
        return x

    def denoising_loss(self, latents: Tensor, times: tuple[int, ...] = (100, 200, 300, 400), draws: int = 2) -> Tensor:
        """How badly the model denoises each pixel of clean latents, `[n, h, w]`: the squared error in the noise that it
        predicts, mean over channels, noise levels and draws. Large where it has not seen the like."""
        total = torch.zeros(len(latents), *latents.shape[-2:])
        for time in times:
            for draw in range(draws):
                noise = torch.randn(latents.shape[1:], generator=torch.Generator().manual_seed(1000 * time + draw))
                noise = noise.expand_as(latents)
                wrong = self.predicted_noise(self.noised(latents, noise, time), time) - noise
                total += wrong.square().mean(1)
        return total / (len(times) * draws)
