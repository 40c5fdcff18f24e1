"""Requests that cannot be used: one sentence that names the field, HTTP 422, and no image."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fake_webui.host import Answer, Host
from fake_webui.images import BLACK, exemplar, furthest, request, smooth, some_request, uniform
from hypothesis import given
from hypothesis import strategies as st

pytest_plugins = ["fake_webui.fixtures"]

SOURCE = smooth(1)
GOOD = some_request()


def with_first(**fields: Any) -> dict[str, Any]:
    return request({**GOOD["exemplars"][0], **fields})


def is_refusal(answer: Answer, beginning: str) -> None:
    assert answer.status == 422, answer
    assert answer.detail.startswith("PIXELS: ")
    assert beginning in answer.detail
    assert " (expected " in answer.detail
    assert "\n" not in answer.detail
    assert len(answer.detail) < 400
    assert answer.images == []


@pytest.mark.parametrize("nothing", [None, "  "])
def test_an_edit_of_nothing_is_refused(host: Host, nothing: Any) -> None:
    is_refusal(host.edit(SOURCE, nothing), "script_args[0]: empty")
    assert host.model.calls == []


@pytest.mark.parametrize("given", [{"args": []}, {"args": [None]}, {"args": [""]}, {}])
def test_no_request_through_alwayson_scripts_is_no_edit(host: Host, given: dict[str, Any]) -> None:
    plain = host.img2img(SOURCE).image
    assert furthest(host.img2img(SOURCE, alwayson_scripts={"PIXELS": given}).image, plain) == 0


def test_a_request_can_be_an_object_or_its_text_and_an_image_base64_or_a_data_url(host: Host) -> None:
    one = GOOD["exemplars"][0]
    address = request({name: f"data:image/png;base64,{text}" for name, text in one.items()})
    images = [host.edit(SOURCE, given).image for given in (GOOD, json.dumps(GOOD), address)]
    images.append(host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [GOOD]}}).image)
    images.append(host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [json.dumps(GOOD)]}}).image)
    assert all(furthest(image, images[0]) == 0 for image in images)


def test_with_no_argument_the_next_script_s_slide_in_and_are_refused(host: Host) -> None:
    is_refusal(host.img2img(SOURCE, script_name="pixels", script_args=[]), "script_args[0]: 64")


def test_arguments_behind_the_request_are_ignored(host: Host) -> None:
    plain = host.edit(SOURCE, GOOD).image
    more = host.img2img(SOURCE, script_name="PIXELS", script_args=[GOOD, "junk", None, {"a": 1}])
    assert furthest(more.image, plain) == 0


def test_a_request_given_twice_is_refused(host: Host) -> None:
    both = host.edit(SOURCE, GOOD, alwayson_scripts={"pixels": {"args": [GOOD]}})
    is_refusal(both, "alwayson_scripts.pixels: given beside script_name")
    broken = host.edit(SOURCE, GOOD, alwayson_scripts={"pixels": {"args": ['{"exemplars": [']}})
    is_refusal(broken, "alwayson_scripts.pixels: given beside script_name")
    junk = host.edit(SOURCE, GOOD, alwayson_scripts={"pixels": {"args": ["junk"]}})
    assert furthest(junk.image, host.edit(SOURCE, GOOD).image) == 0


def test_when_the_user_allows_addresses_a_net_that_fails_is_a_sentence_too(host: Host) -> None:
    host.shared.opts.api_enable_requests = True
    is_refusal(host.edit(SOURCE, with_first(image="https://nowhere/x.png")), "exemplars[0].image: ")


def test_several_maps_are_checked_before_the_first_pass(host: Host) -> None:
    given = request(GOOD["exemplars"][0], exemplar(smooth(2), uniform(BLACK, (64, 32))), mode="iterative")
    is_refusal(host.edit(SOURCE, given), "exemplars[1].edit_map: 64x32")
    assert host.model.calls == []


def test_a_refiner_is_refused_where_it_would_begin_a_pass(host: Host) -> None:
    two = [exemplar(smooth(2), uniform(BLACK, SOURCE.size)), exemplar(smooth(3), uniform(BLACK, SOURCE.size))]
    p = host.processing(SOURCE, refiner_checkpoint_info=object())
    ours = host.script("PIXELS")
    with pytest.raises(
        host.module("webui.http_errors").BadRequest,
        match=r"^PIXELS: mode: 'iterative', which does not work with a refiner",
    ):
        ours.run(p, request(*two, mode="iterative"))
    assert host.model.calls == []
    assert ours.run(p, request(*two)).images
    assert ours.run(p, request(two[0], mode="iterative")).images


def test_an_edit_of_no_steps_is_refused(host: Host) -> None:
    """The hosts' page has no 0, but their API takes it."""
    assert host.img2img(SOURCE, steps=0).images
    is_refusal(host.edit(SOURCE, GOOD, steps=0), "steps: 0 (expected a whole number from 1")


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["exemplars", "threshold", "mode", "keep_white", "image", "edit_map", "placement", "shaping"])
almost = st.recursive(
    junk, lambda below: st.dictionaries(names, below, max_size=3) | st.lists(below, max_size=2), max_leaves=8
)


@given(argument=almost)
def test_junk_never_ends_in_anything_but_a_sentence(started_host: Host, argument: Any) -> None:
    host = started_host
    host.fresh()
    answer = host.edit(SOURCE, argument)
    assert answer.status == 422
    assert answer.detail.startswith("PIXELS: ")
    assert host.errors.reported == []
    assert host.model.calls == []


def test_what_the_error_says_is_what_the_page_shows(host: Host) -> None:
    refused = host.module("webui.http_errors").BadRequest
    with pytest.raises(refused) as caught:
        host.script("PIXELS").run(host.processing(SOURCE), "{}")
    assert str(caught.value) == caught.value.detail == vars(caught.value)["detail"]
    assert str(caught.value).startswith("PIXELS: exemplars: missing (expected ")
    assert vars(caught.value)["status_code"] == 422
