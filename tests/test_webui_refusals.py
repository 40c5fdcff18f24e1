"""Requests that cannot be used: one sentence that names the field, HTTP 422, and no picture."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from stand_in.host import Answer, Host, to_text
from stand_in.pictures import BLACK, exemplar, furthest, request, smooth, some_request, uniform

pytest_plugins = ["stand_in.fixtures"]

SOURCE = smooth(1)
GOOD = some_request()


def cut_off(picture: Image.Image) -> str:
    """A picture file that ends in the middle of its pixels."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    data = buffer.getvalue()
    return base64.b64encode(data[: len(data) // 2]).decode("ascii")


def without(name: str) -> dict[str, Any]:
    one = dict(GOOD["exemplars"][0])
    del one[name]
    return request(one)


def with_first(**fields: Any) -> dict[str, Any]:
    return request({**GOOD["exemplars"][0], **fields})


def float_map() -> str:
    buffer = io.BytesIO()
    Image.new("F", (64, 64), 7.0).save(buffer, "TIFF")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


ARGUMENTS: list[tuple[str, Any, str]] = [
    ("nothing", None, "script_args[0]: is empty"),
    ("an empty text", "  ", "script_args[0]: is empty"),
    ("no JSON", "{exemplars", "script_args[0]: is not JSON"),
    ("JSON without end", "[" * 100_000, "script_args[0]: is not JSON"),
    ("a number", 4, "script_args[0]: is 4"),
    ("true", True, "script_args[0]: is True"),
    ("a list", [GOOD], "script_args[0]: is [{"),
    ("a JSON list", "[1, 2]", "script_args[0]: is [1, 2]"),
    ("an empty object", {}, "exemplars: is missing"),
    ("no exemplars", request(), "exemplars: has 0 entries"),
    ("exemplars by name", {"exemplars": {"0": {}}}, "exemplars: is {"),
    ("too many exemplars", request(*[{}] * 33), "exemplars: has 33 entries"),
    ("an exemplar as text", request("x"), "exemplars[0]: is 'x'"),
    ("an unknown field", {**GOOD, "strength": 1}, "strength: is an unknown field"),
    ("an unknown field below", with_first(shaping={"blurr": 1}), "exemplars[0].shaping.blurr: is an unknown field"),
    ("a value out of range", with_first(placement={"scale": 0}), "exemplars[0].placement.scale: is 0"),
    ("NaN", json.dumps(with_first(shaping={"blur": float("nan")})), "exemplars[0].shaping.blur: is nan"),
    ("a word as number", with_first(shaping={"grow": "2"}), "exemplars[0].shaping.grow: is '2'"),
    ("points crossed", with_first(shaping={"black_point": 0.9, "white_point": 0.2}), "shaping.white_point: is 0.2"),
    ("an unknown threshold", {**GOOD, "threshold": "linnear"}, "threshold: is 'linnear'"),
    ("a toggle as text", {**GOOD, "keep_white": "yes"}, "keep_white: is 'yes'"),
    ("no picture", without("image"), "exemplars[0].image: is missing"),
    ("no map", without("edit_map"), "exemplars[0].edit_map: is missing"),
    ("a number for a picture", with_first(image=3), "exemplars[0].image: is 3"),
    ("an empty picture text", with_first(image=""), "exemplars[0].image: is refused by the WebUI"),
    ("no base64", with_first(image="%%%"), "exemplars[0].image: is refused by the WebUI (Invalid encoded image)"),
    ("a path", with_first(image="/etc/passwd"), "exemplars[0].image: is refused by the WebUI"),
    ("an address", with_first(image="http://x/y.png"), "exemplars[0].image: is refused by the WebUI (Requests not al"),
    ("half a data URL", with_first(image="data:image/png"), "exemplars[0].image: "),
    ("a data URL without base64", with_first(edit_map="data:image/png;base64"), "exemplars[0].edit_map: "),
    ("a truncated picture", with_first(image=cut_off(smooth(2))), "exemplars[0].image: "),
    ("a truncated map", with_first(edit_map=cut_off(smooth(2))), "exemplars[0].edit_map: "),
    ("a hash alone", with_first(image="sha256:0123456789ab"), "exemplars[0].image: is known by its hash alone"),
    ("a map's hash alone", with_first(edit_map="sha256:0123456789ab"), "exemplars[0].edit_map: is known by its hash"),
    ("a map of another aspect", with_first(edit_map=to_text(uniform(0, (64, 48)))), "exemplars[0].edit_map: is 64x48"),
    ("a map outside of 0 to 1", with_first(edit_map=float_map()), "exemplars[0].edit_map: is a float picture"),
    ("a second map", request(*some_request(count=1)["exemplars"], {"image": to_text(SOURCE)}), "exemplars[1].edit_map"),
]


def is_refusal(answer: Answer, beginning: str) -> None:
    assert answer.status == 422, answer
    assert answer.detail.startswith("PIXELS: ")
    assert beginning in answer.detail
    assert ", expected " in answer.detail
    assert "\n" not in answer.detail
    assert len(answer.detail) < 400
    assert answer.pictures == []


@pytest.mark.parametrize(("argument", "beginning"), [pytest.param(*case[1:], id=case[0]) for case in ARGUMENTS])
def test_the_dropdown_s_script_refuses_with_a_sentence(host: Host, argument: Any, beginning: str) -> None:
    is_refusal(host.edit(SOURCE, argument), beginning)
    assert host.model.calls == []


@pytest.mark.parametrize(("argument", "beginning"), [pytest.param(*case[1:], id=case[0]) for case in ARGUMENTS[2:]])
def test_a_request_through_alwayson_scripts_is_refused_alike(host: Host, argument: Any, beginning: str) -> None:
    """The hosts print what always-on scripts raise, and go on with a plain img2img: it must not come to that."""
    is_refusal(host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [argument]}}), beginning)
    assert host.model.calls == []


@pytest.mark.parametrize("given", [{"args": []}, {"args": [None]}, {"args": [""]}, {}])
def test_no_request_through_alwayson_scripts_is_no_edit(host: Host, given: dict[str, Any]) -> None:
    plain = host.img2img(SOURCE).picture
    assert furthest(host.img2img(SOURCE, alwayson_scripts={"PIXELS": given}).picture, plain) == 0


def test_a_request_can_be_an_object_or_its_text_and_a_picture_base64_or_a_data_url(host: Host) -> None:
    one = GOOD["exemplars"][0]
    address = request({name: f"data:image/png;base64,{text}" for name, text in one.items()})
    pictures = [host.edit(SOURCE, given).picture for given in (GOOD, json.dumps(GOOD), address)]
    pictures.append(host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [GOOD]}}).picture)
    pictures.append(host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": [json.dumps(GOOD)]}}).picture)
    assert all(furthest(picture, pictures[0]) == 0 for picture in pictures)


def test_with_no_argument_the_next_script_s_slide_in_and_are_refused(host: Host) -> None:
    is_refusal(host.img2img(SOURCE, script_name="pixels", script_args=[]), "script_args[0]: is 64")


def test_arguments_behind_the_request_are_ignored(host: Host) -> None:
    plain = host.edit(SOURCE, GOOD).picture
    more = host.img2img(SOURCE, script_name="PIXELS", script_args=[GOOD, "junk", None, {"a": 1}])
    assert furthest(more.picture, plain) == 0


def test_a_request_given_twice_is_refused(host: Host) -> None:
    both = host.edit(SOURCE, GOOD, alwayson_scripts={"pixels": {"args": [GOOD]}})
    is_refusal(both, "alwayson_scripts.pixels: is given beside script_name")
    junk = host.edit(SOURCE, GOOD, alwayson_scripts={"pixels": {"args": ["junk"]}})
    assert junk.status == 422


def test_pictures_that_are_too_large_are_refused_before_anything_is_done_with_them(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host.module("webui.reading"), "MOST_PIXELS", 1_000_000)
    large = to_text(Image.new("L", (1001, 1000)))
    is_refusal(host.edit(SOURCE, with_first(image=large)), "exemplars[0].image: is 1001x1000, expected at most 1 mega")


def test_when_the_user_allows_addresses_a_net_that_fails_is_a_sentence_too(host: Host) -> None:
    host.shared.opts.api_enable_requests = True
    is_refusal(host.edit(SOURCE, with_first(image="https://nowhere/x.png")), "exemplars[0].image: ")


def test_several_maps_are_checked_before_the_first_pass(host: Host) -> None:
    given = request(GOOD["exemplars"][0], exemplar(smooth(2), uniform(BLACK, (64, 32))), mode="iterative")
    is_refusal(host.edit(SOURCE, given), "exemplars[1].edit_map: is 64x32")
    assert host.model.calls == []


def test_a_refiner_is_refused_where_it_would_begin_a_pass(host: Host) -> None:
    two = [exemplar(smooth(2), uniform(BLACK, SOURCE.size)), exemplar(smooth(3), uniform(BLACK, SOURCE.size))]
    p = host.processing(SOURCE, refiner_checkpoint_info=object())
    ours = host.script("PIXELS")
    with pytest.raises(host.module("webui.refusal").Refused, match=r"^PIXELS: mode: is 'iterative' with a refiner"):
        ours.run(p, request(*two, mode="iterative"))
    assert host.model.calls == []
    assert ours.run(p, request(*two)).images
    assert ours.run(p, request(two[0], mode="iterative")).images


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
    refused = host.module("webui.refusal").Refused
    with pytest.raises(refused) as caught:
        host.script("PIXELS").run(host.processing(SOURCE), "{}")
    assert str(caught.value) == caught.value.detail == vars(caught.value)["detail"]
    assert str(caught.value).startswith("PIXELS: exemplars: is missing, expected ")
    assert vars(caught.value)["status_code"] == 422
