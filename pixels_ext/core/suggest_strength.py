"""Suggests a denoising strength for an edit: Lemma 1 of the paper, solved for the noise level.

The lemma bounds the squared distance that denoising from noise level `sigma` covers with probability `1 - p`:

    squared distance <= sigma^4 B + sigma^2 (k + 2 sqrt(-k log p) - 2 log p)

`k` is the number of degrees of freedom, and `B` the largest squared norm of the model's score. A model that predicts
noise with unit variance has the score `-noise / sigma`, so `B = k / sigma^2`, and the right-hand side is `sigma^2`
times a number that depends only on `k` and `p`. The distance that an edit has to cover is the distance from the
exemplars to the source.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from pixels_ext.core.release import broadcast_map
from pixels_ext.errors import RequestError

MISS_PROBABILITY = 0.05
"""The lemma's `p`: how often an edit may exceed the bound."""

MIN_SIGNAL = 1e-3
"""Smallest weight of the clean image in a noised latent. Flow models start from pure noise, where it would be 0."""

STRENGTHS = tuple(hundredth / 100 for hundredth in range(1, 101))
"""The strengths that can be suggested: multiples of 0.01, like the WebUI's slider."""


@dataclass(frozen=True)
class LatentDistance:
    """The distance between source and exemplars in the edited area. `squared_distance`: squared L2 distance. `dof`:
    number of latent values in the area, the lemma's `k`. Every latent cell is weighted by `1 - release time`, the part
    of the run in which the model may change it."""

    squared_distance: float
    dof: float

    @property
    def rms(self) -> float:
        """Root mean square difference of one latent value."""
        return math.sqrt(self.squared_distance / self.dof)


@dataclass(frozen=True)
class StrengthSuggestion:
    """The suggested `strength`, in (0, 1], and the numbers behind it.

    `distance`: what was measured. `required_sigma`: the noise level at which the lemma's bound equals that distance.
    `sigma`: the noise level that sampling starts from at this strength. `bound`: the lemma's bound on the squared
    distance at `sigma`. Noise levels are relative to the weight of the clean image in the latent.
    """

    strength: float
    distance: LatentDistance
    required_sigma: float
    sigma: float
    bound: float

    @property
    def within_bound(self) -> bool:
        """Whether the distance is within the bound. If not, `strength` is the highest available one."""
        return self.sigma >= self.required_sigma

    def __str__(self) -> str:
        """The reason for the suggestion, in one line."""
        distance, bound = math.sqrt(self.distance.squared_distance), math.sqrt(self.bound)
        covers = "covers" if self.within_bound else "does not cover"
        return (
            f"the exemplars are {distance:.1f} from the source in latent space (RMS {self.distance.rms:.2f} over "
            f"{self.distance.dof:.0f} values), which requires sigma {self.required_sigma:.2f}; "
            f"strength {self.strength:g} starts at sigma {self.sigma:.2f}, whose bound of {bound:.1f} {covers} "
            f"that distance (Lemma 1, p = {MISS_PROBABILITY:g})"
        )


def suggest_from_latents(
    init_latent: Tensor,
    exemplars: Iterable[tuple[Tensor, Tensor]],
    start_sigmas: Iterable[tuple[float, float]],
    release: Tensor | None = None,
) -> StrengthSuggestion:
    """The lowest strength at which the distance from the exemplars to the source is within the lemma's bound.

    `init_latent`, `exemplars`, `release`: as in `latent_distance`. `start_sigmas`: available strengths in
    ascending order (at least one), each with the noise level that sampling starts from, relative to the weight of the
    clean image in the latent (the sigma of k-diffusion samplers; noise scale / signal scale for others).

    Raises `RequestError` when the model may change nothing.
    """
    distance = latent_distance(init_latent, exemplars, release)
    required_sigma = math.sqrt(distance.squared_distance / unit_bound(distance.dof))
    start_sigmas = tuple(start_sigmas)
    strength, sigma = next((start for start in start_sigmas if start[1] >= required_sigma), start_sigmas[-1])
    return StrengthSuggestion(strength, distance, required_sigma, sigma, sigma**2 * unit_bound(distance.dof))


def latent_distance(
    init_latent: Tensor, exemplars: Iterable[tuple[Tensor, Tensor]], release: Tensor | None = None
) -> LatentDistance:
    """The distance between source and exemplars in the edited area.

    `init_latent`, `exemplars`: as in `pixels_ext.core.surgery.surgical_latent`. `release`: the edit's release map
    `[B or 1, 1, h, w]`; None if no exemplar is locked, and then it is the minimum of the exemplars'.

    A latent cell with release time `r` has the weight `1 - r`. Where exemplars overlap, the one counts under which the
    source is released first, and among equals the last (topmost) one. Raises `RequestError` when every cell is locked
    until the end.
    """
    earliest = torch.ones_like(init_latent[:1, :1], dtype=torch.float32)
    squared = torch.zeros_like(init_latent[:, :1], dtype=torch.float32)
    for latent, source_release in exemplars:
        times = broadcast_map(init_latent, source_release.to(squared))
        difference = latent.to(squared) - init_latent.to(squared)
        squared = torch.where(times <= earliest, difference.square().sum(1, keepdim=True), squared)
        earliest = torch.minimum(times, earliest)
    if bool((earliest >= 1).all()):
        raise RequestError("exemplars", "change nothing, since every map is white", "a map with something darker")
    times = earliest if release is None else broadcast_map(init_latent, release.to(squared))
    weight = (1 - times).expand_as(squared)
    dof = float(weight.sum()) * init_latent.shape[1]
    if dof == 0:
        found = "leave the model nothing to change, since every pixel is locked to the end"
        raise RequestError("exemplars", found, "a lower hold, or less of a limit on the change")
    return LatentDistance(float((weight * squared).sum()), dof)


def unit_bound(dof: float, miss_probability: float = MISS_PROBABILITY) -> float:
    """The lemma's bound on the squared distance at `sigma = 1`, with `B = k / sigma^2`. `dof`: the lemma's `k`, above
    0; `miss_probability`: its `p`, in (0, 1)."""
    log_term = -math.log(miss_probability)
    return 2 * dof + 2 * math.sqrt(dof * log_term) + 2 * log_term
