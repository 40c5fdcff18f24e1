"""Noise by seed: each image of a batch has its own generator."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def _generator(seed: int) -> torch.Generator:
    if not 0 <= seed < 2**32:
        raise ValueError(f"not a seed that a host accepts: {seed}")
    return torch.Generator().manual_seed(int(seed))


class ImageRNG:
    def __init__(
        self,
        shape: Sequence[int],
        seeds: Sequence[int],
        subseeds: Sequence[int] | None = None,
        subseed_strength: float = 0.0,
        seed_resize_from_h: int = 0,
        seed_resize_from_w: int = 0,
    ) -> None:
        self.shape = tuple(shape)
        self.seeds, self.subseeds, self.subseed_strength = seeds, subseeds, subseed_strength
        self.seed_resize_from_h, self.seed_resize_from_w = seed_resize_from_h, seed_resize_from_w
        self._generators = [_generator(seed) for seed in seeds]
        self._begun = False

    def next(self) -> Tensor:
        noise = torch.stack([torch.randn(self.shape, generator=generator) for generator in self._generators])
        if not self._begun and self.subseeds is not None and self.subseed_strength:
            other = torch.stack([torch.randn(self.shape, generator=_generator(seed)) for seed in self.subseeds])
            kept = (1 - self.subseed_strength**2) ** 0.5
            noise = kept * noise + self.subseed_strength * other
        self._begun = True
        return noise
