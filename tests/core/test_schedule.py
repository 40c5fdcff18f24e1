"""Noise level to progress."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixels_ext.core.schedule import Schedule

falling = st.lists(st.floats(0.01, 100), min_size=1, max_size=40, unique_by=lambda s: round(math.log(s), 2)).map(
    lambda levels: sorted(levels, reverse=True)
)


@given(falling, st.booleans())
def test_entries_of_the_schedule_are_whole_steps(levels: list[float], log: bool) -> None:
    schedule = Schedule(levels, log=log)
    assert [schedule.progress(level) for level in levels] == [i / len(levels) for i in range(len(levels))]
    assert schedule.progress(0) == 1


@given(falling, st.floats(0, 200), st.floats(0, 200))
def test_less_noise_is_never_less_progress(levels: list[float], a: float, b: float) -> None:
    schedule = Schedule(levels)
    assert 0 <= schedule.progress(max(a, b)) <= schedule.progress(min(a, b)) <= 1


def test_between_entries_the_logarithm_counts() -> None:
    assert Schedule([16, 4, 1]).progress(8) == pytest.approx(0.5 / 3)
    assert Schedule([900, 300], log=False).progress(600) == pytest.approx(0.25)


def test_more_noise_than_the_first_entry_is_the_beginning() -> None:
    assert Schedule([10, 1]).progress(14.6) == 0


def test_float32_copies_of_an_entry_are_that_entry() -> None:
    assert Schedule([14.614642, 3.1622777, 0.5]).progress(3.1622779) == 1 / 3


def test_repeated_entries_and_a_closing_zero_are_no_steps() -> None:
    heun = Schedule([10.0, 5.0, 5.0, 2.0, 2.0, 0.0])
    assert heun.steps == 3
    assert heun.progress(5) == 1 / 3


def test_timestep_zero_is_a_step() -> None:
    ddim = Schedule([500, 250, 0], log=False)
    assert ddim.steps == 3
    assert ddim.progress(0) == 2 / 3


@pytest.mark.parametrize("levels", [[], [0.0], [math.nan], [math.inf, 1.0]])
def test_a_schedule_that_is_none_is_refused(levels: list[float]) -> None:
    with pytest.raises(ValueError, match=r"^schedule: "):
        Schedule(levels)


@given(st.lists(st.floats(1e-3, 100), min_size=1, max_size=20, unique=True), st.floats(0, 200), st.floats(0, 200))
def test_levels_that_rise_again_are_steps_without_progress(levels: list[float], a: float, b: float) -> None:
    schedule = Schedule(levels, log=False)
    assert schedule.steps == len(levels)
    assert schedule.progress(0) == 1
    assert 0 <= schedule.progress(max(a, b)) <= schedule.progress(min(a, b)) <= 1
    for i, level in enumerate(levels):
        if level == min(levels[: i + 1]):  # the falling part
            assert schedule.progress(level) == pytest.approx(i / len(levels), abs=1e-3)


def test_a_table_that_ends_above_its_last_entry_is_followed_to_there() -> None:
    """Align Your Steps with a flow model in Forge Neo: the table's last level belongs to another model."""
    schedule = Schedule([1.0, 0.2, 0.0077, 0.029, 0.0])
    assert schedule.steps == 4
    assert [schedule.progress(level) for level in (1.0, 0.2, 0.0077, 0.0)] == [0, 0.25, 0.5, 1]
    assert schedule.progress(0.029) < 0.5  # LatentSurgery never goes back
