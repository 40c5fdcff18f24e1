"""Threshold functions: the paper's curves, their inverses, and the order of Figure 11."""

from __future__ import annotations

import pytest
import torch
from helpers.reference_algorithms import paper_thresholds
from hypothesis import given
from hypothesis import strategies as st

from pixels_ext.core.thresholds import THRESHOLDS, release_time, threshold_curve

names = st.sampled_from(list(THRESHOLDS))
steps = st.integers(1, 200)


@given(names, steps)
def test_forward_curve_is_the_paper_s(name: str, n: int) -> None:
    torch.testing.assert_close(threshold_curve(name, n), paper_thresholds(name, torch.empty(n)))


@given(names, steps, st.floats(0, 1, width=32))
def test_release_time_is_the_moment_at_which_the_threshold_passes(name: str, n: int, m: float) -> None:
    """`map > threshold(i)` exactly where `release > i / n`, but for roundings at the crossing itself."""
    release = release_time(torch.tensor(m), name, n)
    u = torch.arange(n) / n
    by_threshold, by_release = m > threshold_curve(name, n), release > u
    crossing = (release - u).abs() < 1e-5
    assert torch.equal(by_threshold | crossing, by_release | crossing)


@given(names, steps)
def test_black_is_never_held_and_white_always(name: str, n: int) -> None:
    black, white = (release_time(torch.full((7, 13), value), name, n) for value in (0.0, 1.0))
    assert black.max() == 0
    # Exactly: by it the white is known that is kept of the source's own pixels.
    assert white.min() == 1


@given(names, steps, st.floats(0, 1, width=32), st.floats(0, 1, width=32))
def test_lighter_places_are_released_later(name: str, n: int, a: float, b: float) -> None:
    low, high = release_time(torch.tensor([min(a, b), max(a, b)]), name, n)
    assert low <= high


@pytest.mark.parametrize("n", [20, 50, 200])
def test_areas_under_the_curves_are_ordered_as_in_figure_11(n: int) -> None:
    area = {name: float(threshold_curve(name, n).mean()) for name in THRESHOLDS}
    assert area["log"] > area["linear"] > area["quadratic"] > area["cubic"]
    assert abs(area["sigmoid"] - area["linear"]) < 0.03


def test_other_dtypes_give_float32() -> None:
    assert release_time(torch.tensor([0.5], dtype=torch.float16), "log", 10).dtype == torch.float32
