"""The release map: all edit maps and thresholds of an edit in one grey picture of latent size."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from pixels_ext.core.thresholds import release_time


def down_sample(edit_map: Tensor, size: tuple[int, int]) -> Tensor:
    """Area-average `edit_map` `[B, 1, H, W]` in [0, 1] to the latent's `(height, width)` (Algorithm 1, line 6).

    A cell that is pure white or pure black all over stays exactly 1 or 0.
    """
    return interpolate(edit_map.to(torch.float32), size=size, mode="area").clamp_(0, 1)


def release_map(edit_map: Tensor, threshold: str, size: tuple[int, int], steps: int) -> Tensor:
    """Release time of every latent cell under one edit map.

    `edit_map`: `[B, 1, H, W]` in [0, 1]; `threshold`: by name; `size`: `(h, w)`, the last two dimensions of the latent.
    Returns float32 `[B, 1, h, w]` in [0, 1].
    """
    return release_time(down_sample(edit_map, size), threshold, steps)


def combined(releases: Sequence[Tensor]) -> Tensor:
    """One release map for many exemplars: the earliest release counts.

    Algorithm 2, line 20 copies the source only where *every* map is above its threshold, which is where the smallest
    release time is still ahead. So a step costs the same for one exemplar and for twenty.
    """
    return torch.stack(tuple(torch.broadcast_tensors(*releases))).amin(dim=0)
