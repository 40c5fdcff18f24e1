"""Pairs of held-out scenes whose distances are spread evenly from the nearest to the most distant, each with a map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from demo_batch import SIZE
from torch import Tensor

from pixels_ext.imaging.mask_ops import Map
from quality.random_maps import KINDS, random_map


@dataclass(frozen=True)
class Pair:
    """`source`, `exemplar`: numbers of scenes. `distance`: of their latents, root mean square of a single number."""

    number: int
    source: int
    exemplar: int
    distance: float

    @property
    def kind(self) -> str:
        return tuple(KINDS)[self.number % len(KINDS)]

    @property
    def edit_map(self) -> Map:
        """`[SIZE, SIZE]`."""
        return random_map(self.kind, self.number, SIZE)


def spread_pairs(latents: Tensor, count: int) -> list[Pair]:
    """`count` pairs from latents `[n, c, h, w]` of at least twice as many scenes, no scene in two of them.

    Each takes, of the pairs that are left, the one whose distance is nearest to its own place between the smallest and
    the largest; in an order that mixes near and far, so that the first so many are spread as well as all.
    """
    flat = latents.flatten(1).float()
    distances = (torch.cdist(flat[None], flat[None])[0] / flat.shape[1] ** 0.5).numpy()
    first, second = np.triu_indices(len(latents), 1)
    between, left = distances[first, second], np.ones(len(first), bool)
    wanted = np.quantile(between, (np.arange(count) + 0.5) / count)
    pairs = []
    for number, place in enumerate(np.random.default_rng(0).permutation(count)):
        nearest = int(np.where(left, np.abs(between - wanted[place]), np.inf).argmin())
        ends = int(first[nearest]), int(second[nearest])
        pairs.append(Pair(number, *(ends if number % 2 else ends[::-1]), float(between[nearest])))
        left &= ~(np.isin(first, ends) | np.isin(second, ends))
    return pairs
