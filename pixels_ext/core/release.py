"""Release maps: the exemplars' edit maps and settings, turned into one release time per latent cell or pixel.

A release time `r` is a fraction of the denoising schedule in [0, 1]: 0 is denoised from the first step on, 1 stays
locked to the composite at every step. The composite is the source with each exemplar placed on it; in the paper only
what is left of the source is locked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from pixels_ext.core.seam import distance_to_edge
from pixels_ext.core.thresholds import release_time

DEFAULT_SEAM_WIDTH = 6.0
"""Percent of the shorter side: about four latent cells at 512 pixels."""


def down_sample(edit_map: Tensor, size: tuple[int, int]) -> Tensor:
    """Area-average `edit_map` `[B, 1, H, W]` in [0, 1] to the latent's `(height, width)` (Algorithm 1, line 6).

    A latent cell whose pixels are all pure white or all pure black stays exactly 1 or 0.
    """
    return interpolate(edit_map.to(torch.float32), size=size, mode="area").clamp_(0, 1)


@dataclass(frozen=True)
class ExemplarMaps:
    """What says where one exemplar is placed and when its pixels are released. The defaults are the paper's.

    `edit_map`: values in [0, 1], 0 = exemplar, 1 = source, of any shape `[..., H, W]`: `[B or 1, 1, h, w]` from
    `down_sample` for the latent, `[H, W]` for the image. `threshold`: by name. `limited_map`: the same map after its
    limit, nowhere darker than `edit_map`; None if it has none. `hold`: until which release time the exemplar is locked
    where it is fully itself, in [0, 1]. `lay_up_to`: map value up to which the exemplar is placed, in [0, 0.9].
    `seam_width`: distance from the seam at which the exemplar is fully itself, in percent of the map's shorter side.
    """

    edit_map: Tensor
    threshold: str
    limited_map: Tensor | None = None
    hold: float = 0.0
    lay_up_to: float = 0.0
    seam_width: float = DEFAULT_SEAM_WIDTH


def source_release(maps: ExemplarMaps, steps: int) -> Tensor:
    """The source's release times under one exemplar: 0 exactly where the exemplar is placed, above 0 elsewhere.

    `steps`: number of denoising steps. Returns float32 of the map's shape in [0, 1].
    """
    times = release_time(_grays_above(maps.edit_map, maps.lay_up_to), maps.threshold, steps)
    if maps.limited_map is None:
        return times
    limited = release_time(_grays_above(maps.limited_map, maps.lay_up_to), maps.threshold, steps)
    return torch.where(times > 0, limited, 0)


def release_map(exemplars: Iterable[ExemplarMaps], steps: int) -> Tensor:
    """The release map of one or more exemplars, in their order, later ones on top.

    The maps of the exemplars have shapes that broadcast to each other. `steps`: number of denoising steps. Returns
    float32 of the broadcast shape in [0, 1].

    Where an exemplar is placed, its own release time counts, whatever is below it; where it is not, the earlier one of
    its source release time and of what is below it. In the paper an exemplar's own release time is 0, and what this
    returns is the minimum: Algorithm 2, line 20 copies the source only where *every* map is above its threshold, and
    `all(r_k > u)` is `min(r_k) > u`. So a step costs the same for any number of exemplars.
    """
    exemplars = list(exemplars)
    times = [source_release(each, steps) for each in exemplars]
    placed = [each <= 0 for each in times]
    release = torch.ones(())
    for index, (each, source) in enumerate(zip(exemplars, times, strict=True)):
        below = torch.minimum(release, source)
        if each.hold > 0 or each.limited_map is not None:
            visible = placed[index] & ~reduce(torch.logical_or, placed[index + 1 :], torch.zeros((), dtype=torch.bool))
            release = torch.where(placed[index], _exemplar_release(each, visible, steps), below)
        else:
            release = below  # 0 where it is placed
    return release


def locked_fraction(release: Tensor, progress: float, steps: int) -> Tensor:
    """For what part of the step that ended at `progress` each cell was still locked, float32 in [0, 1].

    `release`: release map of any shape. `progress`: `u` in (0, 1]. `steps`: number of denoising steps. Blending with
    this weight is a release inside the step: with Euler's method the composite and the step's result share their noise
    and the step is a straight line, so the weighted mean is what leaving the composite at `r` would have given.
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


def _exemplar_release(maps: ExemplarMaps, visible: Tensor, steps: int) -> Tensor:
    """The exemplar's own release times, of use where it is placed and `visible` (boolean, `[..., H, W]`): from what the
    limit leaves at the seam to what `hold` asks for inside."""
    soonest = torch.zeros(())
    if maps.limited_map is not None:
        change = (1 - maps.edit_map).clamp(min=torch.finfo(torch.float32).tiny)
        soonest = release_time((maps.limited_map - maps.edit_map) / change, maps.threshold, steps)
    if maps.hold == 0:
        return soonest
    held = maps.hold * release_time(_distance_from_seam(maps, visible), maps.threshold, steps)
    return 1 - (1 - soonest) * (1 - held)


def _distance_from_seam(maps: ExemplarMaps, visible: Tensor) -> Tensor:
    """From 0 at the seam to 1 where the exemplar is fully itself: by the map's gray below `lay_up_to`, and by the
    distance to what is not this exemplar; the smaller of both."""
    width = maps.seam_width / 100 * min(visible.shape[-2:])
    by_distance = distance_to_edge(visible, width) / width if width else torch.ones(())
    if maps.lay_up_to == 0:
        return by_distance
    by_gray = ((maps.lay_up_to - maps.edit_map) / maps.lay_up_to).clamp(0, 1)
    return torch.minimum(by_gray, by_distance)


def _grays_above(values: Tensor, lay_up_to: float) -> Tensor:
    """Map values with those up to `lay_up_to` as black, and the rest stretched to [0, 1]."""
    return values if lay_up_to == 0 else ((values - lay_up_to) / (1 - lay_up_to)).clamp(0, 1)
