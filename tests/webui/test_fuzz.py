"""Requests made at random after the schema, most of them nearly right: an edit or one sentence, never anything else.

`PIXELS_FUZZ=long pytest tests/webui/test_fuzz.py --hypothesis-seed=1` makes 20,000 of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from fake_webui.host import Host
from fake_webui.images import furthest, smooth
from helpers.base64_images import as_text
from helpers.malformed_inputs import good_text, image_rows, odd_images
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from pixels_ext.request import json_schema

pytest_plugins = ["fake_webui.fixtures"]

SCHEMA = json_schema()
SOURCE = smooth(1)
GOOD = json.loads(good_text())["exemplars"][0]["edit_map"]
SMALL = [text for text in odd_images().values() if len(text) < 50_000]
BROKEN = [
    data["exemplars"][0]["image"]
    for name, data, _ in image_rows()
    if "moving" not in name and isinstance(data["exemplars"][0]["image"], str)
]

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=5,
)


def rarely(usual: st.SearchStrategy[Any], other: st.SearchStrategy[Any], one_in: int) -> st.SearchStrategy[Any]:
    return st.integers(1, one_in).flatmap(lambda drawn: other if drawn == one_in else usual)


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema takes, here and there one that it does not."""
    return rarely(_right(schema), junk, 200)


def _right(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.sampled_from(schema["anyOf"]).flatmap(values)
    if "contentMediaType" in schema:
        return rarely(st.just(GOOD), st.sampled_from([as_text(smooth(10)), *SMALL, *BROKEN]), 12)
    match schema["type"]:
        case "object":
            return _objects(schema)
        case "array":
            return st.lists(values(schema["items"]), min_size=schema["minItems"], max_size=3)
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema["minimum"], schema["maximum"])
        case "number":
            return st.floats(schema["minimum"], schema["maximum"]) | st.sampled_from(
                [schema["minimum"], schema["maximum"]]
            )
        case "null":
            return st.none()
    return st.text(min_size=1, max_size=12)


def _objects(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    needed = {name: values(schema["properties"][name]) for name in schema["required"]}
    others = {name: values(inner) for name, inner in schema["properties"].items() if name not in needed}
    whole = st.fixed_dictionaries(needed, optional=others)
    return rarely(
        whole,
        st.tuples(whole, st.dictionaries(st.text(max_size=8), junk, max_size=1)).map(lambda two: two[0] | two[1]),
        100,
    )


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture(scope="module")
def same_host(started_host: Host) -> Iterator[Host]:
    """A host that after all those requests still makes the image that it made before them."""
    started_host.fresh()
    usual = started_host.edit(SOURCE, json.loads(good_text())).image
    yield started_host
    started_host.fresh()
    assert furthest(started_host.edit(SOURCE, json.loads(good_text())).image, usual) == 0


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture])
@given(data=values(SCHEMA))
def test_a_request_is_an_edit_or_one_sentence(
    same_host: Host, validator: jsonschema.Draft202012Validator, data: Any
) -> None:
    host = same_host
    host.fresh()
    answer = host.edit(SOURCE, data, steps=3)
    event(f"status {answer.status}")
    assert host.errors.reported == []
    if answer.status == 200:
        assert validator.is_valid(data)
        return
    assert answer.status == 422, answer
    assert answer.detail.startswith("PIXELS: ")
    assert answer.detail.count("\n") == 0
    assert len(answer.detail) < 500
    assert host.model.calls == []


questions = st.fixed_dictionaries(
    {"request": values(SCHEMA), "source": rarely(st.just(as_text(SOURCE)), st.sampled_from(BROKEN) | junk, 5)},
    optional={"width": st.integers(0, 200) | junk, "height": st.integers(0, 200) | junk, "steps": junk, "else": junk},
)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture])
@given(question=rarely(questions, st.dictionaries(st.text(max_size=8), junk, max_size=3), 20))
def test_a_question_for_a_strength_has_an_answer_or_one_sentence(same_host: Host, question: dict[str, Any]) -> None:
    host = same_host
    host.fresh()
    host.serve()
    [route] = [route for route in host.app.routes if route.path == "/pixels/v1/strength"]
    try:
        answer = route.endpoint(question)
    except host.module("webui.http_errors").BadRequest as refused:
        answer, status, detail = {}, refused.status_code, refused.detail
    event("answered" if answer else "refused")
    if answer:
        assert 0 < answer["strength"] <= 1
    else:
        assert status == 422
        assert detail.startswith("PIXELS: ")
        assert detail.count("\n") == 0
        assert len(detail) < 500
    assert host.model.calls == []
