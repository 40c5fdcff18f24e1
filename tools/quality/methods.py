"""The methods that are compared. All get the same source, exemplar, map, noise, sampler, steps and strength."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from demo_batch import Blend, DemoModel
from torch import Tensor

from pixels_ext.core.surgery import LatentSurgery
from pixels_ext.core.thresholds import THRESHOLDS, release_time

STEPS = 20
"""Steps of a whole run; a run of strength `s` makes `s * STEPS` of them, as WebUIs do."""


@dataclass(frozen=True)
class Method:
    """`release`: from a map and a number of steps to the release map; the exemplar is pasted where it is 0. `blend`:
    what is done to the latent before every step but the first, given the bench and the strength. `held`: from source,
    exemplar and map to the clean latent that is held; the paper's is the source."""

    release: Callable[[Tensor, int], Tensor]
    blend: Callable[[DemoModel, float], Blend]
    held: Callable[[Tensor, Tensor, Tensor], Tensor] = lambda source, exemplar, maps: source


def steps_of(strength: float) -> int:
    """How many steps are run at a strength."""
    return max(1, round(STEPS * strength))


def edited(
    method: Method, bench: DemoModel, source: Tensor, exemplar: Tensor, maps: Tensor, strength: float, seed: int
) -> Tensor:
    """Results of `source` and `exemplar` `[n, channels, h, w]` under `maps` `[n, 1, h, w]`, latents."""
    steps = steps_of(strength)
    release, blend = method.release(maps, steps), method.blend(bench, strength)
    held = method.held(source, exemplar, maps)
    return bench.edited(held, exemplar, release, strength, steps, seed=seed, blend=blend)


def surgery(x: Tensor, noised: Tensor, release: Tensor, step: int, steps: int) -> Tensor:
    """The engine's own blend, given a source that is noised already."""
    nothing = torch.zeros_like(x)
    held = LatentSurgery(noised, nothing, release, progress=lambda level: level, scales=lambda level: (1.0, level))
    return held.blend_(x.clone(), step / steps)


def _untouched(x: Tensor, noised: Tensor, release: Tensor, step: int, steps: int) -> Tensor:
    return x


def _mixed(x: Tensor, noised: Tensor, release: Tensor, step: int, steps: int) -> Tensor:
    return torch.lerp(x, noised, release)


def _fading(bench: DemoModel, strength: float) -> Blend:
    """Mixed by a map that lets go as the noise falls: of `1 - map` to the power `sigma / 2`, `sigma` being the noise
    of the step that led here. The rule of the WebUI's soft inpainting at its defaults, without what it does for the
    magnitudes of mixtures, and without its pasting back of the original afterwards."""

    def blend(x: Tensor, noised: Tensor, release: Tensor, step: int, steps: int) -> Tensor:
        sigma = bench.sigma(max(1, round(999 * strength * (1 - (step - 1) / steps))))
        return torch.lerp(noised, x, (1 - release) ** (sigma / 2))

    return blend


def _pixels(threshold: str) -> Method:
    return Method(lambda maps, steps: release_time(maps, threshold, steps), lambda *_: surgery)


def _of_both(source: Tensor, exemplar: Tensor, maps: Tensor) -> Tensor:
    return torch.where(maps < 0.5, exemplar, source)


def _as_it_is(maps: Tensor, steps: int) -> Tensor:
    return maps


PLAIN, BINARY, MIXED, FADING = "img2img", "inpainting", "soft blending", "soft inpainting"
BOTH_LOCKED = {name: f"both locked, {name}" for name in ("linear", "log", "cubic")}
METHODS = {
    **{f"PIXELS {name}": _pixels(name) for name in THRESHOLDS},
    PLAIN: Method(_as_it_is, lambda *_: _untouched),
    BINARY: Method(lambda maps, steps: (maps >= 0.5).float(), lambda *_: surgery),
    MIXED: Method(_as_it_is, lambda *_: _mixed),
    FADING: Method(_as_it_is, _fading),
}
"""By name. `img2img`: of the paste, without a map. `inpainting`: with the map cut at its middle gray. `soft blending`:
the noised source mixed in by the map, the same at every step."""
WHY = {held: replace(_pixels(name), held=_of_both) for name, held in BOTH_LOCKED.items()}
"""Not the paper's: the dark grays begin as the exemplar and are held there, instead of as the source. To find out to
whom thresholds make an edit adhere."""
