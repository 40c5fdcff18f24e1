"""The progress `u` of a sampler through its schedule, from the noise level that it asks the model for."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

_SNAP = 1e-3  # of a step: a float32 sigma this close to an entry of the schedule is that entry


class Schedule:
    """The noise levels at which a sampler begins its steps, in order.

    `levels`: sigmas, or timesteps with `log=False`. Repeated entries (second-order samplers, PLMS) count once, and a
    final sigma of 0 is not a step. A level that is higher than an earlier one (some schedules made for another model
    end like this) is a step too, but makes no progress: released cells stay released. Raises `ValueError` when no level
    is left or one is not finite.
    """

    def __init__(self, levels: Iterable[float], *, log: bool = True) -> None:
        unique = list(dict.fromkeys(float(level) for level in levels))
        if log and unique and unique[-1] == 0:
            unique.pop()
        if not unique:
            raise ValueError("schedule: has no noise level (expected at least one denoising step).")
        if not all(map(math.isfinite, unique)):
            raise ValueError("schedule: has a noise level that is not finite (expected finite numbers).")
        self._log = log
        self.steps = len(unique)
        """Number of denoising steps, the paper's T."""
        # Only entries lower than all before them make progress; negated, because `bisect` needs ascending values.
        lowest = list(accumulate(unique, min))
        self._steps_of = [i for i in range(self.steps) if i == 0 or unique[i] < lowest[i - 1]] + [self.steps]
        self._negated = [-unique[i] for i in self._steps_of[:-1]]

    def progress(self, level: float) -> float:
        """The progress `u` in [0, 1] at noise `level`: `i / steps` at entry `i`, interpolated in log sigma between two
        entries (samplers with a midpoint evaluate the model there), 1 when no noise is left."""
        levels, i = self._negated, bisect_left(self._negated, -level)
        if i == 0:
            return 0.0
        above = -levels[i - 1]
        below = -levels[i] if i < len(levels) else 0.0
        if self._log and below > 0:
            fraction = math.log(above / level) / math.log(above / below)
        else:
            fraction = (above - level) / (above - below) if above > below else 1.0
        first, last = self._steps_of[i - 1 : i + 1]
        position = min(first + fraction * (last - first), float(self.steps))
        nearest = round(position)
        return (nearest if abs(position - nearest) < _SNAP else position) / self.steps
