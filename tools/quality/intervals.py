"""Means with confidence intervals, by resampling pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

Values = NDArray[np.float64]
DRAWS = 2000
_OUTER = (2.5, 97.5)


@dataclass(frozen=True)
class Interval:
    """A value and its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """1 or -1 where the whole interval lies on one side of 0, else 0."""
        return int(self.low > 0) - int(self.high < 0)


def resampled(count: int, draws: int = DRAWS) -> NDArray[np.int64]:
    """Which pairs are in each draw, `[draws, count]`; always the same for the same arguments."""
    return np.random.default_rng(0).integers(0, count, (draws, count))


def mean_of(values: Values) -> Interval:
    """Of one value for each pair. Pairs without one (NaN) are left out."""
    values = values[~np.isnan(values)]
    return Interval(float(values.mean()), *_ends(values[resampled(len(values))].mean(1)))


def correlation(first: Values, second: Values) -> Interval:
    """Rank correlation (Spearman) over pairs."""
    whole = ~(np.isnan(first) | np.isnan(second))
    first, second = first[whole], second[whole]
    draws = [_ranked(first[draw], second[draw]) for draw in resampled(len(first))]
    return Interval(_ranked(first, second), *_ends(np.array(draws)))


def of_draws(statistic: Callable[[NDArray[np.int64]], float], count: int, draws: int) -> Interval:
    """Of anything that is computed from the numbers of pairs. Around the value itself by the spread of the draws, since
    what is not linear (the Fréchet distance) is biased in them."""
    value = statistic(np.arange(count))
    found = np.array([statistic(draw) for draw in resampled(count, draws)])
    low, high = _ends(found - found.mean())
    return Interval(value, value + low, value + high)


def _ends(draws: Values) -> tuple[float, float]:
    low, high = np.percentile(draws, _OUTER)
    return float(low), float(high)


def _ranked(first: Values, second: Values) -> float:
    return float(spearmanr(first, second).statistic)
