"""How far has the sampler come? Noise level to progress `u`."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable

_SNAP = 1e-3  # of a step: float32 sigmas that name an entry of the schedule mean that entry


class Schedule:
    """The noise levels at which a sampler begins its steps, largest first.

    `levels`: sigmas, or timesteps with `log=False`; repeated entries (second-order samplers, PLMS) count once, a
    closing zero does not count as a step. Raises `ValueError` when no level is left or when they do not fall.
    """

    def __init__(self, levels: Iterable[float], *, log: bool = True) -> None:
        unique = list(dict.fromkeys(float(level) for level in levels))
        if log and unique and unique[-1] == 0:
            unique.pop()
        if not unique:
            raise ValueError("schedule: has no noise level, expected at least one denoising step")
        if any(not math.isfinite(level) for level in unique) or unique != sorted(unique, reverse=True):
            raise ValueError("schedule: noise levels do not fall, expected the largest first")
        self._log = log
        self._rising = [-level for level in unique]
        self.steps = len(unique)
        """Number of denoising steps, the paper's `len(t)`."""

    def progress(self, level: float) -> float:
        """The progress `u` in [0, 1] at noise `level`: `i / steps` at entry `i`, interpolated in log sigma between
        two entries (samplers with a midpoint ask for those), 1 when no noise is left."""
        levels, i = self._rising, bisect_left(self._rising, -level)
        if i == 0:
            return 0.0
        above = -levels[i - 1]
        below = -levels[i] if i < self.steps else 0.0
        if self._log and below > 0:
            part = math.log(above / level) / math.log(above / below)
        else:
            part = (above - level) / (above - below) if above > below else 1.0
        position = min(i - 1 + part, float(self.steps))
        nearest = round(position)
        return (nearest if abs(position - nearest) < _SNAP else position) / self.steps
