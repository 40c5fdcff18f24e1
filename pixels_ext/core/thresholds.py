"""Threshold functions, from edit map values to release times (the paper's appendix 5).

The paper raises a *threshold* over the steps and copies the noised source wherever the edit map is above it. As
thresholds only rise, each map value has a progress after which it is never copied again: its *release time*. The
inverse of the threshold function is the tone curve that turns a map value into that release time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor


@dataclass(frozen=True)
class Threshold:
    """One threshold function in both of its forms.

    `forward(u, steps)` is the paper's curve: progress `u` in [0, 1] (step `i` of `steps` has `u = i / steps`) to the
    map value up to which the latent is released. `release(m, steps)` is its inverse: map value in [0, 1] to release
    time in [0, 1], so that `m > forward(u)` exactly where `release(m) > u`.
    """

    forward: Callable[[Tensor, int], Tensor]
    release: Callable[[Tensor, int], Tensor]


def _log_forward(u: Tensor, steps: int) -> Tensor:
    return torch.log1p(u * steps) / torch.log1p(torch.tensor(float(steps)))


def _log_release(m: Tensor, steps: int) -> Tensor:
    log_steps = torch.log1p(torch.tensor(float(steps)))
    # expm1(log_steps) equals `steps` up to rounding; dividing it by itself makes white exactly 1, locked to the end.
    return torch.expm1(m * log_steps) / torch.expm1(log_steps)


THRESHOLDS: Mapping[str, Threshold] = MappingProxyType(
    {
        "linear": Threshold(lambda u, _: u, lambda m, _: m),
        "log": Threshold(_log_forward, _log_release),
        "cubic": Threshold(lambda u, _: u**3, lambda m, _: m ** (1 / 3)),
        "quadratic": Threshold(lambda u, _: u**2, lambda m, _: m**0.5),
        "sigmoid": Threshold(lambda u, _: torch.sigmoid(6 * u - 3), lambda m, _: (torch.logit(m) + 3) / 6),
    }
)
"""The five threshold functions of appendix 5, by their names in a request."""


def threshold_curve(name: str, steps: int) -> Tensor:
    """The paper's threshold at each of `steps` denoising steps: float32 `[steps]` in [0, 1], rising (appendix 5)."""
    return THRESHOLDS[name].forward(torch.arange(steps, dtype=torch.float32) / steps, steps)


def release_time(edit_map: Tensor, name: str, steps: int) -> Tensor:
    """The release time of each value of `edit_map`.

    `edit_map`: any shape, values in [0, 1], 0 (black) = exemplar, 1 (white) = source. `name`: the threshold. `steps`:
    number of denoising steps; only "log" depends on it. Returns float32 of the same shape in [0, 1]: 0 is never locked
    to the source, 1 is locked at every step.
    """
    return THRESHOLDS[name].release(edit_map.to(torch.float32), steps).clamp(0, 1)
