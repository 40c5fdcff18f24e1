"""The request: one table of fields, JSON in and out, the schema, and an error for everything that is wrong."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from helpers.images import gray_map, noise_image
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.fields import REQUIRED, Boolean, Choice, Field, Group, GroupList, ImageField, Number, fields_of
from pixels_ext.imaging.images import image_from_base64, image_to_data_url
from pixels_ext.request import EditRequest, Exemplar, Placement, Shaping, from_json, json_schema, to_json
from pixels_ext.request.summary import compact_json

IMAGE, MAP = image_to_data_url(noise_image(1, (8, 8))), image_to_data_url(gray_map(1, (8, 8)))
PLAIN: dict[str, Any] = {"exemplars": [{"image": IMAGE, "edit_map": MAP}]}


def parse(data: object) -> EditRequest:
    return from_json(data, image_from_base64)


def values(field: Field) -> st.SearchStrategy[Any]:
    """Acceptable JSON values of a field, made from its declaration."""
    match field:
        case Choice():
            return st.sampled_from([*field.choices, *([None] if field.optional else [])])
        case Number():
            return st.floats(field.minimum, field.maximum)
        case Boolean():
            return st.booleans()
        case ImageField():
            return st.sampled_from([IMAGE, MAP])
        case Group():
            return objects(field.model)
        case GroupList():
            return st.lists(objects(field.model), min_size=field.minimum, max_size=3)
    raise AssertionError(field)


def objects(model: type) -> st.SearchStrategy[dict[str, Any]]:
    required = {name: values(field) for name, field in fields_of(model) if _is_required(field)}
    optional = {name: values(field) for name, field in fields_of(model) if not _is_required(field)}
    made = st.fixed_dictionaries(required, optional=optional)
    if model is Shaping:
        return made.filter(lambda d: d.get("black_point", 0.02) < d.get("white_point", 0.98))
    return made


def _is_required(field: Field) -> bool:
    return field.default is REQUIRED and not isinstance(field, Group)


@given(objects(EditRequest))
def test_any_acceptable_request_goes_in_and_comes_out(data: dict[str, Any]) -> None:
    request = parse(data)
    out = to_json(request, image_to_data_url)
    assert parse(out) == request
    jsonschema.validate(data, json_schema())
    jsonschema.validate(out, json_schema())


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


def test_the_names_of_the_design_are_accepted() -> None:
    text = """{"exemplars": [{"image": "P", "edit_map": "M"},
                   {"image": "P", "edit_map": "M", "threshold": "log",
                    "placement": {"fit": "contain", "x": 0.5, "y": 0.5, "scale": 1.0, "rotation": 0, "flip": false}}],
     "threshold": "linear", "mode": "single-pass", "keep_white": false}"""
    request = parse(json.loads(text.replace('"P"', f'"{IMAGE}"').replace('"M"', f'"{MAP}"')))
    assert request.exemplars[1].threshold == "log"
    assert request.exemplars[0].threshold is None
    assert request.exemplars[1].placement.fit == "contain"


def test_everything_not_given_has_a_default() -> None:
    request = parse(PLAIN)
    assert request.threshold == "linear"
    assert request.exemplars[0].placement == Placement()
    assert request.exemplars[0].shaping == Shaping()


def change(path: str, value: object) -> Callable[[dict[str, Any]], object]:
    def changed(data: dict[str, Any]) -> object:
        target: Any = data
        *way, last = [int(p) if p.isdigit() else p for p in path.replace("[", ".").replace("]", "").split(".")]
        for part in way:
            target = target.setdefault(part, {}) if isinstance(part, str) else target[part]
        target[last] = value
        return data

    return changed


WRONG: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda _: None, "request: None (expected an object with the fields exemplars, threshold, mode, "),
    (lambda _: [], "request: [] (expected an object"),
    (lambda _: {}, "exemplars: missing (expected a list of 1 to 32 objects)."),
    (change("exemplars", []), "exemplars: 0 entries (expected a list of 1 to 32 objects)."),
    (change("exemplars", None), "exemplars: None (expected a list"),
    (change("exemplars", {}), "exemplars: {} (expected a list"),
    (change("exemplars", "x"), "exemplars: 'x' (expected a list"),
    (change("exemplars", PLAIN["exemplars"] * 33), "exemplars: 33 entries (expected a list of 1 to 32 objects)."),
    (change("exemplars[0]", None), "exemplars[0]: None (expected an object with the fields image, edit_map, "),
    (
        change("exemplars", [{"edit_map": MAP}]),
        "exemplars[0].image: missing (expected an image as base64 or data URL).",
    ),
    (change("exemplars", [{"image": IMAGE}]), "exemplars[0].edit_map: missing (expected an image as base64"),
    (change("exemplars[0].image", None), "exemplars[0].image: None (expected an image as base64"),
    (change("exemplars[0].image", 3), "exemplars[0].image: 3 (expected an image as base64"),
    (change("exemplars[0].image", ""), "exemplars[0].image: empty (expected an image as base64"),
    (change("exemplars[0].image", "no base64!"), "exemplars[0].image: not base64 (expected an image"),
    (change("exemplars[0].image", "aGVsbG8="), "exemplars[0].image: cannot be read: "),
    (change("exemplars[0].image", IMAGE[:-200]), "exemplars[0].image: "),
    (
        change("exemplars[0].edit_map", 3),
        "exemplars[0].edit_map: 3 (expected an image as base64 or data URL, an ob",
    ),
    (change("exemplars[0].edit_map", []), "exemplars[0].edit_map: [] (expected an image as base64 or data URL, an"),
    (change("exemplars[0].edit_map", {}), "exemplars[0].edit_map.type: missing (expected one of: image, inpaint"),
    (
        change("exemplars[0].edit_map", {"type": "lines"}),
        "exemplars[0].edit_map.type: 'lines' (expected one of: image, inpaint_mask, transparency, shape, ",
    ),
    (
        change("exemplars[0].edit_map", {"type": "linear", "start": 1}),
        "exemplars[0].edit_map.start: an unknown field (expected one of: start_x, start_y, end_x, end_y).",
    ),
    (
        change("exemplars[0].edit_map", {"type": "linear", "start_x": 0.7}),
        "exemplars[0].edit_map.end_x: the start point, as end_y is (expected another point than the start).",
    ),
    (
        change("exemplars[0].edit_map", {"type": "radial", "inner": 0.5}),
        "exemplars[0].edit_map.outer: 0.5 (expected a number above inner (0.5)).",
    ),
    (
        change("exemplars[0].edit_map", {"type": "brightness", "posterize": 1}),
        "exemplars[0].edit_map.posterize: 1 (expected 0, or a whole number from 2 to 32).",
    ),
    (
        change("exemplars[0].edit_map", {"type": "text"}),
        "exemplars[0].edit_map.prompt: missing (expected text that is not empty).",
    ),
    (
        change("exemplars[0].edit_map", {"type": "text", "prompt": " , ,"}),
        "exemplars[0].edit_map.prompt: names 0 things (expected from 1 to 16).",
    ),
    (
        change("exemplars[0].edit_map", {"type": "text", "prompt": "x" * 501}),
        "exemplars[0].edit_map.prompt: 501 characters (expected at most 500).",
    ),
    (
        change("exemplars[0].edit_map", {"type": "shape"}),
        "exemplars[0].edit_map.image: missing (expected an image of the shape, or another choice for shape_of).",
    ),
    (
        change("exemplars[0].edit_map", {"type": "image", "image": "no base64!"}),
        "exemplars[0].edit_map.image: not base64 (expected an image",
    ),
    (change("exemplars[0].second_map", {"type": 1}), "exemplars[0].second_map.type: 1 (expected one of: image"),
    (change("white_means", "black"), "white_means: 'black' (expected one of: source, exemplar)."),
    (
        change("exemplars[0].threshold", "logarithm"),
        "exemplars[0].threshold: 'logarithm' (expected one of: linear, ",
    ),
    (change("exemplars[0].placement", None), "exemplars[0].placement: None (expected an object"),
    (
        change("exemplars[0].placement.scale", 0),
        "exemplars[0].placement.scale: 0 (expected a number from 0.01 to 20).",
    ),
    (change("exemplars[0].placement.scale", "1"), "exemplars[0].placement.scale: '1' (expected a number"),
    (change("exemplars[0].placement.scale", True), "exemplars[0].placement.scale: True (expected a number"),
    (change("exemplars[0].placement.x", math.nan), "exemplars[0].placement.x: nan (expected a number"),
    (change("exemplars[0].placement.y", -math.inf), "exemplars[0].placement.y: -inf (expected a number"),
    (change("exemplars[0].placement.rotation", 10**400), "exemplars[0].placement.rotation: 1000"),
    (change("exemplars[0].placement.fit", "fill"), "exemplars[0].placement.fit: 'fill' (expected one of: cover,"),
    (change("exemplars[0].placement.flip", 1), "exemplars[0].placement.flip: 1 (expected true or false)."),
    (
        change("exemplars[0].placement.zoom", 1),
        "exemplars[0].placement.zoom: an unknown field (expected one of: fit,",
    ),
    (change("exemplars[0].shaping.blur", -1), "exemplars[0].shaping.blur: -1 (expected a number from 0 to 25)."),
    (
        change("exemplars[0].shaping.black_point", 0.99),
        "exemplars[0].shaping.white_point: 0.98 (expected a number abo",
    ),
    (change("threshold", None), "threshold: None (expected one of: linear, log, cubic, quadratic, sigmoid)."),
    (change("threshold", ["log"]), "threshold: ['log'] (expected one of"),
    (change("mode", "Single-Pass"), "mode: 'Single-Pass' (expected one of: single-pass, iterative)."),
    (change("keep_white", "yes"), "keep_white: 'yes' (expected true or false)."),
    (change("treshold", "log"), "treshold: an unknown field (expected one of: exemplars, threshold,"),
]


@pytest.mark.parametrize(("spoil", "message"), WRONG, ids=[message[:50] for _, message in WRONG])
def test_wrong_requests_get_one_sentence(spoil: Callable[[dict[str, Any]], object], message: str) -> None:
    with pytest.raises(RequestError) as raised:
        parse(spoil(copy.deepcopy(PLAIN)))
    text = str(raised.value)
    assert text.startswith(message)
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 400


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(["exemplars", "exemplars[0]", "exemplars[0].image", "exemplars[0].placement.x", "mode"]),
    json_values,
)
def test_whatever_stands_in_a_field_is_either_accepted_or_refused_by_name(path: str, value: object) -> None:
    try:
        parse(change(path, value)(copy.deepcopy(PLAIN)))
    except RequestError as error:
        assert error.path.startswith(path)  # noqa: PT017


def test_python_is_checked_like_json() -> None:
    with pytest.raises(RequestError, match=r"^scale: -1 \(expected a number from 0.01 to 20\)\.$"):
        Placement(scale=-1)
    with pytest.raises(RequestError, match=r"^image: 'a\.png' \(expected an image"):
        Exemplar(image="a.png", edit_map=gray_map(1))  # type: ignore[arg-type]
    with pytest.raises(RequestError, match=r"^edit_map: an empty image \(0x4\)"):
        Exemplar(image=noise_image(1), edit_map=Image.new("L", (0, 4)))
    with pytest.raises(RequestError, match=r"^exemplars: 0 entries"):
        EditRequest(exemplars=())


def test_the_summary_has_hashes_for_images_and_only_what_was_changed() -> None:
    data = {**PLAIN, "threshold": "log"}
    told = json.loads(compact_json(parse(data)))
    assert set(told) == {"exemplars", "threshold"}
    assert set(told["exemplars"][0]) == {"image", "edit_map"}
    assert told["exemplars"][0]["image"].startswith("sha256:")
    other = json.loads(compact_json(parse({"exemplars": [{"image": MAP, "edit_map": MAP}]})))
    assert other["exemplars"][0]["image"] != told["exemplars"][0]["image"]
