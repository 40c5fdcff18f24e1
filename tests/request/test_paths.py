"""Setting one field of a request by its path."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixels_ext.errors import RequestError
from pixels_ext.request.paths import with_value

DATA: dict[str, Any] = {
    "exemplars": [{"image": "a", "placement": {"scale": 2}}, {"image": "b", "threshold": "log"}],
    "threshold": "linear",
}


def read(data: Any, path: str) -> Any:
    """The value at a path, by an evaluation of our own."""
    for part in path.replace("[", ".[").split("."):
        data = data[int(part[1:-1])] if part.startswith("[") else data[part]
    return data


@pytest.mark.parametrize(
    "path",
    [
        "threshold",
        "mode",
        "exemplars[0].threshold",
        "exemplars[1].image",
        "exemplars[0].placement.scale",
        "exemplars[1].placement.scale",
        "exemplars[1].shaping.white_point",
        "  exemplars[0].placement.flip ",
    ],
)
def test_the_value_is_there_afterwards_and_nothing_else_has_changed(path: str) -> None:
    before = deepcopy(DATA)
    result = with_value(DATA, path, 7)
    assert read(result, path.strip()) == 7
    assert before == DATA
    assert with_value(result, path, None) == with_value(DATA, path, None)


def test_a_star_stands_for_every_exemplar() -> None:
    result = with_value(DATA, "exemplars[*].placement.scale", 3)
    assert [each["placement"] for each in result["exemplars"]] == [{"scale": 3}, {"scale": 3}]
    assert [each["image"] for each in result["exemplars"]] == ["a", "b"]
    assert with_value({}, "exemplars[*].threshold", "log") == {"exemplars": []}


def test_what_lies_beside_the_path_is_shared_and_not_copied() -> None:
    result = with_value(DATA, "exemplars[0].threshold", "log")
    assert result["exemplars"][1] is DATA["exemplars"][1]
    assert result["exemplars"][0]["placement"] is DATA["exemplars"][0]["placement"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", "names no field"),
        ("thresh", "names no field"),
        ("threshold.", "not the path of a single value"),
        ("threshold[0]", "not the path of a single value"),
        ("threshold.x", "not the path of a single value"),
        ("exemplars", "not the path of a single value"),
        ("exemplars[0]", "not the path of a single value"),
        ("exemplars[0].placement", "not the path of a single value"),
        ("exemplars.threshold", "not the path of a single value"),
        ("exemplars[0].threshold.x", "not the path of a single value"),
        ("exemplars[0].placement[0].scale", "not the path of a single value"),
        ("exemplars[2].threshold", "names entry 2 of 2"),
        ("exemplars[9999999999].threshold", "names entry 9999999999 of 2"),
        ("exemplars[-1].threshold", "names no field"),
        ("exemplars[].threshold", "names no field"),
        ("exemplars[a].threshold", "names no field"),
        ("exemplars[0]x.threshold", "names no field"),
        ("exemplars[0].placement.size", "names no field"),
        ("exemplars[*].shaping.blurr", "names no field"),
        ("exemplars [0].threshold", "names no field"),
        ("__class__", "names no field"),
        (".", "names no field"),
    ],
)
def test_a_path_that_leads_nowhere_is_named(path: str, found: str) -> None:
    with pytest.raises(RequestError, match=found) as caught:
        with_value(DATA, path, 1)
    assert caught.value.path == path.strip()
    assert " (expected " in str(caught.value)


def test_a_wrong_name_is_told_which_names_there_are() -> None:
    with pytest.raises(RequestError, match="expected one of: fit, x, y, scale, rotation, flip in place of 'size'"):
        with_value(DATA, "exemplars[0].placement.size", 1)


@pytest.mark.parametrize("data", [{"exemplars": [None]}, {"exemplars": ["x"]}, {"exemplars": [{"placement": 3}]}])
def test_data_that_is_no_request_is_refused_by_its_path(data: dict[str, Any]) -> None:
    """It comes from users unchecked, and is swept before it is checked."""
    with pytest.raises(RequestError, match=r"^exemplars\[0\]\.placement\.scale: "):
        with_value(data, "exemplars[0].placement.scale", 1)


@pytest.mark.parametrize("data", [{"exemplars": 3}, {"exemplars": "x"}, {"exemplars": {"a": 1}}, {"exemplars": [3]}])
def test_exemplars_that_are_no_list_of_objects_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        with_value(data, "exemplars[*].threshold", "log")


parts = st.sampled_from(["exemplars", "[0]", "[*]", "[7]", ".", "placement", "scale", "threshold", "", "x", "[", "]"])


@given(st.lists(parts, max_size=6).map("".join) | st.text(max_size=20))
def test_any_text_is_a_path_or_a_sentence(path: str) -> None:
    before = deepcopy(DATA)
    try:
        outcome = with_value(DATA, path, 1)
    except RequestError as error:
        outcome = str(error)
    assert " (expected " in outcome if isinstance(outcome, str) else outcome != before
    assert before == DATA
