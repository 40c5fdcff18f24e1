"""`--strength auto`: the strength that Lemma 1 asks for, with the sampler's own noise levels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from PIL import Image
from torch import Tensor

from pixels_ext.noising import probed
from pixels_ext.preparing import PreparedExemplar
from pixels_ext.release import release_map
from pixels_ext.standalone.canvas import Padding
from pixels_ext.standalone.samplers import make_scheduler
from pixels_ext.standalone.settings import Settings
from pixels_ext.suggest import LEAST_SIGNAL, Suggestion, suggest_strength

AUTO = "auto"
_GRID = 100
"""Strengths are suggested in hundredths, as the WebUI's slider has them."""


def suggested(
    canvas: Image.Image,
    exemplars: Iterable[PreparedExemplar],
    settings: Settings,
    config: Any,
    padding: Padding,
    encode: Callable[[Tensor], Tensor],
) -> Suggestion:
    """The suggestion for an edit of `canvas` (RGB, the size at work) with what `settings` say, except its strength.

    `config`: of the model's own scheduler. `encode`: picture `[1, 3, H, W]` in [-1, 1] to clean latent. Every exemplar
    is measured against the source itself, also in an iterative edit. Raises `RequestError` when every map is white.
    """
    scheduler = make_scheduler(settings.sampler, settings.schedule, config)
    scheduler.set_timesteps(settings.steps)
    init_latent = encode(padding.picture(canvas))
    size = init_latent.shape[-2], init_latent.shape[-1]

    def pairs() -> Iterator[tuple[Tensor, Tensor]]:
        for exemplar in exemplars:
            # The threshold "log" alone asks how many steps there are, and they follow from the strength: nearly.
            release = release_map(padding.map(exemplar.edit_map), exemplar.threshold, size, settings.steps)
            yield encode(padding.picture(exemplar.picture)), release.to(init_latent.device)

    return suggest_strength(init_latent, pairs(), _starts(scheduler, settings.steps))


def _starts(scheduler: Any, steps: int) -> Iterator[tuple[float, float]]:
    """Every strength in hundredths that runs a step at all, with the noise over the picture that a run begins with."""
    for hundredth in range(1, _GRID + 1):
        strength = hundredth / _GRID
        run = int(steps * strength)
        if run:
            yield strength, _noise_at(scheduler, (steps - run) * scheduler.order)


def _noise_at(scheduler: Any, index: int) -> float:
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(index)
    timestep = scheduler.timesteps[index : index + 1].cpu()
    signal, noise = probed(lambda latent, noise, _: scheduler.add_noise(latent, noise, timestep))(0)
    return noise / max(signal, LEAST_SIGNAL)
