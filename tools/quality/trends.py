"""What was measured, and whether it shows what the paper says: each trend a paired difference with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from quality.features import Moments, frechet, moments, summed
from quality.intervals import Interval, Values, correlation, mean_of, of_draws
from quality.measure_pairs import DISSOLVE, EXEMPLAR, FRESH, MAIN, PASTE, SOURCE, Cell, Found, key
from quality.methods import BINARY, BOTH_LOCKED, FADING, MIXED, PLAIN

LINEAR, LOG, CUBIC, QUADRATIC, SIGMOID = (
    f"PIXELS {name}" for name in ("linear", "log", "cubic", "quadratic", "sigmoid")
)
SEAM, FRECHET = "seam", "Fréchet"
"""The latter belongs to all pairs together."""
REALISM = ("denoising loss", "denoising loss edge", FRECHET, SEAM)
TO_EXEMPLAR = ("perceptual exemplar", "color exemplar", "texture exemplar")
TO_SOURCE = ("perceptual source", "color source", "gray to source")
TO_BOTH = ("perceptual both", "color both")
_FEW_DRAWS = 100


@dataclass(frozen=True)
class Evidence:
    """All pairs that were measured."""

    parts: Sequence[Found]

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        return [row for part in self.parts for row in part.rows]

    def fact(self, name: str) -> Values:
        """Of each pair."""
        return np.array([row[name] for row in self.rows], dtype=float)

    def values(self, cell: Cell, measure: str) -> Values:
        """Of each pair. Of seams the logarithm (base 2): they are ratios, so it is factors that are compared."""
        found = np.array([row["measures"][key(cell)][measure] for row in self.rows])
        return np.log2(found) if measure == SEAM else found

    def mean(self, cell: Cell, measure: str) -> float:
        """Over the pairs; of seams the geometric mean."""
        if measure == FRECHET:
            return self.distance(cell).value
        mean = float(np.nanmean(self.values(cell, measure)))
        return 2**mean if measure == SEAM else mean

    def moments(self, cell: Cell) -> list[Moments]:
        """Of the denoiser's features in the edited places, for each pair."""
        return [
            moments(torch.tensor(features.astype(np.float32)), torch.tensor(inside))
            for part in self.parts
            for features, inside in zip(part.features[key(cell)], part.inside, strict=True)
        ]

    @cached_property
    def _fresh(self) -> list[Moments]:
        return self.moments((FRESH, 0.0))

    def distance(self, cell: Cell) -> Interval:
        """Fréchet distance from other scenes in the same places."""
        return self.further(cell, None)

    def further(self, cell: Cell, base: Cell | None) -> Interval:
        """How much further from other scenes a cell is than a base, by Fréchet distance."""
        first, second = self.moments(cell), self.moments(base) if base else None

        def between(drawn: NDArray[np.int64]) -> float:
            times = np.bincount(drawn, minlength=len(first))
            real = summed(self._fresh, times)
            away = frechet(summed(second, times), real) if second else 0.0
            return frechet(summed(first, times), real) - away

        return of_draws(between, len(first), _FEW_DRAWS)

    def change(self, cell: Cell, base: Cell, measure: str) -> Interval:
        """How much more of a measure there is than at a base, pair by pair."""
        if measure == FRECHET:
            return self.further(cell, base)
        return mean_of(self.values(cell, measure) - self.values(base, measure))


@dataclass(frozen=True)
class Trend:
    """A `change` against something, in one `measure`; what was found, and the sign that the paper leads one to expect
    (0: no difference)."""

    change: str
    measure: str
    found: Interval
    expected: int

    @property
    def verdict(self) -> str:
        """As expected, the other way round, or neither."""
        return {0: "·", self.expected: "✓"}.get(self.found.sign, "✗")

    def __str__(self) -> str:
        low, value, high = self.found.low, self.found.value, self.found.high
        if self.measure == SEAM:
            return f"× {2**value:.2f} [{2**low:.2f}, {2**high:.2f}] {self.verdict}"
        # Two digits of what the interval is wide.
        places = max(0, 1 - int(np.floor(np.log10((high - low) / 2 or 1))))
        return f"{value:+.{places}f} [{low:+.{places}f}, {high:+.{places}f}] {self.verdict}"


def by_strength(evidence: Evidence) -> Iterator[Trend]:
    """Figures 6 and 8: more strength, more realism, less adherence."""
    for name in (LINEAR, PLAIN):
        step = evidence, (name, 0.9), (name, 0.3), name
        yield from _each(*step, REALISM, -1)
        yield from _each(*step, (*TO_EXEMPLAR, *TO_BOTH), 1)


def by_threshold(evidence: Evidence, strength: float, names: Mapping[str, int]) -> Iterator[Trend]:
    """Figures 10 and 11: log gives more realism and less adherence than linear (1), cubic and quadratic less and more
    (-1), sigmoid the same (0)."""
    for name, sign in names.items():
        step = evidence, (name, strength), (LINEAR, strength), name
        yield from _each(*step, REALISM, -sign)
        yield from _each(*step, (*TO_EXEMPLAR, *TO_SOURCE, *TO_BOTH), sign)


def by_distance(evidence: Evidence) -> Iterator[Trend]:
    """Figure 8: at a constant strength, the more distant the exemplar the less realism. Rank correlations."""
    for strength in (0.3, MAIN, 0.9):
        for measure in ("denoising loss", "denoising loss edge", f"log {SEAM}"):
            values = evidence.values((LINEAR, strength), measure.removeprefix("log "))
            found = correlation(evidence.fact("distance inside"), values)
            yield Trend(f"strength {strength:g}", measure, found, 1)


def by_what_is_left(evidence: Evidence) -> Iterator[Trend]:
    """Whether linear leaves anything to gain: more denoising loss and seam than the inputs have on average."""
    for strength in (0.3, MAIN, 0.9):
        for measure in ("denoising loss", "denoising loss edge", SEAM):
            own = (evidence.values((SOURCE, 0.0), measure) + evidence.values((EXEMPLAR, 0.0), measure)) / 2
            found = mean_of(evidence.values((LINEAR, strength), measure) - own)
            yield Trend(f"strength {strength:g}", measure, found, 1)


def by_half(evidence: Evidence) -> Iterator[Trend]:
    """Log against linear, for the nearer and the more distant half of the pairs."""
    distance = evidence.fact("distance inside")
    far = distance >= np.median(distance)
    for half, inside in (("the nearer half", ~far), ("the more distant half", far)):
        for measure in ("denoising loss", "denoising loss edge"):
            apart = evidence.values((LOG, MAIN), measure) - evidence.values((LINEAR, MAIN), measure)
            yield Trend(half, measure, mean_of(apart[inside]), -1)


def by_method(evidence: Evidence) -> Iterator[Trend]:
    """The other ways at the main strength against PIXELS linear: the paper has PIXELS ahead in all."""
    others: list[Cell] = [(PASTE, 0.0), (DISSOLVE, 0.0), *((name, MAIN) for name in (PLAIN, BINARY, MIXED, FADING))]
    for cell in others:
        yield from _each(evidence, cell, (LINEAR, MAIN), cell[0], (*REALISM, *TO_EXEMPLAR, *TO_SOURCE, *TO_BOTH), 1)


def by_what_is_held(evidence: Evidence) -> Iterator[Trend]:
    """What thresholds do where the dark grays are the exemplar's, to whom they then make black adhere. Fewer pairs."""
    for name, sign in (("log", 1), ("cubic", -1)):
        pair = (BOTH_LOCKED[name], MAIN), (BOTH_LOCKED["linear"], MAIN)
        yield from _each(evidence, *pair, BOTH_LOCKED[name], (*TO_EXEMPLAR[:2], "color edited", *TO_SOURCE[:2]), sign)


def _each(
    evidence: Evidence, cell: Cell, base: Cell, change: str, measures: Iterable[str], expected: int
) -> Iterator[Trend]:
    for measure in measures:
        yield Trend(change, measure, evidence.change(cell, base, measure), expected)


REFERENCES: tuple[Cell, ...] = ((SOURCE, 0.0), (EXEMPLAR, 0.0), (FRESH, 0.0))
"""Images that nothing was done to."""
