"""Release maps: the edit maps and thresholds of an edit, turned into one release time per latent cell or pixel.

A release time `r` is a fraction of the denoising schedule in [0, 1]: 0 is denoised from the first step on, 1 stays
locked to the source at every step.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import reduce

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from pixels_ext.core.thresholds import release_time


def down_sample(edit_map: Tensor, size: tuple[int, int]) -> Tensor:
    """Area-average `edit_map` `[B, 1, H, W]` in [0, 1] to the latent's `(height, width)` (Algorithm 1, line 6).

    A latent cell whose pixels are all pure white or all pure black stays exactly 1 or 0.
    """
    return interpolate(edit_map.to(torch.float32), size=size, mode="area").clamp_(0, 1)


def release_map(edit_maps: Iterable[tuple[Tensor, str]], steps: int) -> Tensor:
    """The release map of one or more exemplars: everywhere the earliest of their release times.

    `edit_maps`: at least one pair of an edit map in [0, 1] (0 = exemplar, 1 = source) and its threshold by name. The
    maps have shapes that broadcast to each other: `[B or 1, 1, h, w]` from `down_sample` for the latent, `[H, W]` for
    the image. `steps`: number of denoising steps. Returns float32 of the broadcast shape in [0, 1].

    Algorithm 2, line 20 copies the source only where *every* map is above its threshold, which is where the smallest
    release time is still ahead: `all(r_k > u)` is `min(r_k) > u`. So a step costs the same for any number of
    exemplars.
    """
    return reduce(torch.minimum, (release_time(edit_map, threshold, steps) for edit_map, threshold in edit_maps))


def locked_fraction(release: Tensor, progress: float, steps: int) -> Tensor:
    """For what part of the step that ended at `progress` each cell was still locked, float32 in [0, 1].

    `release`: release map of any shape. `progress`: `u` in (0, 1]. `steps`: number of denoising steps. Blending with
    this weight is a release inside the step: with Euler's method the source and the step's result share their noise
    and the step is a straight line, so the weighted mean is what leaving the source at `r` would have given.
    """
    position = progress * steps
    step = math.ceil(position) - 1
    return ((release * steps - step) / (position - step)).clamp_(0, 1)


def broadcast_map(latent: Tensor, latent_map: Tensor) -> Tensor:
    """View a map `[B or 1, 1, h, w]` so that it broadcasts over `latent` `[B, C, ..., h, w]`.

    Raises `ValueError` when the two sizes do not match.
    """
    batch, height, width = latent_map.shape[0], *latent_map.shape[-2:]
    if (height, width) != tuple(latent.shape[-2:]) or batch not in (1, latent.shape[0]):
        raise ValueError(f"map: is {tuple(latent_map.shape)}, which does not fit a latent of {tuple(latent.shape)}")
    return latent_map.reshape(batch, *[1] * (latent.ndim - 3), height, width)
