"""What helps against bands when an edit has few steps, in about ten minutes on one core.

    PYTHONPATH=tools python tools/few_steps.py

24 pairs of held-out scenes under gradients of four shapes and three widths are edited by the demo model with few steps,
and compared with 50 steps from the same noise. Every way is told in what the latent is given before a step, and perhaps
after the last. The table is the one in docs/few-steps.md; `--renoised` and `--steps 30` make its other rows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from demo_batch import SIZE, Blend, DemoBench, as_in_the_engine, held_out
from torch import Tensor

MANY = 50
COUNT = 24
_BAYER = ((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5))
_SHOWN = 4
"""Steps at which pictures are compared too, which takes long."""
_FEWEST = 8
"""Places on each side of a band's edge from which a mean is taken."""


@dataclass(frozen=True)
class Way:
    """`blend` as in `demo_bench`; `release` changes the release map for a number of steps; `last`: blend once more
    after the last step."""

    name: str
    blend: Blend = as_in_the_engine
    release: Callable[[Tensor, int], Tensor] = lambda release, steps: release
    last: bool = False


def substep_release(x: Tensor, noised: Tensor, release: Tensor, step: int, steps: int) -> Tensor:
    """A place that is released within the step before is held for that part of the step."""
    return torch.lerp(x, noised, (release * steps - step + 1).clamp(0, 1))


def ahead(x: Tensor, noised: Tensor, release: Tensor, step: int, steps: int) -> Tensor:
    """The same, one step sooner."""
    return torch.lerp(x, noised, (release * steps - step).clamp(0, 1))


def _moved(part: float) -> Callable[[Tensor, int], Tensor]:
    return lambda release, steps: _between(release, release + part / steps)


def _dithered(centre: float) -> Callable[[Tensor, int], Tensor]:
    def dithered(release: Tensor, steps: int) -> Tensor:
        pattern = (torch.tensor(_BAYER, dtype=torch.float32) + 0.5) / 16
        height, width = release.shape[-2:]
        tiled = pattern.repeat(height // 4 + 1, width // 4 + 1)[:height, :width]
        return _between(release, release + (tiled - 0.5 + centre) / steps)

    return dithered


def _between(release: Tensor, moved: Tensor) -> Tensor:
    """The moved times, but what is never held and what is held to the end stay so."""
    return torch.where((release > 0) & (release < 1), moved.clamp(1e-4, 1), release)


WAYS = (
    Way("as it is"),
    Way("half a step later", release=_moved(0.5)),
    Way("half a step sooner", release=_moved(-0.5)),
    Way("dithered", release=_dithered(0)),
    Way("dithered, half a step later", release=_dithered(0.5)),
    Way("fractional hold, a step ahead", ahead),
    Way("between steps", substep_release),
    Way("between steps, and after the last", substep_release, last=True),
)


def gradients(side: int) -> Tensor:
    """Release maps `[COUNT, 1, side, side]`: across, down, diagonal and round, at three widths, twice each."""
    at = (torch.arange(side) + 0.5) / side
    y, x = torch.meshgrid(at, at, indexing="ij")
    shapes = (x, y, (x + y) / 2, torch.hypot(x - 0.5, y - 0.5) * 1.4)
    found = [1 - ((shape - 0.5) / width + 0.5).clamp(0, 1) for width in (0.5, 0.75, 1.0) for shape in shapes]
    return torch.stack([*found, *(found_.flip(-1) for found_ in found)])[:COUNT, None]


def edges(wrong: Tensor, release: Tensor, steps: int, phase: float) -> Iterator[Tensor]:
    """By how much `wrong` `[n, c, h, w]` steps, on the mean of each channel, where the release map `[n, 1, h, w]`
    passes from one band to the next; with a `phase` of 0.5, in the middle of the bands, where nothing should step."""
    for each, times in zip(wrong, release[:, 0], strict=True):
        for edge in range(1, steps):
            place = times * steps - edge - phase
            before, after = (place > -0.5) & (place <= 0) & (times > 0), (place > 0) & (place <= 0.5) & (times < 1)
            if min(int(before.sum()), int(after.sum())) >= _FEWEST:
                yield each[:, after].mean(1) - each[:, before].mean(1)


def told(result: Tensor, reference: Tensor, release: Tensor, steps: int) -> tuple[float, float, float, float]:
    """Root mean squares of what is otherwise than in the reference: in the greys, in the white, of the steps at the
    bands' edges, and of those in their middles."""
    wrong = result - reference
    inside = ((release > 0) & (release < 1)).expand_as(wrong)
    white = (release >= 1).expand_as(wrong)
    steps_at = [torch.stack(list(edges(wrong, release, steps, phase))) for phase in (0.0, 0.5)]
    return tuple(float(part.square().mean().sqrt()) for part in (wrong[inside], wrong[white], *steps_at))


def as_pictures(bench: DemoBench, latents: Tensor) -> Tensor:
    return torch.from_numpy(np.stack(bench.decoded(latents))).permute(0, 3, 1, 2).float()


def main() -> None:
    """Prints a line for each number of steps and way, in latents, and for the fewest steps in pictures (greys)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strength", type=float, default=0.7)
    parser.add_argument("--steps", type=int, nargs="+", default=[4, 8])
    parser.add_argument("--renoised", action="store_true", help="as LCM samples, with new noise in every step")
    arguments = parser.parse_args()
    strength, renoised = arguments.strength, arguments.renoised
    bench = DemoBench()
    latents = bench.encoded(held_out(2 * COUNT))
    source, exemplar = latents[:COUNT], latents[COUNT:]
    release, pixels = gradients(latents.shape[-1]), gradients(SIZE)
    reference = bench.edited(source, exemplar, release, strength, MANY, renoised=renoised)
    shown = as_pictures(bench, reference) if _SHOWN in arguments.steps and not renoised else None
    print("steps, way; wrong in the greys, in the white; steps at the bands' edges, in their middles")
    for steps in arguments.steps:
        for way in WAYS:
            changed = way.release(release, steps)
            x = bench.edited(source, exemplar, changed, strength, steps, blend=way.blend, renoised=renoised)
            result = way.blend(x, source, changed, steps, steps) if way.last else x
            print(steps, way.name, *(f"{each:.4f}" for each in told(result, reference, release, steps)))
            if shown is not None and steps == _SHOWN:
                print("  pictures", *(f"{each:.2f}" for each in told(as_pictures(bench, result), shown, pixels, steps)))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
