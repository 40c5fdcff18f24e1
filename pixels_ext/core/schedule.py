"""How far has the sampler come? Noise level to progress `u`."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

_SNAP = 1e-3  # of a step: float32 sigmas that name an entry of the schedule mean that entry


class Schedule:
    """The noise levels at which a sampler begins its steps, in their order.

    `levels`: sigmas, or timesteps with `log=False`; repeated entries (second-order samplers, PLMS) count once, a
    closing zero does not count as a step. A level that rises again (a table made for another model may end above its
    own last entry) is a step too, but brings no progress: what has been released stays so. Raises `ValueError` when no
    level is left or when one is not finite.
    """

    def __init__(self, levels: Iterable[float], *, log: bool = True) -> None:
        unique = list(dict.fromkeys(float(level) for level in levels))
        if log and unique and unique[-1] == 0:
            unique.pop()
        if not unique:
            raise ValueError("schedule: has no noise level, expected at least one denoising step")
        if not all(map(math.isfinite, unique)):
            raise ValueError("schedule: a noise level is not finite, expected numbers")
        self._log = log
        self.steps = len(unique)
        """Number of denoising steps, the paper's `len(t)`."""
        # Progress is read off the entries that are lower than all before them; `bisect` wants them to rise.
        lowest = list(accumulate(unique, min))
        self._steps_of = [i for i in range(self.steps) if i == 0 or unique[i] < lowest[i - 1]] + [self.steps]
        self._rising = [-unique[i] for i in self._steps_of[:-1]]

    def progress(self, level: float) -> float:
        """The progress `u` in [0, 1] at noise `level`: `i / steps` at entry `i`, interpolated in log sigma between
        two entries (samplers with a midpoint ask for those), 1 when no noise is left."""
        levels, i = self._rising, bisect_left(self._rising, -level)
        if i == 0:
            return 0.0
        above = -levels[i - 1]
        below = -levels[i] if i < len(levels) else 0.0
        if self._log and below > 0:
            part = math.log(above / level) / math.log(above / below)
        else:
            part = (above - level) / (above - below) if above > below else 1.0
        begun, ended = self._steps_of[i - 1 : i + 1]
        position = min(begun + part * (ended - begun), float(self.steps))
        nearest = round(position)
        return (nearest if abs(position - nearest) < _SNAP else position) / self.steps
