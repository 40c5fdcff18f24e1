"""PIXELS under the host's other scripts."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from helpers.base64_images import as_text
from PIL import Image

from .webui_client import (
    AXIS,
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

SOURCE, EXEMPLAR, OTHER = sample_image(1), sample_image(2), sample_image(3, (96, 160))
BLACK = by_alwayson(request(exemplar(EXEMPLAR, plain_map(0))))
SIDEWAYS = left_to_right().point(lambda gray: max(0, 2 * gray - 255))
DOWNWARDS = SIDEWAYS.rotate(-90)
EDIT = request(exemplar(EXEMPLAR, SIDEWAYS, threshold="log"), exemplar(OTHER, DOWNWARDS))


def half_transparent(image: Image.Image) -> Image.Image:
    image = image.convert("RGBA")
    image.putalpha(image.getchannel("R").rotate(90))
    return image


NUMBERS = {
    "Position x": (0.25, 0.75),
    "Position y": (0.25, 0.75),
    "Scale": (0.5, 1.5),
    "Rotation": (45, 90),
    "Black point": (0, 0.3),
    "White point": (0.6, 1),
    "Grow": (-10, 10),
    "Blur": (2, 10),
    "Gamma": (0.5, 2),
    "Limit the change": (0.5, 1),
    "Start x": (-0.5, 0.3),
    "Start y": (0.2, 1),
    "End x": (0.6, 2),
    "End y": (0, 1),
    "Center x": (0.2, 0.8),
    "Center y": (0.2, 0.8),
    "Inner radius": (0, 0.4),
    "Outer radius": (0.3, 1),
    "Posterize": (2, 4),
    "Maximum difference": (20, 80),
    "Smoothing": (0, 10),
    "Offset": (-10, 10),
    "Feather": (0, 20),
}
MAPS: dict[str, dict[str, Any]] = {
    "image": {"image": as_text(half_transparent(left_to_right()))},
    "shape": {"image": as_text(left_to_right())},
}
"""Fields that a map needs in addition to its type."""
NEED_MODELS = ("depth", "text")


def swept_fields(host: WebUI) -> dict[str, tuple[list[str], dict[str, Any]]]:
    """The label of each axis, to the path of its field in a request and the field's schema."""
    schema = host.call("/pixels/v1/schema").body
    found: dict[str, tuple[list[str], dict[str, Any]]] = {}

    def walk(properties: dict[str, Any], above: list[str], label: str) -> None:
        for name, field in properties.items():
            if field.get("type") == "array":
                walk(field["items"]["properties"], [*above, name], f"{AXIS}Exemplars: ")
            elif field.get("type") == "object" and not field.get("x-needs"):
                walk(field["properties"], [*above, name], label)
            elif ("type" in field and field["type"] not in ("string", "object")) or "enum" in field:
                found[label + field["title"]] = ([*above, name], field)

    walk(schema["properties"], [], AXIS)
    return found


def fields_of_maps(host: WebUI) -> dict[str, tuple[dict[str, Any], str, dict[str, Any]]]:
    """The label of each axis of generated maps, to such a map, the name of its field and the field's schema."""
    edit_map = host.call("/pixels/v1/schema").body["properties"]["exemplars"]["items"]["properties"]["edit_map"]
    found: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {}
    for spec in edit_map["anyOf"]:
        for name, field in spec.get("properties", {}).items():
            map_type = spec["properties"]["type"]["const"]
            if name != "type" and "contentMediaType" not in field and "anyOf" not in field:
                generated = {"type": map_type, **MAPS.get(map_type, {})}
                found.setdefault(f"{AXIS}Exemplars: Map: {field['title']}", (generated, name, field))
    return found


def values_of(field: dict[str, Any]) -> list[Any]:
    if "enum" in field:
        return [choice for choice in field["enum"] if choice]
    return [False, True] if field["type"] == "boolean" else list(NUMBERS[field["title"]])


def with_map(edit_map: dict[str, Any]) -> dict[str, Any]:
    """`EDIT` with generated maps."""
    return {**EDIT, "exemplars": [{**each, "edit_map": edit_map} for each in EDIT["exemplars"]]}


def with_field(path: list[str], value: Any, base: dict[str, Any] = EDIT) -> dict[str, Any]:
    """`base` with a field set, for all exemplars if it is theirs."""
    edit = copy.deepcopy(base)
    for owner in edit["exemplars"] if path[0] == "exemplars" else [edit]:
        *above, last = path[1:] if path[0] == "exemplars" else path
        for name in above:
            owner = owner.setdefault(name, {})
        owner[last] = value
    return edit


def number_of(host: WebUI, axis: str) -> int:
    if not host.axes:
        pytest.skip("axes are counted on the page, and this host has none")
    return host.axes.index(axis)


def sweep(host: WebUI, axis: str, text: str, **fields: Any) -> list[Any]:
    """The cells of an X/Y/Z plot along one axis."""
    args = host.script_args(
        "x/y/z plot",
        x_type=number_of(host, axis),
        x_values=text,
        y_type=0,
        z_type=0,
        draw_legend=False,
        include_sub_images=True,
        use_text_inputs=True,
    )
    body = {"steps": 3, "script_name": "x/y/z plot", "script_args": args, **by_alwayson(EDIT), **fields}
    return host.img2img(SOURCE, **body).images[1:]


def alone(host: WebUI, edit: dict[str, Any]) -> Any:
    return host.img2img(SOURCE, steps=3, **by_script(edit)).image


def test_every_cell_of_a_sweep_is_the_image_made_alone(host: WebUI, axis: str) -> None:
    base = copy.deepcopy(EDIT)
    if axis == f"{AXIS}Exemplars used":
        values, edits = ["1", "2"], [{**EDIT, "exemplars": EDIT["exemplars"][:count]} for count in (1, 2)]
    elif axis == f"{AXIS}Field = value":
        values = ["exemplars[1].threshold = cubic", "keep_white=true", "exemplars[0].shaping.blur = 5"]
        edits = [copy.deepcopy(EDIT) for _ in values]
        edits[0]["exemplars"][1]["threshold"] = "cubic"
        edits[1]["keep_white"] = True
        edits[2]["exemplars"][0]["shaping"] = {"blur": 5}
    elif axis == f"{AXIS}Exemplars: Map: Edit map type":
        values, edits = ["linear", "radial"], [with_map({"type": name}) for name in ("linear", "radial")]
    elif axis in fields_of_maps(host):
        edit_map, name, field = fields_of_maps(host)[axis]
        if edit_map["type"] in NEED_MODELS:
            pytest.skip("needs a model")
        base = with_map(edit_map)
        edits = [with_map({**edit_map, name: value}) for value in values_of(field)][:2]
        values = [str(value).lower() for value in values_of(field)][:2]
    else:
        path, field = swept_fields(host)[axis]
        if axis.endswith("Combine maps by"):
            base["exemplars"] = [{**each, "second_map": {"type": "linear"}} for each in EDIT["exemplars"]]
        edits = [with_field(path, value, base) for value in values_of(field)]
        values = [str(value).lower() for value in values_of(field)]
    cells = sweep(host, axis, ", ".join(values), **by_alwayson(base))
    images = [alone(host, edit) for edit in edits]
    assert len(cells) == len(images)
    for cell, single in zip(cells, images, strict=True):
        assert difference(cell, single) <= 1
    assert max(difference(cells[0], cell) for cell in cells) > 1


def test_every_field_that_can_be_swept_has_one_axis(host: WebUI) -> None:
    if not host.axes:
        pytest.skip("this host has no page")
    wanted = [*swept_fields(host), *fields_of_maps(host)]
    wanted += [AXIS + name for name in ("Exemplars used", "Field = value", "Exemplars: Map: Edit map type")]
    assert sorted(host.our_axes) == sorted(set(wanted) - {f"{AXIS}Also run under other scripts"})


def test_a_sweep_over_two_axes_has_a_cell_for_each_pair(host: WebUI) -> None:
    args = host.script_args(
        "x/y/z plot",
        x_type=number_of(host, f"{AXIS}Exemplars used"),
        x_values="1, 2",
        y_type=number_of(host, f"{AXIS}Exemplars: Blur"),
        y_values="0, 8",
        z_type=0,
        draw_legend=False,
        include_sub_images=True,
    )
    answer = host.img2img(SOURCE, steps=3, script_name="x/y/z plot", script_args=args, **by_alwayson(EDIT))
    cells = answer.images[1:]
    assert len(cells) == 4
    for number, cell in enumerate(cells):
        edit = with_field(["exemplars", "shaping", "blur"], (0, 8)[number // 2])
        edit["exemplars"] = edit["exemplars"][: number % 2 + 1]
        assert difference(cell, alone(host, edit)) <= 1


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("Exemplars: Scale", "0"),
        ("Threshold", "square"),
        ("Keep white pixels", "perhaps"),
        ("Field = value", "mode"),
    ],
)
def test_a_bad_value_on_an_axis_is_refused(host: WebUI, label: str, text: str) -> None:
    args = host.script_args(
        "x/y/z plot", x_type=number_of(host, AXIS + label), x_values=text, y_type=0, z_type=0, use_text_inputs=True
    )
    answer = host.img2img(SOURCE, steps=3, script_name="x/y/z plot", script_args=args, **by_alwayson(EDIT))
    assert (answer.status, answer.reason.startswith("PIXELS: ")) == (422, True), answer.reason[:300]


@pytest.mark.parametrize(
    ("label", "text"), [("Exemplars used", "1, 3"), ("Field = value", "mode = iterative, exemplars[5].threshold = log")]
)
def test_what_only_a_cell_can_refuse_leaves_that_cell_empty(host: WebUI, label: str, text: str) -> None:
    good, refused = sweep(host, AXIS + label, text)
    assert (good.std() > 8, refused.std() == 0) == (True, True)


def test_loopback_edits_every_time(host: WebUI) -> None:
    args = host.script_args("loopback", loops=3, final_denoising_strength=0.8)
    answer = host.img2img(SOURCE, steps=2, script_name="loopback", script_args=args, **BLACK).images[-3:]
    for number, each in enumerate(answer):
        assert difference(each, host.img2img(EXEMPLAR, steps=2, seed=5 + number).image) <= 1


def test_prompt_matrix_edits_every_cell(host: WebUI) -> None:
    args = host.script_args("prompt matrix")
    body = {"script_name": "prompt matrix", "script_args": args, "steps": 2, "prompt": "a|b"}
    edited, plain = host.img2img(SOURCE, **body, **BLACK).images, host.img2img(EXEMPLAR, **body).images
    assert len(edited) == len(plain) == 3
    for one, other in zip(edited[1:], plain[1:], strict=True):
        assert difference(one, other) <= 1


def test_prompts_from_file_edit_every_line(host: WebUI) -> None:
    name = "prompts from file or textbox"
    body = {"script_name": name, "script_args": host.script_args(name, list_of="a b\nb --steps 3"), "steps": 2}
    edited, plain = host.img2img(SOURCE, **body, **BLACK).images, host.img2img(EXEMPLAR, **body).images
    assert len(edited) == len(plain) == 2
    for one, other in zip(edited, plain, strict=True):
        assert difference(one, other) <= 1


@pytest.mark.parametrize("name", ["sd upscale", "outpainting mk2", "poor man's outpainting"])
def test_scripts_that_cut_or_extend_the_image_are_refused(host: WebUI, name: str) -> None:
    if not host.has_script(name):
        pytest.skip("this host has no such script")
    fewer = {} if name == "sd upscale" else {"pixels_to_expand": 16}
    args = [0 if value == "None" else value for value in host.script_args(name, **fewer)]  # "Upscaler" is a number
    answer = host.img2img(SOURCE, steps=2, script_name=name, script_args=args, **BLACK)
    assert answer.status == 422
    assert answer.reason.startswith("PIXELS: script: ")
    assert host.img2img(SOURCE, steps=2).status == 200
