"""X/Y/Z plot axes: one for every field where a sweep makes sense, and each cell is the image made alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fake_webui.host import Host
from fake_webui.images import exemplar, furthest, ramp, request, smooth, some_request, uniform
from helpers.base64_images import as_text
from PIL import Image

from pixels_ext.fields import Field, ImageField, fields_of
from pixels_ext.maps import MAP_TYPES

pytest_plugins = ["fake_webui.fixtures"]

SOURCE = smooth(1)
PREFIX = "[PIXELS] "


def staying(count: int = 2, **fields: Any) -> dict[str, Any]:
    """A request in which every field of an exemplar shows when it is changed."""
    given = some_request(count=count, run_under_scripts=True, **fields)
    for k, each in enumerate(given["exemplars"]):
        each["image"] = as_text(smooth(10 + k, (80, 48)))
        each["shaping"] = {"black_point": 0.1, "white_point": 0.9}
        each["placement"] = {"scale": 0.9, "rotation": 10}
        each["hold"] = 0.6
    return given


def changed(given: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The request with a field set by hand: in every exemplar, or in the edit."""
    if not path.startswith("exemplars[*]."):
        return {**given, path: value}
    *above, name = path.removeprefix("exemplars[*].").split(".")
    if above == ["edit_map"] and name == "type":
        return {**given, "exemplars": [{**each, "edit_map": {"type": value}} for each in given["exemplars"]]}
    exemplars = []
    for each in given["exemplars"]:
        if above:
            exemplars.append({**each, above[0]: {**each[above[0]], name: value}})
        else:
            exemplars.append({**each, name: value})
    return {**given, "exemplars": exemplars}


CELLS: list[tuple[str, str, list[str], list[Any]]] = [
    ("Threshold", "threshold", ["log", "cubic"], ["log", "cubic"]),
    ("Mode", "mode", ["iterative", "single-pass"], ["iterative", "single-pass"]),
    ("Keep white pixels", "keep_white", ["true", "false"], [True, False]),
    ("Smoother gradients at few steps", "substep_release", ["true", "false"], [True, False]),
    ("Exemplars: Threshold", "exemplars[*].threshold", ["sigmoid", "quadratic"], ["sigmoid", "quadratic"]),
    ("Exemplars: Fit", "exemplars[*].placement.fit", ["contain", "original"], ["contain", "original"]),
    ("Exemplars: Position x", "exemplars[*].placement.x", ["0.2", "0.7"], [0.2, 0.7]),
    ("Exemplars: Position y", "exemplars[*].placement.y", ["0.3", "-1"], [0.3, -1.0]),
    ("Exemplars: Scale", "exemplars[*].placement.scale", ["0.5", "2"], [0.5, 2.0]),
    ("Exemplars: Rotation", "exemplars[*].placement.rotation", ["90", "-45"], [90.0, -45.0]),
    ("Exemplars: Flip", "exemplars[*].placement.flip", ["true", "false"], [True, False]),
    ("Exemplars: Invert", "exemplars[*].shaping.invert", ["true", "false"], [True, False]),
    ("Exemplars: Black point", "exemplars[*].shaping.black_point", ["0", "0.5"], [0.0, 0.5]),
    ("Exemplars: White point", "exemplars[*].shaping.white_point", ["0.5", "1"], [0.5, 1.0]),
    ("Exemplars: Grow", "exemplars[*].shaping.grow", ["15", "-15"], [15.0, -15.0]),
    ("Exemplars: Gamma", "exemplars[*].shaping.gamma", ["0.5", "3"], [0.5, 3.0]),
    ("Exemplars: Blur", "exemplars[*].shaping.blur", ["3", "20"], [3.0, 20.0]),
    ("Exemplars: Limit the change", "exemplars[*].shaping.limit", ["0.5", "0.9"], [0.5, 0.9]),
    ("Exemplars: Keep the exemplar", "exemplars[*].hold", ["0.5", "1"], [0.5, 1.0]),
    ("Exemplars: Place up to gray", "exemplars[*].lay_up_to", ["0.3", "0.6"], [0.3, 0.6]),
    ("Exemplars: Seam width", "exemplars[*].seam_width", ["0", "20"], [0.0, 20.0]),
    ("Exemplars: Combine maps by", "exemplars[*].combine", ["union", "soft_union"], ["union", "soft_union"]),
    ("White in map images means", "white_means", ["exemplar", "source"], ["exemplar", "source"]),
    ("Exemplars: Map: Edit map type", "exemplars[*].edit_map.type", ["linear", "radial"], ["linear", "radial"]),
]
OF_MAPS: list[tuple[str, dict[str, Any], str, list[str], list[Any]]] = [
    ("Start x", {"type": "linear"}, "start_x", ["0.2", "-0.5"], [0.2, -0.5]),
    ("Start y", {"type": "linear", "end_y": 1}, "start_y", ["0", "0.9"], [0.0, 0.9]),
    ("End x", {"type": "linear"}, "end_x", ["0.5", "2"], [0.5, 2.0]),
    ("End y", {"type": "linear"}, "end_y", ["0", "1"], [0.0, 1.0]),
    ("Center x", {"type": "radial"}, "center_x", ["0", "1"], [0.0, 1.0]),
    ("Center y", {"type": "radial"}, "center_y", ["0", "1"], [0.0, 1.0]),
    ("Inner radius", {"type": "radial"}, "inner", ["0", "0.4"], [0.0, 0.4]),
    ("Outer radius", {"type": "radial"}, "outer", ["0.3", "2"], [0.3, 2.0]),
    ("Equalize", {"type": "brightness"}, "equalize", ["true", "false"], [True, False]),
    ("Posterize", {"type": "brightness"}, "posterize", ["2", "5"], [2, 5]),
    ("Input", {"type": "brightness"}, "input", ["source", "exemplar"], ["source", "exemplar"]),
    ("Maximum difference", {"type": "difference"}, "max_difference", ["60", "150"], [60.0, 150.0]),
    ("Smoothing", {"type": "difference", "max_difference": 90}, "smoothing", ["0", "25"], [0.0, 25.0]),
    ("Shape of", {"type": "shape", "image": "MAP"}, "shape_of", ["image", "exemplar"], ["image", "exemplar"]),
    ("Offset", {"type": "shape", "image": "MAP"}, "offset", ["10", "-10"], [10.0, -10.0]),
    ("Feather", {"type": "shape", "image": "MAP"}, "feather", ["0", "30"], [0.0, 30.0]),
    ("Channel", {"type": "image", "image": "MAP"}, "channel", ["gray", "alpha"], ["gray", "alpha"]),
]
"""Label, map, field of the map, values."""
WITH_MODELS = ("Prompt", "Confidence")
TEXTS: list[tuple[str, str, Any]] = [
    ("threshold = log", "threshold", "log"),
    ("keep_white=TRUE", "keep_white", True),
    ("exemplars[*].shaping.blur = 12", "exemplars[*].shaping.blur", 12.0),
    (" exemplars[*].placement.fit =contain ", "exemplars[*].placement.fit", "contain"),
    ("exemplars[*].threshold = null", "exemplars[*].threshold", None),
]
NOT_A_FIELD = ("Exemplars used", "Field = value")


def ours(host: Host) -> dict[str, Any]:
    options = host.script("X/Y/Z plot").options
    return {option.label.removeprefix(PREFIX): option for option in options if option.label.startswith(PREFIX)}


def test_every_field_that_can_be_swept_has_one_axis(host: Host) -> None:
    axes = host.module("webui.xyz_axes")
    of_maps = {f"Exemplars: Map: {label}" for label in (*(cell[0] for cell in OF_MAPS), *WITH_MODELS)}
    assert set(ours(host)) == {cell[0] for cell in CELLS} | of_maps | set(NOT_A_FIELD)
    swept = [path for path, _ in axes.sweepable_fields() if ".edit_map." not in path and ".second_" not in path]
    assert sorted(swept) == sorted(cell[1] for cell in CELLS if ".edit_map." not in cell[1])
    assert len({path for path, _ in axes.sweepable_fields()}) == len(list(axes.sweepable_fields()))


def test_fields_of_the_same_name_in_different_maps_are_the_same() -> None:
    """One axis and one flag stand for all of them."""
    fields: dict[str, Field] = {}
    for model in MAP_TYPES:
        for name, field in fields_of(model):
            if not isinstance(field, ImageField):
                assert fields.setdefault(name, field) == field


def test_labels_are_unique_and_only_img2img_has_them(host: Host) -> None:
    labels = [option.label for option in host.script("X/Y/Z plot").options]
    assert len(labels) == len(set(labels))
    txt2img = next(s for s in host.scripts.scripts_txt2img.selectable_scripts if s.title() == "X/Y/Z plot")
    assert not [option for option in txt2img.options if option.label.startswith(PREFIX)]


def test_axes_are_not_doubled_by_a_reload_of_the_page_or_of_the_scripts(host: Host) -> None:
    before = [option.label for option in host.script("X/Y/Z plot").options]
    host.callbacks.before_ui_callback()
    host.module("webui.xyz_axes").add_axes()
    host.callbacks.before_ui_callback()
    module = next(data.module for data in host.scripts.scripts_data if data.module.__name__ == "xyz_grid.py")
    assert len({option.label for option in module.axis_options}) == len(module.axis_options)
    host.start()
    host.fresh()
    assert [option.label for option in host.script("X/Y/Z plot").options] == before


@pytest.mark.parametrize(("label", "path", "texts", "values"), CELLS, ids=[cell[0] for cell in CELLS])
def test_each_cell_is_the_image_made_alone(
    host: Host, label: str, path: str, texts: list[str], values: list[Any]
) -> None:
    given = staying()
    if label == "Exemplars: Combine maps by":
        for each in given["exemplars"]:
            each["second_map"] = {"type": "linear", "start_x": -0.5, "end_x": 0.8}
    cells = host.xy(SOURCE, given, PREFIX + label, texts).images
    alone = [host.edit(SOURCE, changed(given, path, value)).image for value in values]
    assert [furthest(*pair) for pair in zip(cells, alone, strict=True)] == [0, 0]
    assert furthest(*alone) > 1


@pytest.mark.parametrize(("label", "edit_map", "name", "texts", "values"), OF_MAPS, ids=[cell[0] for cell in OF_MAPS])
def test_each_cell_of_a_made_map_is_the_image_made_alone(
    host: Host, label: str, edit_map: dict[str, Any], name: str, texts: list[str], values: list[Any]
) -> None:
    mark = as_text(half_transparent(ramp()))
    edit_map = {key: mark if value == "MAP" else value for key, value in edit_map.items()}
    given = staying()
    given["exemplars"] = [{**each, "edit_map": edit_map} for each in given["exemplars"]]
    cells = host.xy(SOURCE, given, f"{PREFIX}Exemplars: Map: {label}", texts).images
    alone = []
    for value in values:
        exemplars = [{**each, "edit_map": {**edit_map, name: value}} for each in given["exemplars"]]
        alone.append(host.edit(SOURCE, {**given, "exemplars": exemplars}).image)
    assert [furthest(*pair) for pair in zip(cells, alone, strict=True)] == [0, 0]
    assert furthest(*alone) > 1


def half_transparent(image: Image.Image) -> Image.Image:
    image = image.convert("RGBA")
    image.putalpha(image.getchannel("R").rotate(90))
    return image


@pytest.mark.parametrize("text", [True, False])
def test_choices_are_offered_and_can_be_chosen_from_the_list(host: Host, text: bool) -> None:
    axes = ours(host)
    assert axes["Mode"].choices() == ["single-pass", "iterative"]
    assert axes["Exemplars: Flip"].choices() == ["true", "false"]
    assert axes["Threshold"].choices() == axes["Exemplars: Threshold"].choices()
    chosen = {cell[0] for cell in CELLS if isinstance(cell[3][0], str | bool)}
    chosen |= {f"Exemplars: Map: {cell[0]}" for cell in OF_MAPS if isinstance(cell[4][0], str | bool)}
    assert {label for label, axis in axes.items() if axis.choices} == chosen
    given = staying()
    cells = host.xy(SOURCE, given, f"{PREFIX}Threshold", ["log", "cubic"], text=text).images
    alone = [host.edit(SOURCE, {**given, "threshold": value}).image for value in ("log", "cubic")]
    assert [furthest(*pair) for pair in zip(cells, alone, strict=True)] == [0, 0]


def test_exemplars_used_are_the_first_ones(host: Host) -> None:
    given = staying(3)
    cells = host.xy(SOURCE, given, f"{PREFIX}Exemplars used", ["1", "2", "3"]).images
    for count, cell in enumerate(cells, 1):
        alone = host.edit(SOURCE, {**given, "exemplars": given["exemplars"][:count]}).image
        assert furthest(cell, alone) == 0


@pytest.mark.parametrize(("text", "path", "value"), TEXTS)
def test_any_field_can_be_swept_as_text(host: Host, text: str, path: str, value: Any) -> None:
    given = changed(staying(), "exemplars[*].threshold", "sigmoid") if value is None else staying()
    cell = host.xy(SOURCE, given, f"{PREFIX}Field = value", [text]).image
    assert furthest(cell, host.edit(SOURCE, changed(given, path, value)).image) == 0
    assert furthest(cell, host.edit(SOURCE, given).image) > 0


def test_a_range_that_ends_at_the_limit_can_be_swept(host: Host) -> None:
    """The hosts make 1.0000000000000002 of the end of 0.2-1 (+0.1)."""
    values = [str(value) for value in np.arange(0.2, 1 + 0.1, 0.1)[-2:]]
    assert float(values[1]) > 1
    given = staying()
    cells = host.xy(SOURCE, given, f"{PREFIX}Exemplars: Limit the change", values).images
    assert furthest(cells[1], host.edit(SOURCE, given).image) == 0
    assert furthest(*cells) > 0


@pytest.mark.parametrize("words", ["true", "7", "null"])
@pytest.mark.parametrize("by", ["Exemplars: Map: Prompt", "Field = value"])
def test_what_is_looked_for_may_look_like_another_kind_of_value(host: Host, by: str, words: str) -> None:
    option, p = ours(host)[by], host.processing(SOURCE)
    p.script_args[host.script("PIXELS", alwayson=True).args_from] = staying()
    value = words if by != "Field = value" else f"exemplars[*].edit_map.prompt = {words}"
    option.confirm(p, [value])
    option.apply(p, value, [value])
    given = host.module("webui.xyz_axes").apply_axis_values(p, {"exemplars": [{"edit_map": {"type": "text"}}]})
    assert given["exemplars"][0]["edit_map"]["prompt"] == words


def test_one_exemplar_s_field_can_be_swept_as_text(host: Host) -> None:
    given = staying()
    texts = [f"exemplars[1].shaping.grow = {value}" for value in (0, 20)]
    cells = host.xy(SOURCE, given, f"{PREFIX}Field = value", texts).images
    given["exemplars"][1]["shaping"]["grow"] = 20
    assert furthest(cells[1], host.edit(SOURCE, given).image) == 0
    assert furthest(*cells) > 1


def test_two_axes_go_together(host: Host) -> None:
    given, labels = staying(), [option.label for option in host.script("X/Y/Z plot").options]
    x = [labels.index(f"{PREFIX}Threshold"), "log, cubic", []]
    y = [labels.index(f"{PREFIX}Exemplars: Blur"), "1, 9", []]
    cells = host.under("X/Y/Z plot", SOURCE, given, *x, *y, True).images
    for cell, (blur, threshold) in zip(cells, [(b, t) for b in (1, 9) for t in ("log", "cubic")], strict=True):
        alone = changed({**given, "threshold": threshold}, "exemplars[*].shaping.blur", blur)
        assert furthest(cell, host.edit(SOURCE, alone).image) == 0


def test_a_sweep_through_the_api_is_the_sweep_on_the_page(host: Host) -> None:
    given, labels = some_request(count=2), [option.label for option in host.script("X/Y/Z plot").options]
    values = [labels.index(f"{PREFIX}Threshold"), "log,cubic", [], 0, "", [], True]
    alwayson = {"pixels": {"args": [given]}}
    answer = host.img2img(SOURCE, script_name="x/y/z plot", script_args=values, alwayson_scripts=alwayson)
    alone = [host.edit(SOURCE, {**given, "threshold": value}).image for value in ("log", "cubic")]
    assert [furthest(*pair) for pair in zip(answer.images, alone, strict=True)] == [0, 0]
    assert '\\"threshold\\":\\"log\\"' in answer.infotexts[0]
    assert '\\"threshold\\":\\"cubic\\"' in answer.infotexts[1]


BAD = [
    ("Threshold", ["linear", "linnear"], r"\[PIXELS\] Threshold: 'linnear' \(expected one of"),
    ("Exemplars: Scale", ["1", "0"], r"\[PIXELS\] Exemplars: Scale: 0.0 \(expected a number from 0.01 to 20"),
    ("Exemplars: Blur", ["nan"], r"\[PIXELS\] Exemplars: Blur: nan"),
    ("Exemplars: Flip", ["true", "perhaps"], r"\[PIXELS\] Exemplars: Flip: 'perhaps' \(expected true or false"),
    ("Exemplars used", ["1", "0"], r"\[PIXELS\] Exemplars used: 0 \(expected"),
    ("Exemplars used", ["1", "33"], r"\[PIXELS\] Exemplars used: 33 \(expected"),
    ("Field = value", ["threshold"], r"\[PIXELS\] Field = value: 'threshold' \(expected a field and its value"),
    ("Field = value", ["= 3"], r": names no field"),
    ("Field = value", ["threshold = log", "threshhold = log"], r"threshhold: names no field \(expected one of"),
    ("Field = value", ["threshold = linnear"], r"threshold: 'linnear' \(expected one of"),
    ("Field = value", ["exemplars[0].shaping.blur = soft"], r"exemplars\[0\]\.shaping\.blur: 'soft' \(expected a n"),
    ("Field = value", ["exemplars[0].shaping.blur = 99"], r"exemplars\[0\]\.shaping\.blur: 99 \(expected a num"),
    ("Field = value", ["exemplars[0].shaping = 1"], r"exemplars\[0\]\.shaping: not the path of a single value"),
    ("Field = value", ["exemplars[0].image = x"], r"exemplars\[0\]\.image: an image, or not a field that can be swept"),
    ("Field = value", ["run_under_scripts = false"], r"run_under_scripts: an image, or not a field that can be swept"),
    ("Field = value", ["exemplars[40].shaping.blur = 1"], r"exemplars\[40\]\.shaping\.blur: names entry 40"),
    ("Field = value", ["exemplars.shaping.blur = 1"], r"exemplars\.shaping\.blur: not the path of a single value"),
]


@pytest.mark.parametrize(("label", "values", "message"), BAD)
def test_a_bad_value_is_refused_before_any_image_is_made(
    host: Host, label: str, values: list[str], message: str
) -> None:
    """What is raised in a cell, X/Y/Z plot prints, and leaves the cell black."""
    refused = host.module("webui.http_errors").BadRequest
    with pytest.raises(refused, match=message):
        host.xy(SOURCE, staying(), PREFIX + label, values)
    assert host.model.calls == []


def test_a_value_that_only_the_request_shows_to_be_wrong_is_refused_in_its_cell(host: Host) -> None:
    """A number alone does not show whether that exemplar exists. The cell stays empty, the others are made."""
    given = staying(2)
    cells = host.xy(SOURCE, given, f"{PREFIX}Exemplars used", ["1", "3"]).images
    assert furthest(cells[1], Image.new("RGB", (64, 64))) == 0
    assert furthest(cells[0], cells[1]) > 8
    message, error = host.errors.reported.pop()
    assert message == "cell"
    assert "PIXELS: [PIXELS] Exemplars used: 3 (expected a number from 1 to 2)." in str(error)


def test_a_sweep_leaves_nothing_behind(host: Host) -> None:
    given = request(exemplar(smooth(2), ramp()), run_under_scripts=True)
    before = host.under("Loopback", SOURCE, given, 1).image
    host.xy(SOURCE, given, f"{PREFIX}Threshold", ["log"])
    assert furthest(host.under("Loopback", SOURCE, given, 1).image, before) == 0


PLAIN = [
    None,
    request(exemplar(smooth(2), uniform(0))),
    {"run_under_scripts": "yes", **request(exemplar(smooth(2), uniform(0)))},
    "Euler a",
]


@pytest.mark.parametrize("in_panel", PLAIN, ids=["nothing", "run_under_scripts off", "not a Boolean", "foreign"])
@pytest.mark.parametrize(("label", "value"), [("Threshold", "log"), ("Field = value", "threshold = log")])
def test_a_sweep_over_our_axes_that_edits_nothing_is_refused(host: Host, label: str, value: str, in_panel: Any) -> None:
    """Its cells would be one plain image, under labels that claim otherwise."""
    refused = host.module("webui.http_errors").BadRequest
    with pytest.raises(refused, match=r"^PIXELS: \[PIXELS\] .* swept, but .* \(expected “Also run"):
        host.xy(SOURCE, in_panel, f"{PREFIX}{label}", [value])
    assert host.model.calls == []


def test_by_api_too(host: Host) -> None:
    labels = [option.label for option in host.script("X/Y/Z plot").options]
    values = [labels.index(f"{PREFIX}Threshold"), "log,cubic", [], 0, "", [], True]
    answer = host.img2img(SOURCE, script_name="x/y/z plot", script_args=values)
    assert answer.status == 422
    assert answer.detail.startswith("PIXELS: [PIXELS] Threshold: swept, but the images of this plot are not edits")


def test_a_plot_that_confirms_no_values_reports_the_error_in_its_cells(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    for option in ours(host).values():
        monkeypatch.setattr(option, "confirm", None)
    answer = host.xy(SOURCE, None, f"{PREFIX}Threshold", ["log"])
    assert furthest(answer.image, Image.new("RGB", (64, 64))) == 0
    ((_, error),) = host.errors.reported
    host.errors.reported.clear()
    assert str(error).startswith("PIXELS: threshold: swept, but")


def test_a_sweep_over_the_host_s_own_axes_is_the_host_s_own(host: Host) -> None:
    cell = host.xy(SOURCE, request(exemplar(smooth(2), uniform(0))), "Seed", ["7"]).image
    assert furthest(cell, host.img2img(SOURCE, seed=7).image) == 0
