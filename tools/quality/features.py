"""What the demo model sees in latents: how realistic they are, how alike two of them are, and the Fréchet distance.

No network can be had here but our own, so the eyes are those of the model that makes the edits: its denoiser, in a
look at latents with a little noise on them, always the same. The measures have the form of LPIPS and FID, not their
networks: their numbers compare with each other only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from demo_batch import DemoModel
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

TIMES = (100, 200, 300, 400)
"""Timesteps at which the denoiser's error is taken. The features are those of the first."""


@dataclass(frozen=True)
class DenoiserResponse:
    """`denoising_loss` `[n, h, w]`: squared error of the predicted noise, mean over channels, noise levels. `features`:
    from fine to coarse, `[n, c, h', w']`: after the residual blocks of the three levels and the middle block."""

    denoising_loss: Tensor
    features: tuple[Tensor, ...]


def denoiser_response(bench: DemoModel, latents: Tensor) -> DenoiserResponse:
    """What the denoiser sees in clean latents `[n, channels, h, w]`."""
    denoising_loss, features = torch.zeros(len(latents), *latents.shape[-2:]), []
    for time in TIMES:
        noise = torch.randn(latents.shape[1:], generator=torch.Generator().manual_seed(time)).expand_as(latents)
        with _watched(bench) as seen:
            predicted = bench.predicted_noise(bench.noised(latents, noise, time), time)
        denoising_loss += (predicted - noise).square().mean(1) / len(TIMES)
        features = features or seen
    return DenoiserResponse(denoising_loss, tuple(torch.cat(parts) for parts in features))


@contextmanager
def _watched(bench: DemoModel) -> Iterator[list[list[Tensor]]]:
    blocks = [*(block.resnets[-1] for block in bench.unet.down_blocks), bench.unet.mid_block]
    seen: list[list[Tensor]] = [[] for _ in blocks]
    hooks = [
        block.register_forward_hook(lambda _block, _inputs, result, kept=kept: kept.append(result.float()))
        for block, kept in zip(blocks, seen, strict=True)
    ]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def perceptual_differences(first: DenoiserResponse, second: DenoiserResponse) -> Tensor:
    """How unlike two responses are at every pixel, `[n, h, w]`: of features of unit length at each pixel, the squared
    distance, mean over the four depths (LPIPS without its learnt weights). From 0 to 4."""
    size = first.denoising_loss.shape[-2:]
    total = torch.zeros_like(first.denoising_loss)
    for one, other in zip(first.features, second.features, strict=True):
        apart = (_unit(one) - _unit(other)).square().sum(1, keepdim=True)
        total += interpolate(apart, size=size, mode="nearest")[:, 0]
    return total / len(first.features)


def _unit(features: Tensor) -> Tensor:
    return features / features.norm(dim=1, keepdim=True).clamp_min(1e-6)


@dataclass(frozen=True)
class Moments:
    """Count, sum and sum of outer products of feature vectors: enough for a Gaussian. They add up."""

    count: float
    total: NDArray[np.float64]
    outer: NDArray[np.float64]


def moments(features: Tensor, inside: Tensor) -> Moments:
    """Of the vectors of `features` `[c, h, w]` in the places `inside` `[h, w]` (bool)."""
    vectors = features[:, inside].T.double().numpy()
    return Moments(len(vectors), vectors.sum(0), vectors.T @ vectors)


def summed(parts: Sequence[Moments], times: Sequence[float] | None = None) -> Moments:
    """Of all parts together, each taken so many times."""
    weights = np.ones(len(parts)) if times is None else np.asarray(times, dtype=float)
    return Moments(
        float(weights @ [part.count for part in parts]),
        np.einsum("n,nc->c", weights, np.stack([part.total for part in parts])),
        np.einsum("n,ncd->cd", weights, np.stack([part.outer for part in parts])),
    )


def frechet(first: Moments, second: Moments) -> float:
    """Fréchet distance of two Gaussians, the formula of FID:
    `|m1 - m2|^2 + tr(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2)`. Of sums, because pairs are drawn again and again for the
    intervals; torchmetrics' (`table1/fid.py`) takes each image once."""
    (mean1, spread1), (mean2, spread2) = _gaussian(first), _gaussian(second)
    values, vectors = np.linalg.eigh(spread1)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    shared = np.sqrt(np.linalg.eigvalsh(root @ spread2 @ root).clip(0)).sum()
    return float(np.square(mean1 - mean2).sum() + np.trace(spread1) + np.trace(spread2) - 2 * shared)


def _gaussian(found: Moments) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    mean = found.total / found.count
    return mean, found.outer / found.count - np.outer(mean, mean)
