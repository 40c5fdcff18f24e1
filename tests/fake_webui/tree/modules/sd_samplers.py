"""Samplers in the shapes that matter: how often, at which levels, and with what memory they call the model."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from modules import shared
from modules.sd_models import ModelWrap
from modules.sd_samplers_common import Sampler, setup_img2img_steps


class SigmaSampler(Sampler):
    """Levels are sigmas; the denoiser answers with the denoised latent."""

    def __init__(self, func: Any, sd_model: Any) -> None:
        super().__init__(func, sd_model)
        self.model_wrap = ModelWrap(sd_model)
        self.scales = sd_model.scales

    def answer(self, x: Tensor, denoised: Tensor, signal: float, scale: float) -> Tensor:
        return denoised

    def get_sigmas(self, p: Any, steps: int) -> Tensor:
        return self.model_wrap.get_sigmas(steps)

    def sample_img2img(
        self,
        p: Any,
        x: Tensor,
        noise: Tensor,
        conditioning: Any,
        unconditional_conditioning: Any,
        steps: int | None = None,
        image_conditioning: Any = None,
    ) -> Tensor:
        steps, t_enc = setup_img2img_steps(p, steps)
        sigmas = self.get_sigmas(p, steps)[steps - t_enc - 1 :]
        if self.model_wrap.inner_model.predictor:
            noised = self.model_wrap.predictor.noise_scaling(sigmas[0], noise, x, max_denoise=False)
        elif hasattr(shared.sd_model, "add_noise_to_latent"):
            noised = shared.sd_model.add_noise_to_latent(x, noise, sigmas[0])
        else:
            noised = x + noise * sigmas[0]
        noised = self._extra_noise(noised, noise)
        self.initialize(p)
        self.model_wrap_cfg.init_latent = self.last_latent = x
        args = self._extra_args(p, conditioning, unconditional_conditioning)
        return self.launch_sampling(t_enc + 1, lambda: self.func(self, noised, sigmas, args))


class TimestepSampler(Sampler):
    """Levels are timesteps; the denoiser answers with the noise. It noises to one timestep more than it runs."""

    def __init__(self, func: Any, sd_model: Any) -> None:
        super().__init__(func, sd_model)
        self.model_wrap = ModelWrap(sd_model)
        self._alphas = sd_model.alphas_cumprod

    def scales(self, timestep: float) -> tuple[float, float]:
        below = int(timestep)
        alpha, part = float(self._alphas[below]), timestep - below
        if part:
            alpha = alpha ** (1 - part) * float(self._alphas[below + 1]) ** part
        return alpha**0.5, (1 - alpha) ** 0.5

    def answer(self, x: Tensor, denoised: Tensor, signal: float, scale: float) -> Tensor:
        return (x - signal * denoised) / scale

    def get_timesteps(self, p: Any, steps: int) -> Tensor:
        return torch.clip(torch.arange(0, 1000, 1000 // steps) + 1, 0, 999)

    def sample_img2img(
        self,
        p: Any,
        x: Tensor,
        noise: Tensor,
        conditioning: Any,
        unconditional_conditioning: Any,
        steps: int | None = None,
        image_conditioning: Any = None,
    ) -> Tensor:
        steps, t_enc = setup_img2img_steps(p, steps)
        timesteps = self.get_timesteps(p, steps)
        signal, scale = self.scales(float(timesteps[t_enc]))
        noised = self._extra_noise(signal * x + scale * noise, noise)
        self.initialize(p)
        self.model_wrap_cfg.init_latent = self.last_latent = x
        args = self._extra_args(p, conditioning, unconditional_conditioning)
        return self.launch_sampling(t_enc + 1, lambda: self.func(self, noised, timesteps[:t_enc], args))


def _ask(sampler: Sampler, x: Tensor, level: Tensor, args: dict[str, Any]) -> Tensor:
    return sampler.model_wrap_cfg(x, level * x.new_ones(len(x)), **args)


def _at(sampler: Any, x: Tensor, denoised: Tensor, level: Tensor, to: Tensor, fresh: Tensor | None = None) -> Tensor:
    """From `level` to another with `denoised` as the image; `fresh` replaces a part of the noise."""
    (signal, scale), (next_signal, next_scale) = sampler.scales(float(level)), sampler.scales(float(to))
    noise = (x - signal * denoised) / scale
    if fresh is not None:
        noise = 0.8 * noise + 0.6 * fresh
    return next_signal * denoised + next_scale * noise


def euler(sampler: Any, x: Tensor, sigmas: Tensor, args: dict[str, Any]) -> Tensor:
    """One call for a step."""
    for i, (sigma, to) in enumerate(pairwise(sigmas)):
        x = _at(sampler, x, _ask(sampler, x, sigma, args), sigma, to)
        sampler.callback_state(i)
    return x


def euler_ancestral(sampler: Any, x: Tensor, sigmas: Tensor, args: dict[str, Any]) -> Tensor:
    """One call for a step, and new noise after it."""
    for i, (sigma, to) in enumerate(pairwise(sigmas)):
        x = _at(sampler, x, _ask(sampler, x, sigma, args), sigma, to, fresh=sampler.rng.next())
        sampler.callback_state(i)
    return x


def heun(sampler: Any, x: Tensor, sigmas: Tensor, args: dict[str, Any]) -> Tensor:
    """Two calls for a step, the second at the next level with a latent that is thrown away."""
    for i, (sigma, to) in enumerate(pairwise(sigmas)):
        denoised = _ask(sampler, x, sigma, args)
        if to > 0:
            denoised = (denoised + _ask(sampler, _at(sampler, x, denoised, sigma, to), to, args)) / 2
        x = _at(sampler, x, denoised, sigma, to)
        sampler.callback_state(i)
    return x


def dpm2(sampler: Any, x: Tensor, sigmas: Tensor, args: dict[str, Any]) -> Tensor:
    """Two calls for a step, the second between two levels of the schedule."""
    for i, (sigma, to) in enumerate(pairwise(sigmas)):
        denoised = _ask(sampler, x, sigma, args)
        if to > 0:
            between = (sigma * to).sqrt()
            denoised = _ask(sampler, _at(sampler, x, denoised, sigma, between), between, args)
        x = _at(sampler, x, denoised, sigma, to)
        sampler.callback_state(i)
    return x


def multistep(sampler: Any, x: Tensor, sigmas: Tensor, args: dict[str, Any]) -> Tensor:
    """One call for a step, and a memory of the one before."""
    before = None
    for i, (sigma, to) in enumerate(pairwise(sigmas)):
        denoised = _ask(sampler, x, sigma, args)
        ahead = denoised if before is None or to == 0 else 1.5 * denoised - 0.5 * before
        x, before = _at(sampler, x, ahead, sigma, to), denoised
        sampler.callback_state(i)
    return x


def restart(sampler: Any, x: Tensor, sigmas: Tensor, args: dict[str, Any]) -> Tensor:
    """Near the end the noise level rises to that of half of the schedule, and falls again."""
    levels = list(sigmas)
    last, back = len(levels) - 2, (len(levels) - 2) // 2
    levels = levels[: last + 1] + levels[back:]
    for i, (sigma, to) in enumerate(pairwise(levels)):
        denoised = _ask(sampler, x, sigma, args)
        x = _at(sampler, x, denoised, sigma, to, fresh=sampler.rng.next() if to > sigma else None)
        sampler.callback_state(i)
    return x


def ddim(sampler: Any, x: Tensor, timesteps: Tensor, args: dict[str, Any]) -> Tensor:
    """Timesteps, from the highest down. It ends at the lowest one, for which no model is asked."""
    for i in reversed(range(1, len(timesteps))):
        noise = _ask(sampler, x, timesteps[i], args)
        signal, scale = sampler.scales(float(timesteps[i]))
        next_signal, next_scale = sampler.scales(float(timesteps[i - 1]))
        x = next_signal * (x - scale * noise) / signal + next_scale * noise
        sampler.callback_state(len(timesteps) - 1 - i)
    return x


def unipc(sampler: Any, x: Tensor, timesteps: Tensor, args: dict[str, Any]) -> Tensor:
    """Timesteps down to the very lowest, and once for every step between two of them."""
    levels = [*timesteps.flip(0).tolist(), None]
    for i, (level, to) in enumerate(pairwise(levels)):
        noise = _ask(sampler, x, torch.tensor(float(level)), args)
        signal, scale = sampler.scales(level)
        next_signal, next_scale = sampler.scales(to) if to is not None else (1.0, 0.0)
        if to is not None:
            between = 0.5 * (level + to) + 0.25
            half_signal, half_scale = sampler.scales(between)
            half = half_signal * (x - scale * noise) / signal + half_scale * noise
            noise = _ask(sampler, half, torch.tensor(between), args)
        x = next_signal * (x - scale * noise) / signal + next_scale * noise
        sampler.callback_state(i)
    return x


SAMPLERS = {
    "Euler": (SigmaSampler, euler),
    "Euler a": (SigmaSampler, euler_ancestral),
    "Heun": (SigmaSampler, heun),
    "DPM2": (SigmaSampler, dpm2),
    "DPM++ 2M": (SigmaSampler, multistep),
    "Restart": (SigmaSampler, restart),
    "DDIM": (TimestepSampler, ddim),
    "UniPC": (TimestepSampler, unipc),
}


def create_sampler(name: str, model: Any) -> Sampler:
    family, func = SAMPLERS[name]
    return family(func, model)
