"""What an edit says about exemplars that cannot be seen in it."""

from __future__ import annotations

import numpy as np
import pytest

from pixels_ext.edit.exemplar_notices import exemplar_notices

NOTHING = "Nothing was edited: the edit map keeps the source wherever the exemplar covers it."


def release(*rows: list[float]) -> np.ndarray:
    return np.array(rows, dtype=np.float32)


WHITE, GRAY = release([1, 1, 1, 1]), release([1, 0.5, 0.25, 1])
LEFT, RIGHT, ALL = release([0, 0, 1, 1]), release([1, 1, 0, 0.5]), release([0, 0, 0, 0])


@pytest.mark.parametrize("releases", [[LEFT], [ALL], [LEFT, RIGHT], [ALL, LEFT], [RIGHT, LEFT]])
def test_an_edit_whose_exemplars_all_show_says_nothing(releases: list[np.ndarray]) -> None:
    assert exemplar_notices(releases) == []


def test_maps_that_keep_the_source_everywhere_edit_nothing() -> None:
    assert exemplar_notices([WHITE]) == [NOTHING]
    assert exemplar_notices([WHITE, WHITE]) == [
        "Nothing was edited: the edit maps keep the source wherever the exemplars cover it."
    ]


def test_one_of_several_that_is_not_used_is_named() -> None:
    assert exemplar_notices([LEFT, WHITE]) == [
        "Exemplar 2 was not used: its edit map keeps the source wherever the exemplar covers it."
    ]


def test_an_exemplar_under_gray_alone_does_not_show() -> None:
    (text,) = exemplar_notices([LEFT, GRAY])
    assert text.startswith("Exemplar 2 does not show: its edit map is nowhere fully on the exemplar")
    (text,) = exemplar_notices([GRAY])
    assert text.startswith("Exemplar 1 does not show")


@pytest.mark.parametrize("later", [[LEFT], [ALL], [release([0, 1, 1, 1]), release([1, 0, 1, 1])]])
def test_an_exemplar_that_later_ones_cover_does_not_show(later: list[np.ndarray]) -> None:
    assert exemplar_notices([LEFT, *later]) == ["Exemplar 1 does not show: the exemplars after it cover it entirely."]


def test_what_differs_between_sources_names_the_source() -> None:
    both = np.stack([LEFT, WHITE])[:, None]
    assert exemplar_notices([both]) == [f"Source 2: {NOTHING}"]
    assert exemplar_notices([np.stack([WHITE, WHITE])[:, None]]) == [NOTHING]
    assert exemplar_notices([np.stack([LEFT, LEFT])[:, None], WHITE[None, None]]) == [
        "Exemplar 2 was not used: its edit map keeps the source wherever the exemplar covers it."
    ]
