"""The slot for an edit map: an image, or a map type of the schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from panel.form import CARD, another, give, leaves, located, read
from panel.page import Panel
from pixels_ext.maps import MAP_TYPES

TYPES = {
    map_type["properties"]["type"]["const"]: map_type
    for map_type in CARD["properties"]["edit_map"]["anyOf"]
    if "properties" in map_type
}


def type_select(card: Locator, title: str = "Edit map") -> Locator:
    return card.get_by_label(f"{title} from")


def map_slot(card: Locator, name: str = "edit_map") -> Locator:
    return card.locator(f".pixels-map[data-map={name}]")


def test_every_map_type_is_offered(panel: Panel) -> None:
    card = panel.add()
    titles = [model.title for model in MAP_TYPES]
    assert type_select(card).locator("option").all_inner_texts() == ["Uploaded or painted image", *titles]
    assert type_select(card, "Second map").locator("option").all_inner_texts() == [
        "None",
        "Uploaded or painted image",
        *titles,
    ]


@pytest.mark.parametrize("name", TYPES)
def test_every_field_of_a_map_type_arrives_in_python(panel: Panel, image_file: Path, name: str) -> None:
    map_type, card = TYPES[name], panel.add()
    panel.choose(card, "image", image_file)
    type_select(card).select_option(label=map_type["title"])
    expect(map_slot(card).locator(".pixels-remark")).to_have_text(map_type["description"])
    wanted: dict[str, Any] = {}
    if "image" in map_type["properties"]:
        slot = map_slot(card).locator(".pixels-slot[data-field=image]")
        slot.locator("input[type=file]").set_input_files(image_file)
        panel.settled(slot)
    fields = {key: field for key, field in map_type["properties"].items() if key != "type"}
    for (key,), field in leaves({"properties": fields}):
        wanted[key] = "the sky, the sea" if key == "prompt" else another(field)
        drawn = map_slot(card).locator(f".pixels-field[data-field={key}]")
        expect(drawn.locator("label")).to_have_text(field["title"])
        if key == "prompt":
            drawn.locator("input").fill(wanted[key])
        else:
            give(drawn, field, wanted[key])
    expect(card.locator(".pixels-missing")).to_be_empty()
    edit_map = read(panel.generate()).exemplars[0].edit_map
    assert edit_map.map_type == name
    for key, value in wanted.items():
        assert getattr(edit_map, key) == value, key


def test_what_is_left_at_its_default_is_not_sent(panel: Panel) -> None:
    type_select(panel.add()).select_option(label="Linear gradient")
    assert panel.request() == {"exemplars": [{"edit_map": {"type": "linear"}}]}


def test_a_card_names_the_missing_fields_of_its_map_type(panel: Panel, image_file: Path) -> None:
    card = panel.add()
    panel.choose(card, "image", image_file)
    expect(card.locator(".pixels-missing")).to_have_text("needs edit map")
    type_select(card).select_option(label="Text prompt")
    expect(card.locator(".pixels-missing")).to_have_text("needs prompt")
    map_slot(card).locator("[data-field=prompt] input").fill("sky")
    expect(card.locator(".pixels-missing")).to_be_empty()


def test_switching_map_types_keeps_the_settings_of_each(panel: Panel, image_file: Path) -> None:
    card = panel.add()
    panel.choose(card, "edit_map", image_file)
    given = panel.request()["exemplars"][0]["edit_map"]
    type_select(card).select_option(label="Radial gradient")
    map_slot(card).locator("[data-field=outer] input[type=number]").fill("0.7")
    type_select(card).select_option(label="Depth")
    assert panel.request()["exemplars"][0]["edit_map"] == {"type": "depth"}
    type_select(card).select_option(label="Radial gradient")
    assert panel.request()["exemplars"][0]["edit_map"] == {"type": "radial", "outer": 0.7}
    type_select(card).select_option(label="Uploaded or painted image")
    assert panel.request()["exemplars"][0]["edit_map"] == given


def test_what_needs_a_second_map_appears_with_it(panel: Panel) -> None:
    card = panel.add()
    combine = card.locator(".pixels-field[data-field=combine]")
    shaping = card.locator("details[data-field=second_shaping]")
    expect(combine).to_be_hidden()
    expect(shaping).to_be_hidden()
    type_select(card, "Second map").select_option(label="Linear gradient")
    expect(combine).to_be_visible()
    expect(shaping).to_be_visible()
    combine.locator("select").select_option(label="soft union")
    assert panel.request()["exemplars"][0]["combine"] == "soft_union"
    type_select(card, "Second map").select_option(label="None")
    expect(combine).to_be_hidden()
    assert "second_map" not in panel.request()["exemplars"][0]


def test_inverted_maps_are_described_as_inverted(panel: Panel) -> None:
    card = panel.add()
    type_select(card).select_option(label="Depth")
    located(card, ("shaping", "invert")).locator("input").check()
    expect(map_slot(card).locator(".pixels-remark")).to_contain_text("Inverted (black and white swapped): ")


def test_a_generated_map_is_restored_from_python_and_json(panel: Panel) -> None:
    request = {
        "exemplars": [
            {
                "edit_map": {"type": "text", "prompt": "the sky", "confidence": 0.3},
                "second_map": {"type": "linear", "start_x": 0.5},
                "combine": "soft_intersect",
            }
        ]
    }
    panel.set_from_python(json.dumps(request))
    expect(panel.cards).to_have_count(1)
    expect(map_slot(panel.cards.first).locator("[data-field=prompt] input")).to_have_value("the sky")
    assert panel.request() == request
    panel.paste_json(json.dumps({"exemplars": [{"edit_map": {"type": "lines"}}]}))
    problem = panel.root.locator(".pixels-as-json .pixels-problem")
    expect(problem).to_contain_text('exemplars[0].edit_map.type is "lines"; expected one of: image, inpaint_mask,')
    panel.paste_json(json.dumps({"exemplars": [{"edit_map": {"type": "linear", "start": 1}}]}))
    expect(problem).to_contain_text("exemplars[0].edit_map.start is an unknown field; expected one of: type, start_x,")


def test_an_image_that_is_dropped_on_the_slot_is_the_map_again(panel: Panel, image_file: Path) -> None:
    card = panel.add()
    type_select(card).select_option(label="Shape")
    slot = map_slot(card).locator(".pixels-slot[data-field=image]")
    slot.locator("input[type=file]").set_input_files(image_file)
    panel.settled(slot)
    assert panel.request()["exemplars"][0]["edit_map"]["image"].startswith("data:image/png")
