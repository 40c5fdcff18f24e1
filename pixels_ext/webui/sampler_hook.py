"""Latent surgery inside one run of a host's sampler.

`sample_img2img` of a sampler is given the clean source latent and the noise. It computes its noise levels
(`get_sigmas` or `get_timesteps`), noises the latent, and calls `launch_sampling`, inside which every sampler calls
`model_wrap_cfg` with its own tensor. These four methods are overridden, and restored when the run ends, however it
ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, cast

from torch import Tensor

from pixels_ext.core.noising import NoisingScales, probe_scales, variance_exploding, variance_preserving
from pixels_ext.core.release import release_map
from pixels_ext.core.schedule import Schedule
from pixels_ext.core.surgery import LatentSurgery, surgical_latent
from pixels_ext.webui.canvas import LatentExemplar
from pixels_ext.webui.protocols import KDiffusionSampler, Model, Predictor, Processing, Sampler

Encode = Callable[[Tensor], list[LatentExemplar]]
"""From the source latent to the encoded exemplars."""


@contextmanager
def hook_sampler(sampler: Sampler, encode: Encode, substep_release: bool) -> Iterator[None]:
    """While this context is open, every `sample_img2img` of `sampler` is an edit (Algorithm 2). `substep_release`: the
    request's field."""
    own = sampler.sample_img2img

    def sample_img2img(p: Processing, x: Tensor, noise: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        exemplars = encode(x)
        surgical = surgical_latent(x, ((each.latent, each.source_release(p.steps).to(x.device)) for each in exemplars))
        with _hook_denoiser(sampler, p.sd_model, x, surgical, noise, exemplars, substep_release):
            return own(p, surgical, noise, *args, **kwargs)

    with _override_attribute(sampler, "sample_img2img", sample_img2img):
        yield


@contextmanager
def _hook_denoiser(
    sampler: Sampler,
    model: Model,
    init_latent: Tensor,
    surgical: Tensor,
    noise: Tensor,
    exemplars: list[LatentExemplar],
    substep_release: bool,
) -> Iterator[None]:
    """For one call of `sample_img2img`: learn the schedule, then blend before every call of the model."""
    denoiser = sampler.model_wrap_cfg
    by_timestep = hasattr(sampler, "get_timesteps")
    name = "get_timesteps" if by_timestep else "get_sigmas"
    own_get_levels, own_launch, own_forward = getattr(sampler, name), sampler.launch_sampling, denoiser.forward
    found: dict[str, Any] = {}

    def get_levels(p: Processing, steps: int) -> Tensor:
        levels: Tensor = own_get_levels(p, steps)
        found["steps"], found["levels"] = steps, levels
        return levels

    def launch_sampling(steps: int, func: Callable[[], Any]) -> Any:
        # As the hosts cut it: of the timesteps, which rise, the first `steps - 1`; of the sigmas all from here on. The
        # sampler ends at the lowest one, whatever it is, and begins a step at each of the others.
        levels = [float(level) for level in found["levels"]]
        run = levels[: steps - 1][::-1] if by_timestep else levels[found["steps"] - steps :]
        step_levels = run[:-1] or run
        # The host took the surgical latent for the source, which inpainting must not show outside of its mask.
        denoiser.init_latent = init_latent.to(denoiser.init_latent)
        if step_levels:  # at strength 0 the timestep samplers run no step at all
            schedule = Schedule(step_levels, log=not by_timestep)
            release = release_map([each.maps for each in exemplars], schedule.steps)
            scales = sampler_noising(sampler, model, by_timestep)
            substeps = schedule.steps if substep_release else None
            found["surgery"] = LatentSurgery(surgical, noise, release, schedule.progress, scales, substeps)
        return own_launch(steps, func)

    def forward(x: Tensor, sigma: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        found["surgery"].blend_(x, float(sigma.flatten()[0]))
        return own_forward(x, sigma, *args, **kwargs)

    with ExitStack() as stack:
        stack.enter_context(_override_attribute(sampler, name, get_levels))
        stack.enter_context(_override_attribute(sampler, "launch_sampling", launch_sampling))
        stack.enter_context(_override_attribute(denoiser, "forward", forward))
        yield


def sampler_noising(sampler: Sampler, model: Model, by_timestep: bool) -> NoisingScales:
    """How the host noises a latent for this sampler and model, measured with the host's own functions if it has
    them."""
    if by_timestep:
        return variance_preserving(model.alphas_cumprod.tolist())
    return sigma_noising(getattr(cast("KDiffusionSampler", sampler).model_wrap, "predictor", None), model)


def sigma_noising(predictor: Predictor | None, model: Model) -> NoisingScales:
    """The same for samplers whose noise levels are sigmas. `predictor`: the Forge family's, or `None`."""
    if predictor is not None:

        def noise_by_predictor(latent: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
            return predictor.noise_scaling(sigma, noise, latent, max_denoise=False)

        return probe_scales(noise_by_predictor)
    add_noise = getattr(model, "add_noise_to_latent", None)  # SD3 in AUTOMATIC1111
    return probe_scales(add_noise) if add_noise else variance_exploding


@contextmanager
def _override_attribute(owner: object, name: str, value: Callable[..., Any]) -> Iterator[None]:
    """Override an attribute of this very object; at the end, restore whatever was there before, including nothing."""
    before = vars(owner).get(name)
    object.__setattr__(owner, name, value)
    try:
        yield
    finally:
        if before is None:
            object.__delattr__(owner, name)
        else:
            object.__setattr__(owner, name, before)
