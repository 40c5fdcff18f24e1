"""How much denoising strength an edit needs: Lemma 1 of the paper, read from the distance to the strength.

The lemma bounds how far an edit travels from noise `sigma` with probability `1 - p`:

    distance^2 <= sigma^4 B + sigma^2 (k + 2 sqrt(-k log p) - 2 log p)

with `k` degrees of freedom and `B` the largest squared size of the model's score. A model that predicts noise of unit
spread has the score `-noise / sigma`, so `B = k / sigma^2`, and the right side is `sigma^2` times a number that depends
on `k` and `p` alone. The exemplar has to come to terms with the source, so that is how far an edit must be able to go.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from pixels_ext.core.surgery import as_map_of
from pixels_ext.errors import RequestError

MISSES = 0.05
"""The lemma's `p`: how often an edit may go further than the bound."""

LEAST_SIGNAL = 1e-3
"""A picture's share in the latent below which there is as good as none: flow models begin with noise alone."""

STRENGTHS = tuple(hundredth / 100 for hundredth in range(1, 101))
"""What may be suggested: hundredths, as the WebUI's slider has them."""


@dataclass(frozen=True)
class Measured:
    """`squared`: squared distance of source and exemplars inside the edit. `freedom`: how many numbers of the latent
    lie inside of it, the lemma's `k`. Both are weighted with how much each place is the exemplar's."""

    squared: float
    freedom: float

    @property
    def each(self) -> float:
        """The distance of a single number of the latent, root mean square."""
        return math.sqrt(self.squared / self.freedom)


@dataclass(frozen=True)
class Suggestion:
    """`strength` in (0, 1], and what it comes from: the distance that was measured; `sigma`, the noise (over the
    picture) that it needs; `noise`, what a run at this strength begins with; `bound`, how far that can travel (squared,
    Lemma 1). `enough`: whether the bound covers the distance; if not, `strength` is the highest there is."""

    strength: float
    measured: Measured
    sigma: float
    noise: float
    bound: float

    @property
    def enough(self) -> bool:
        return self.noise >= self.sigma

    def __str__(self) -> str:
        """Why, in one line."""
        distance, bound = math.sqrt(self.measured.squared), math.sqrt(self.bound)
        covers = "covers" if self.enough else "does not cover"
        return (
            f"the exemplars lie {distance:.1f} from the source inside the edit ({self.measured.each:.2f} for each of "
            f"{self.measured.freedom:.0f} numbers), which needs noise of {self.sigma:.2f}; strength {self.strength:g} "
            f"begins with {self.noise:.2f}, and its bound of {bound:.1f} {covers} the distance "
            f"(Lemma 1, p = {MISSES:g})"
        )


def suggest_strength(
    init_latent: Tensor, exemplars: Iterable[tuple[Tensor, Tensor]], starts: Iterable[tuple[float, float]]
) -> Suggestion:
    """The lowest strength at which the lemma lets the edit travel from the exemplars to the source.

    `init_latent`, `exemplars`: as for `pixels_ext.core.surgery.surgical_latent`. `starts`: every strength that can be had,
    rising (at least one), with the noise that a run at it begins with, as a multiple of the picture's share in the
    latent (sigma of k-diffusion samplers; `scale / signal` of others).

    Raises `RequestError` when nothing is to be edited.
    """
    measured = distance_inside(init_latent, exemplars)
    sigma = math.sqrt(measured.squared / reach(measured.freedom))
    starts = tuple(starts)
    strength, noise = next((start for start in starts if start[1] >= sigma), starts[-1])
    return Suggestion(strength, measured, sigma, noise, noise**2 * reach(measured.freedom))


def distance_inside(init_latent: Tensor, exemplars: Iterable[tuple[Tensor, Tensor]]) -> Measured:
    """How far the exemplars are from the source inside the edit.

    A place released at `r` counts `1 - r`, and belongs to the exemplar that releases it first, of several the topmost.
    Raises `RequestError` when every place is held to the end.
    """
    earliest = torch.ones_like(init_latent[:1, :1], dtype=torch.float32)
    squared = torch.zeros_like(init_latent[:, :1], dtype=torch.float32)
    for latent, release in exemplars:
        times = as_map_of(init_latent, release.to(squared))
        difference = latent.to(squared) - init_latent.to(squared)
        squared = torch.where(times <= earliest, difference.square().sum(1, keepdim=True), squared)
        earliest = torch.minimum(times, earliest)
    weight = (1 - earliest).expand_as(squared)
    freedom = float(weight.sum()) * init_latent.shape[1]
    if freedom == 0:
        raise RequestError("exemplars", "change nothing, since every map is white", "a map with something darker")
    return Measured(float((weight * squared).sum()), freedom)


def reach(freedom: float, misses: float = MISSES) -> float:
    """The lemma's bound at `sigma = 1`, with `B = k / sigma^2`. `freedom`: `k`, above 0; `misses`: `p`, in (0, 1)."""
    surprise = -math.log(misses)
    return 2 * freedom + 2 * math.sqrt(freedom * surprise) + 2 * surprise
