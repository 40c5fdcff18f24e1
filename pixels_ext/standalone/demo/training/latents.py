"""Encode the training pictures once, so that the denoiser trains on latents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor

from .budget import Budget
from .dataset import Subject, load


def encode(vae: AutoencoderKL, pictures: np.ndarray) -> Tensor:
    """Return the scaled latents (n, 4, h/8, w/8) of pictures uint8 (n, h, w, 3)."""
    tensor = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        mean = vae.encode(tensor.contiguous(memory_format=torch.channels_last)).latent_dist.mean
    return mean.float().contiguous() * vae.config.scaling_factor


def halved(pictures: np.ndarray) -> np.ndarray:
    """Return pictures uint8 (n, h, w, 3) at half their size."""
    count, height, width, _ = pictures.shape
    blocks = pictures.reshape(count, height // 2, 2, width // 2, 2, 3)
    return np.rint(blocks.mean((2, 4))).astype(np.uint8)


class Latents:
    """Latents of the training pictures at half and, of the first ones, at full size, in memory."""

    def __init__(self, large: Tensor, small: Tensor, subjects: list[Subject]) -> None:
        self.large, self.small, self._subjects = large, small, subjects

    def draw(self, rng: np.random.Generator, count: int, *, small: bool) -> tuple[Tensor, list[str]]:
        """Return latents (count, 4, h, w) float32 and newly drawn captions."""
        source = self.small if small else self.large
        indices = rng.integers(len(source), size=count)
        return source[indices].float(), [self._subjects[index].caption(rng) for index in indices]


def cache(vae: AutoencoderKL, folder: Path, minutes: float, seed: int, batch: int = 8) -> Latents:
    """Encode the data set in random order, every other picture mirrored: all at half size, which costs a fifth, then as
    many at full size as the time allows."""
    vae.to(memory_format=torch.channels_last)  # twice as fast without gradients
    pictures, subjects, _ = load(folder)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(pictures))
    mirrored = rng.random(len(pictures)) < 0.5
    budget = Budget(minutes)

    def chunks() -> Iterator[np.ndarray]:
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            yield np.stack([pictures[index][:, ::-1] if mirrored[index] else pictures[index] for index in chosen])

    small = [encode(vae, halved(chunk)).half() for chunk in chunks()]
    large = []
    for chunk in chunks():
        large.append(encode(vae, chunk).half())
        if budget.fraction >= 1:
            break
    return Latents(torch.cat(large), torch.cat(small), [subjects[index] for index in order])
