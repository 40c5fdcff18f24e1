"""The API: both entry points, the schema, and what is refused."""

from __future__ import annotations

import copy
import json
import os
from base64 import b64encode
from typing import Any

import pytest
from helpers.base64_images import as_text
from helpers.malformed_inputs import field_rows
from PIL import Image

from pixels_ext import __version__

from .webui_client import (
    WebUI,
    by_alwayson,
    by_script,
    difference,
    exemplar,
    left_to_right,
    plain_map,
    request,
    sample_image,
)

SOURCE, EXEMPLAR = sample_image(1), sample_image(2)
EDIT = request(exemplar(EXEMPLAR, left_to_right()), threshold="log", keep_white=True)


def changed(path: str, value: Any) -> dict[str, Any]:
    """`EDIT` with the field at `path` (dots between names and numbers) set to `value`."""
    edit = copy.deepcopy(EDIT)
    *above, last = path.split(".")
    owner: Any = edit
    for name in above:
        owner = owner[int(name)] if name.isdigit() else owner.setdefault(name, {})
    owner[last] = value
    return edit


def test_nothing_is_refused_by_script_name_and_leaves_alwayson_alone(host: WebUI) -> None:
    for nothing in ([], [None], [""]):
        answer = host.img2img(SOURCE, script_name="pixels", script_args=nothing)
        assert (answer.status, "script_args[0]: empty" in answer.reason) == (422, True)
    plain = host.img2img(SOURCE).image
    for nothing in ([], [None], [""]):
        answer = host.img2img(SOURCE, alwayson_scripts={"pixels": {"args": nothing}})
        assert difference(answer.image, plain) <= 1


def test_both_entry_points_at_once_are_refused(host: WebUI) -> None:
    answer = host.img2img(SOURCE, **by_script(EDIT), **by_alwayson(EDIT))
    assert (answer.status, "alwayson_scripts.pixels" in answer.reason) == (422, True)


def test_both_entry_points_give_the_same_image(host: WebUI) -> None:
    one, other = host.img2img(SOURCE, **by_script(EDIT)), host.img2img(SOURCE, **by_alwayson(EDIT))
    assert difference(one.image, other.image) <= 1
    assert one.info["infotexts"] == other.info["infotexts"]


def test_the_request_may_be_json_text_and_images_data_urls(host: WebUI) -> None:
    url = changed("exemplars.0.image", "data:image/png;base64," + EDIT["exemplars"][0]["image"])
    plain = host.img2img(SOURCE, **by_script(EDIT)).image
    assert difference(host.img2img(SOURCE, **by_script(url)).image, plain) <= 1
    assert difference(host.img2img(SOURCE, **by_script(json.dumps(EDIT))).image, plain) <= 1


def test_it_is_in_img2img_alone(host: WebUI) -> None:
    scripts = host.call("/sdapi/v1/scripts").body
    assert (scripts["img2img"].count("pixels"), scripts["txt2img"].count("pixels")) == (2, 0)
    ours = [each for each in host.call("/sdapi/v1/script-info").body if each["name"] == "pixels"]
    assert [each["is_alwayson"] for each in ours] == [True, False]
    assert all("request" in each["args"][0]["label"] for each in ours)


def test_the_schema_knows_good_from_bad(host: WebUI) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    check = jsonschema.Draft202012Validator(host.call("/pixels/v1/schema").body)
    check.validate(EDIT)
    for name, data, _ in field_rows():
        if not name.endswith("not a number"):  # which JSON does not have
            assert not check.is_valid(data), name


def test_the_version_is_there(host: WebUI) -> None:
    assert host.call("/pixels/v1/version").body == {"version": __version__}


def strength_of(host: WebUI, image: Any, **fields: Any) -> Any:
    """The suggested strength for `image` over the whole source, with a black map."""
    question = {"request": request(exemplar(image, plain_map(0))), "source": as_text(SOURCE), "width": 128}
    return host.call("/pixels/v1/strength", {**question, "height": 128, **fields})


def test_a_strength_is_suggested_and_grows_with_the_distance(host: WebUI) -> None:
    before = host.img2img(SOURCE, **by_script(EDIT)).image
    same, near, far = (strength_of(host, Image.blend(SOURCE, EXEMPLAR, part)) for part in (0.0, 0.2, 1.0))
    assert [each.status for each in (same, near, far)] == [200] * 3
    print(far.body["reason"])
    assert same.body["squared_distance"] < near.body["squared_distance"] < far.body["squared_distance"]
    assert same.body["required_sigma"] < near.body["required_sigma"] < far.body["required_sigma"]
    assert 0 < near.body["strength"] <= far.body["strength"] <= 1
    assert far.body["within_bound"] == (far.body["sigma"] >= far.body["required_sigma"])
    assert f"strength {far.body['strength']:g} starts at sigma" in far.body["reason"]
    assert difference(host.img2img(SOURCE, **by_script(EDIT)).image, before) <= 1


def test_a_strength_that_cannot_be_suggested_is_refused_in_a_sentence(host: WebUI) -> None:
    for fields, sentence in (
        ({"width": 8}, "PIXELS: width: 8 (expected a whole number from 64 to 4096)."),
        ({"source": "no image!"}, "PIXELS: source: not base64"),
        ({"request": {"exemplars": []}}, "PIXELS: exemplars: 0 entries"),
        ({"request": request(exemplar(EXEMPLAR, plain_map(255)))}, "PIXELS: exemplars: change nothing"),
    ):
        answer = strength_of(host, EXEMPLAR, **fields)
        assert (answer.status, answer.reason.startswith(sentence)) == (422, True), answer.reason


@pytest.mark.parametrize("name", ["schema", "version", "strength"])
def test_the_hosts_password_is_asked_for(host: WebUI, name: str) -> None:
    login = os.environ.get("PIXELS_HOST_AUTH")
    if not login:
        pytest.skip("needs a host under --api-auth, and PIXELS_HOST_AUTH=user:password")
    for word, status in ((None, 401), ("a:b", 401), (login, 200)):
        headers = {} if word is None else {"Authorization": f"Basic {b64encode(word.encode()).decode()}"}
        body = {} if name == "strength" else None  # without a question: refused, but only after the password
        answer = host.call(f"/pixels/v1/{name}", body, headers=headers)
        assert answer.status == (422 if body is not None and status == 200 else status)


def test_starting_takes_little_time(host: WebUI) -> None:
    answer = host.call("/internal/profile-startup")
    if answer.status != 200:
        pytest.skip("this host has no startup profile")
    print("load scripts/pixels.py", answer.body["records"].get("load scripts/pixels.py"))
    assert answer.body["records"]["load scripts/pixels.py"] < 0.05
