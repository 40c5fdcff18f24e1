"""The hook in real diffusers pipelines, with every sampler."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from pixels_ext.diffusers_host.pipeline_hook import PipelineHook
from pixels_ext.diffusers_host.samplers import SAMPLERS, SCHEDULES, make_scheduler
from pixels_ext.errors import RequestError

STEPS, SKIPPED = 20, 8
RANDOM = {"Euler a", "DPM2 a", "DPM++ SDE", "DPM++ 2M SDE", "DPM++ 3M SDE", "DDPM", "SA-Solver", "LCM", "TCD"}
# diffusers begins these two wrongly in the middle of a schedule: PLMS one entry late, LMS with the coefficients of a
# history that it does not have yet. The blend follows the noise level that the model is told.
BEGINS_WRONG = {"PLMS", "LMS"}


def perfect_model(init_latent: Tensor, noise: Tensor | None, scheduler: Any) -> Any:
    """A model that knows the image. With `noise` it predicts that very noise, which keeps a sampler without noise of
    its own on the source's path to the last digit; without, whatever noise is in the latent."""
    log_sigmas = (0.5 * ((1 - scheduler.alphas_cumprod) / scheduler.alphas_cumprod).log()).numpy()

    def forward(sample: Tensor, timestep: Tensor, *_: Any, **__: Any) -> tuple[Tensor]:
        if noise is not None:
            return (noise.expand_as(sample),)
        sigma = float(np.exp(np.interp(float(timestep), np.arange(len(log_sigmas)), log_sigmas)))
        return ((sample * (1 + sigma**2) ** 0.5 - init_latent) / sigma,)

    return forward


def run(pipeline: Any, sampler: str, schedule: str = "automatic") -> tuple[Tensor, Tensor, list[tuple[Tensor, Tensor]]]:
    """An all-white edit with a perfect model: the source, the noise, and every latent before and after a blend."""
    shape, release = (1, 4, 32, 32), torch.ones(1, 1, 32, 32)
    init_latent = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(2))
    scheduler = make_scheduler(sampler, schedule, pipeline.scheduler.config)
    hook = PipelineHook(scheduler, init_latent, release, SKIPPED)
    pairs = []

    def watch(*arguments: Any) -> dict[str, Tensor]:
        before = arguments[3]["latents"].clone()
        result = hook.on_step_end(*arguments)
        pairs.append((before, result["latents"].clone()))
        return result

    own, pipeline.scheduler = pipeline.scheduler, scheduler
    pipeline.unet.forward = perfect_model(init_latent, None if sampler in RANDOM else noise, scheduler)
    try:
        pipeline(
            prompt="",
            image=init_latent,
            strength=1 - SKIPPED / STEPS,
            num_inference_steps=STEPS,
            guidance_scale=1.0,
            generator=torch.Generator().manual_seed(2),
            callback_on_step_end=watch,
            output_type="latent",
        )
    finally:
        pipeline.scheduler = own
        del pipeline.unet.forward
    return init_latent, noise, pairs


@pytest.mark.parametrize("sampler", sorted(set(SAMPLERS) - RANDOM - BEGINS_WRONG))
def test_the_blend_asks_for_just_the_noise_that_the_sampler_has(pipeline: Any, sampler: str) -> None:
    """On the source's own path a blend with the source changes nothing: levels, factors and noise all agree."""
    _, _, pairs = run(pipeline, sampler)
    for before, after in pairs[:-1]:
        torch.testing.assert_close(after, before, atol=2e-3, rtol=1e-3)


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_every_latent_carries_as_much_noise_as_the_blend_puts_there(pipeline: Any, sampler: str) -> None:
    init_latent, noise, pairs = run(pipeline, sampler)
    order = make_scheduler(sampler, "automatic", pipeline.scheduler.config).order
    for before, after in pairs[order - 1 : -1 : order]:
        signal, scale = factors(after, init_latent, noise)
        assert signal > 0
        assert scale > 0
        if scale < 0.05:  # diffusers rounds timesteps; down here that changes the noise by a tenth
            continue
        tolerance = 0.25 if sampler in BEGINS_WRONG else 0.06
        assert float((before - signal * init_latent).std()) == pytest.approx(scale, rel=tolerance)


def factors(x: Tensor, init_latent: Tensor, noise: Tensor) -> tuple[float, float]:
    """Signal and noise factor of `x` by least squares."""
    basis = torch.stack([init_latent.flatten(), noise.flatten()], 1)
    signal, scale = torch.linalg.lstsq(basis, x.flatten()[:, None]).solution[:, 0].tolist()
    torch.testing.assert_close(x, signal * init_latent + scale * noise, atol=1e-3, rtol=1e-3)
    return signal, scale


@pytest.mark.parametrize("sampler", ["Euler", "DPM++ 2M", "Heun"])
@pytest.mark.parametrize("schedule", list(SCHEDULES))
def test_schedules(pipeline: Any, sampler: str, schedule: str) -> None:
    _, _, pairs = run(pipeline, sampler, schedule)
    for before, after in pairs[:-1]:
        torch.testing.assert_close(after, before, atol=2e-3, rtol=1e-3)


def test_names_are_the_webui_s(pipeline: Any) -> None:
    config = pipeline.scheduler.config
    assert make_scheduler("dpm++ 2m karras", "automatic", config).config.use_karras_sigmas
    assert make_scheduler("DPM++ 2M", "automatic", config).config.use_karras_sigmas
    assert not make_scheduler("DPM++ 2M", "uniform", config).config.use_karras_sigmas


@pytest.mark.parametrize(
    ("sampler", "schedule", "field"),
    [("Eular", "automatic", "sampler"), ("Euler", "carras", "schedule"), ("DDIM", "karras", "schedule")],
)
def test_unknown_names_are_refused(pipeline: Any, sampler: str, schedule: str, field: str) -> None:
    with pytest.raises(RequestError, match=f"^{field}: '.*expected one of"):
        make_scheduler(sampler, schedule, pipeline.scheduler.config)


def test_a_scheduler_is_itself_again_once_the_noise_is_drawn(pipeline: Any) -> None:
    scheduler = make_scheduler("Euler", "automatic", pipeline.scheduler.config)
    scheduler.set_timesteps(4)
    hook = PipelineHook(scheduler, torch.zeros(1, 4, 2, 2), torch.ones(1, 1, 2, 2), 0)
    scheduler.add_noise(torch.zeros(1, 4, 2, 2), torch.ones(1, 4, 2, 2), scheduler.timesteps[:1])
    assert "add_noise" not in vars(scheduler)
    with pytest.raises(RuntimeError, match="did not draw its noise"):
        PipelineHook(scheduler, torch.zeros(1), torch.ones(1), 0).on_step_end(None, 0, torch.tensor(0), {})
    assert hook is not None
