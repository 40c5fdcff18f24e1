"""Encode the training pictures once, so that the denoiser trains on latents."""

from __future__ import annotations

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
        mean = vae.encode(tensor.contiguous()).latent_dist.mean
    return mean.float() * vae.config.scaling_factor


def halved(pictures: np.ndarray) -> np.ndarray:
    """Return pictures uint8 (n, h, w, 3) at half their size."""
    count, height, width, _ = pictures.shape
    blocks = pictures.reshape(count, height // 2, 2, width // 2, 2, 3)
    return np.rint(blocks.mean((2, 4))).astype(np.uint8)


class Latents:
    """Latents of the training pictures at full and at half size, with what they show, in memory."""

    def __init__(self, large: Tensor, small: Tensor, subjects: list[Subject]) -> None:
        self.large, self.small, self._subjects = large, small, subjects

    def __len__(self) -> int:
        return len(self._subjects)

    def draw(self, rng: np.random.Generator, count: int, *, small: bool) -> tuple[Tensor, list[str]]:
        """Return latents (count, 4, h, w) float32 and newly drawn captions."""
        indices = rng.integers(len(self), size=count)
        source = self.small if small else self.large
        return source[indices].float(), [self._subjects[index].caption(rng) for index in indices]


def cache(vae: AutoencoderKL, folder: Path, minutes: float, seed: int, batch: int = 8) -> Latents:
    """Encode the data set in random order, every other picture mirrored, until done or out of time."""
    pictures, subjects, _ = load(folder)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(pictures))
    budget = Budget(minutes)
    large, small = [], []
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        chunk = np.stack([pictures[index][:, ::-1] if rng.random() < 0.5 else pictures[index] for index in chosen])
        large.append(encode(vae, chunk).half())
        small.append(encode(vae, halved(chunk)).half())
        if budget.fraction >= 1:
            break
    large_all, small_all = torch.cat(large), torch.cat(small)
    return Latents(large_all, small_all, [subjects[index] for index in order[: len(large_all)]])
