"""The distance to the edge of a region of cells: how far inside of an exemplar a cell is."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

_FAR = 1e9


def distance_to_edge(inside: Tensor, most: float) -> Tensor:
    """Euclidean distance in cells from the center of each cell of a region to its edge, exact up to `most`.

    `inside`: boolean `[..., H, W]`, True in the region. `most`: above 0. Returns float32 of the same shape in
    `[0, most]`, 0 outside. The edge is half a cell before the first cell outside; the border of the image is no edge.
    """
    height = inside.shape[-2]
    reach = min(math.ceil(most + 0.5), height - 1)
    squares = pad(_distance_along_row(inside).square(), (0, 0, reach, reach), value=_FAR)
    nearest = torch.full_like(squares[..., :height, :], _FAR)
    for shift in range(-reach, reach + 1):
        rows = squares[..., reach + shift : reach + shift + height, :]
        nearest = torch.minimum(nearest, rows + shift**2)
    return torch.where(inside, (nearest.sqrt() - 0.5).clamp(0, most), 0)


def _distance_along_row(inside: Tensor) -> Tensor:
    """Distance from each cell to the nearest cell of its row that is outside, float32; very large if there is none."""
    position = torch.arange(inside.shape[-1], dtype=torch.float32, device=inside.device).expand(inside.shape)
    before = position.masked_fill(inside, -(_FAR**0.5)).cummax(-1).values
    after = position.masked_fill(inside, _FAR**0.5).flip(-1).cummin(-1).values.flip(-1)
    return torch.minimum(position - before, after - position)
