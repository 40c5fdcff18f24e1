"""`--strength auto`: the strength that Lemma 1 asks for, with the sampler's own noise levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from PIL import Image
from torch import Tensor

from pixels_ext.core.release import release_map
from pixels_ext.core.suggest import LEAST_SIGNAL, STRENGTHS, Suggestion, suggest_strength
from pixels_ext.diffusers_host.canvas import Padding
from pixels_ext.diffusers_host.families import Family
from pixels_ext.diffusers_host.finite import encoded
from pixels_ext.diffusers_host.pipeline_hook import scales_at
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.edit.prepare import PreparedExemplar
from pixels_ext.errors import RequestError

AUTO = "auto"


def suggested(
    canvas: Image.Image,
    exemplars: Iterable[PreparedExemplar],
    settings: Settings,
    family: Family,
    padding: Padding,
) -> Suggestion:
    """The suggestion for an edit of `canvas` (RGB, the size at work) with what `settings` say, except its strength.

    Every exemplar is measured against the source itself, also in an iterative edit. Raises `RequestError` when every
    map is white, and for flow models, whose schedule is known to their pipelines alone.
    """
    scheduler = family.scheduler(settings)
    if not hasattr(scheduler, "add_noise"):
        raise RequestError("strength", f"is {AUTO!r}, which cannot be measured for {family.title}", "a number")
    scheduler.set_timesteps(settings.steps)
    init_latent = encoded(family, padding.picture(canvas))
    size = init_latent.shape[-2], init_latent.shape[-1]

    def pairs() -> Iterator[tuple[Tensor, Tensor]]:
        for exemplar in exemplars:
            # The threshold "log" alone asks how many steps there are, and they follow from the strength: nearly.
            release = release_map(padding.map(exemplar.edit_map), exemplar.threshold, size, settings.steps)
            yield encoded(family, padding.picture(exemplar.picture)), release.to(init_latent.device)

    return suggest_strength(init_latent, pairs(), _starts(scheduler, settings.steps))


def _starts(scheduler: Any, steps: int) -> Iterator[tuple[float, float]]:
    """Every strength that runs a step at all, with the noise over the picture that a run begins with."""
    for strength in STRENGTHS:
        run = int(steps * strength)
        if run:
            signal, noise = scales_at(scheduler, (steps - run) * scheduler.order)
            yield strength, noise / max(signal, LEAST_SIGNAL)
