"""The stream of training crops, drawn in this process or, beside it, by worker processes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from .photographs import Photographs
from .scenes import shards

PHOTO_SHARE = 0.4
HALVED_SHARE = 0.25
"""Share of scenes that are shown at half their size."""
LOOK_EVERY = 60.0
"""Seconds after which shards that were drawn meanwhile are taken in."""


class Crops:
    """Draws crops from the scenes and the photographs."""

    def __init__(self, scenes: Path, photographs: Photographs, seed: int | tuple[int, ...]) -> None:
        self._folder, self._photographs = scenes, photographs
        self._rng = np.random.default_rng(seed)
        self._look()

    def _look(self) -> None:
        self._shards = [shard.pictures for shard in shards(self._folder)]
        self._looked = time.monotonic()

    def draw(self, count: int, size: int) -> Tensor:
        """Return crops float32 (count, 3, size, size) in -1..1."""
        if time.monotonic() - self._looked > LOOK_EVERY:
            self._look()
        crops = np.stack([self._crop(size) for _ in range(count)])
        return torch.from_numpy(crops).permute(0, 3, 1, 2).contiguous().float() / 127.5 - 1

    def _crop(self, size: int) -> np.ndarray:
        rng = self._rng
        crop = self._photographs.crop(rng, size) if rng.random() < PHOTO_SHARE else self._scene(size)
        return crop[:, ::-1] if rng.random() < 0.5 else crop

    def _scene(self, size: int) -> np.ndarray:
        rng = self._rng
        shard = self._shards[rng.integers(len(self._shards))]
        picture = shard[rng.integers(len(shard))]
        if picture.shape[0] >= 2 * size and rng.random() < HALVED_SHARE:
            picture = halved(picture[None])[0]
        top, left = rng.integers(0, picture.shape[0] - size + 1, 2)
        return picture[top : top + size, left : left + size]


def halved(pictures: np.ndarray) -> np.ndarray:
    """Return pictures uint8 (n, h, w, 3) at half their size."""
    count, height, width, _ = pictures.shape
    blocks = pictures.reshape(count, height // 2, 2, width // 2, 2, 3)
    return np.rint(blocks.mean((2, 4))).astype(np.uint8)


class _Stream(IterableDataset):
    """Batches without end; every worker process has a random stream of its own."""

    def __init__(self, scenes: Path, photographs: Path, count: int, size: int, seed: tuple[int, ...]) -> None:
        self._folders, self._count, self._size, self._seed = (scenes, photographs), count, size, seed

    def __iter__(self) -> Iterator[Tensor]:
        worker = get_worker_info()
        scenes, photographs = self._folders
        crops = Crops(scenes, Photographs(photographs), (*self._seed, worker.id if worker else 0))
        while True:
            yield crops.draw(self._count, self._size)


def batches(
    scenes: Path, photographs: Path, count: int, size: int, seed: tuple[int, ...], workers: int
) -> Iterator[Tensor]:
    """Return an endless iterator over batches float32 (count, 3, size, size), drawn by `workers` processes, or by this
    one if there are none."""
    stream = _Stream(scenes, photographs, count, size, seed)
    if not workers:
        return iter(stream)
    return iter(DataLoader(stream, batch_size=None, num_workers=workers, prefetch_factor=4, pin_memory=True))
