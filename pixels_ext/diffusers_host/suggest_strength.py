"""The suggested denoising strength on diffusers, with the noise levels of the sampler in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from PIL import Image
from torch import Tensor

from pixels_ext.core.release import ExemplarMaps, release_map, source_release
from pixels_ext.core.suggest_strength import MIN_SIGNAL, STRENGTHS, StrengthSuggestion, suggest_from_latents
from pixels_ext.diffusers_host.canvas import Padding
from pixels_ext.diffusers_host.exemplar_latents import encode_exemplar
from pixels_ext.diffusers_host.families import Family
from pixels_ext.diffusers_host.nan_check import encode_image
from pixels_ext.diffusers_host.pipeline_hook import scales_at
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.edit.prepare import PreparedExemplar
from pixels_ext.errors import RequestError


def suggest_strength(
    canvas: Image.Image,
    exemplars: Iterable[PreparedExemplar],
    settings: Settings,
    family: Family,
    padding: Padding,
) -> StrengthSuggestion:
    """The suggested strength for an edit of `canvas` (RGB, at the working size) with `settings`, ignoring their
    strength.

    Every exemplar is compared with the source itself, also in an iterative edit. Raises `RequestError` when every map
    is white or every pixel locked to the end, and for flow models, whose schedule is known only to their pipelines.
    """
    scheduler = family.scheduler(settings)
    if not hasattr(scheduler, "add_noise"):
        raise RequestError("strength", f"is 'auto', which is not available for {family.title}", "a number")
    scheduler.set_timesteps(settings.steps)
    init_latent = encode_image(family, padding.image_tensor(canvas))
    size = init_latent.shape[-2], init_latent.shape[-1]

    all_maps: list[ExemplarMaps] = []
    latents: list[tuple[Tensor, Tensor]] = []
    for exemplar in exemplars:
        # Only the threshold "log" depends on the number of steps, which depends on the strength: an approximation.
        latent, maps = encode_exemplar(family, padding, exemplar, size)
        latents.append((latent, source_release(maps, settings.steps).to(init_latent.device)))
        all_maps.append(maps)
    release = release_map(all_maps, settings.steps).to(init_latent.device)
    return suggest_from_latents(init_latent, latents, _start_sigmas(scheduler, settings.steps), release)


def _start_sigmas(scheduler: Any, steps: int) -> Iterator[tuple[float, float]]:
    """Every strength that runs at least one step, with the noise level that it starts from (noise scale / signal
    scale)."""
    for strength in STRENGTHS:
        steps_run = int(steps * strength)
        if steps_run:
            signal, noise = scales_at(scheduler, (steps - steps_run) * scheduler.order)
            yield strength, noise / max(signal, MIN_SIGNAL)
