"""The form: every field of the schema, its way to Python and back, cards, keyboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from panel.form import CARD, EDIT, SCHEMA, another, give, leaves, located, read
from panel.page import Panel


def test_every_field_of_the_schema_is_drawn_with_its_label_and_help(panel: Panel) -> None:
    card = panel.add()
    card.get_by_label("Second map from").select_option(label="Linear gradient")
    form = panel.root.locator(".pixels-body > .pixels-form")
    for within, schema in ((card, CARD), (form, {"properties": EDIT})):
        for path, field in leaves(schema):
            drawn = located(within, path)
            control = drawn.get_by_label(field["title"], exact=True)
            expect(control).to_be_visible()
            words = " ".join(filter(None, (field.get("x-unit"), field["description"])))
            expect(control).to_have_accessible_description(words)
            expect(drawn.locator(".pixels-hint")).to_be_hidden()
            drawn.locator(".pixels-help").click()
            expect(drawn.locator(".pixels-hint")).to_have_text(field["description"])
            if "enum" in field:
                assert control.locator("option").all_inner_texts() == [
                    (word or "same as the edit").replace("_", " ") for word in field["enum"]
                ]
            elif field["type"] == "number":
                assert float(control.input_value()) == field["default"]
                for attribute, keyword in (("max", "maximum"), ("step", "x-step")):
                    assert float(control.get_attribute(attribute)) == field[keyword]
            else:
                assert control.is_checked() == field["default"]
    for name, field in CARD["properties"].items():
        if "contentMediaType" in field:
            expect(card.locator(f".pixels-slot[data-field={name}]")).to_contain_text(field["title"])


def test_an_untouched_panel_sends_nothing(panel: Panel) -> None:
    expect(panel.textbox).to_be_hidden()
    assert panel.generate() == ""


def test_every_value_arrives_in_python_and_can_be_reset(panel: Panel, image_file: Path) -> None:
    card = panel.add()
    for name in ("image", "edit_map"):
        panel.choose(card, name, image_file)
    card.get_by_label("Second map from").select_option(label="Linear gradient")
    form = panel.root.locator(".pixels-body > .pixels-form")
    wanted = {}
    for within, schema in ((card, CARD), (form, {"properties": EDIT})):
        for path, field in leaves(schema):
            give(located(within, path), field, another(field))
            wanted[within, path] = another(field)
    request = read(panel.generate())
    for (within, path), value in wanted.items():
        found: Any = request.exemplars[0] if within is card else request
        for name in path:
            found = getattr(found, name)
        assert found == value, path
    assert request.exemplars[0].image.size == (40, 30)
    expect(card.locator("details[data-field=placement] summary")).to_contain_text("6 changed")
    for within, path in wanted:
        located(within, path).locator(".pixels-reset").click()
        expect(located(within, path).locator(".pixels-reset")).to_be_hidden()
    data = panel.request()
    assert set(data) == {"exemplars"}
    assert set(data["exemplars"][0]) == {"image", "edit_map", "second_map"}


def test_cards_are_added_duplicated_moved_and_removed(panel: Panel) -> None:
    for name in ("log", "cubic", "sigmoid"):
        located(panel.add(), ("threshold",)).locator("select").select_option(label=name)

    def order() -> list[str]:
        return [exemplar["threshold"] for exemplar in panel.request()["exemplars"]]

    def press(number: int, name: str) -> None:
        panel.cards.nth(number).get_by_role("button", name=name).click()

    assert order() == ["log", "cubic", "sigmoid"]
    press(2, "Move up")
    assert order() == ["log", "sigmoid", "cubic"]
    press(0, "Move down")
    assert order() == ["sigmoid", "log", "cubic"]
    press(0, "Duplicate")
    located(panel.cards.nth(1), ("threshold",)).locator("select").select_option(label="quadratic")
    assert order() == ["sigmoid", "quadratic", "log", "cubic"]
    assert panel.cards.locator(".pixels-heading").all_inner_texts() == [f"Exemplar {n}" for n in (1, 2, 3, 4)]
    expect(panel.cards.first.get_by_role("button", name="Move up")).to_be_disabled()
    expect(panel.cards.last.get_by_role("button", name="Move down")).to_be_disabled()
    press(1, "Remove")
    press(2, "Remove")
    assert order() == ["sigmoid", "log"]
    press(0, "Remove")
    press(0, "Remove")
    assert panel.generate() == ""


def test_no_more_cards_than_the_schema_allows(panel: Panel) -> None:
    most = SCHEMA["properties"]["exemplars"]["maxItems"]
    panel.set_from_python(json.dumps({"exemplars": [{}] * most}))
    expect(panel.cards).to_have_count(most)
    expect(panel.root.locator(".pixels-add")).to_be_disabled()
    expect(panel.cards.first.get_by_role("button", name="Duplicate")).to_be_disabled()
    panel.cards.first.get_by_role("button", name="Remove").click()
    expect(panel.root.locator(".pixels-add")).to_be_enabled()


def test_an_unfinished_card_says_what_it_needs_and_is_sent(panel: Panel, image_file: Path) -> None:
    card = panel.add()
    expect(card.locator(".pixels-missing")).to_have_text("needs exemplar and edit map")
    assert panel.request() == {"exemplars": [{}]}
    panel.choose(card, "image", image_file)
    expect(card.locator(".pixels-missing")).to_have_text("needs edit map")
    assert set(panel.request()["exemplars"][0]) == {"image"}
    panel.choose(card, "edit_map", image_file)
    expect(card.locator(".pixels-missing")).to_be_empty()
    card.get_by_role("button", name="Clear Exemplar").click()
    expect(card.locator(".pixels-missing")).to_have_text("needs exemplar")


def test_a_map_states_what_white_and_black_mean(panel: Panel) -> None:
    card = panel.add()
    remark = card.locator(".pixels-slot[data-field=edit_map] .pixels-remark")
    expect(remark).to_have_text("White keeps the source, black becomes the exemplar")
    located(card, ("shaping", "invert")).locator("input").check()
    expect(remark).to_have_text("Inverted: black keeps the source, white becomes the exemplar")
    means = panel.root.locator(".pixels-body > .pixels-form .pixels-field[data-field=white_means] select")
    means.select_option(label="exemplar")
    expect(remark).to_have_text("Inverted: white keeps the source, black becomes the exemplar")
    located(card, ("shaping", "invert")).locator("input").uncheck()
    expect(remark).to_have_text("Black keeps the source, white becomes the exemplar")


def test_a_number_out_of_range_is_marked_and_never_sent(panel: Panel) -> None:
    card = panel.add()
    blur = located(card, ("shaping", "blur"))
    box = blur.locator("input[type=number]")
    box.fill("30")
    expect(blur.locator(".pixels-problem")).to_have_text("from 0 to 25")
    assert panel.request() == {"exemplars": [{"shaping": {"blur": 25}}]}
    expect(box).to_have_value("25")
    box.fill("")
    box.blur()
    expect(box).to_have_value("0")
    blur.locator("input[type=range]").fill("2.5")
    expect(box).to_have_value("2.5")


@pytest.mark.parametrize("press", ["pointer", "program"])
def test_generate_right_after_typing_sends_what_was_typed(panel: Panel, press: str) -> None:
    card = panel.add()
    box = located(card, ("placement", "rotation")).locator("input[type=number]")
    for angle in (15, 30, 45):
        before = panel.generations()
        if press == "pointer":
            box.fill(str(angle))
            panel.page.locator("#img2img_generate").click(no_wait_after=True)
        else:
            typed = "(box, angle) => { box.value = angle; box.dispatchEvent(new Event('input', {bubbles: true})); "
            box.evaluate(typed + "document.querySelector('#img2img_generate').click(); }", angle)
        assert json.loads(panel.received(before))["exemplars"][0]["placement"] == {"rotation": angle}


def test_everything_can_be_done_from_the_keyboard(panel: Panel, image_file: Path) -> None:
    page = panel.page
    page.on("filechooser", lambda chooser: chooser.set_files(image_file))

    def to(selector: str) -> None:
        for _ in range(60):
            if page.locator(f"{selector}:focus").count():
                return
            page.keyboard.press("Tab")
        pytest.fail(f"{selector} is not reached")

    page.locator(".pixels-add").focus()
    page.keyboard.press("Enter")
    for name in ("image", "edit_map"):
        to(f".pixels-slot[data-field={name}] .pixels-drop")
        page.keyboard.press("Enter")
        panel.settled(panel.cards.locator(f".pixels-slot[data-field={name}]"))
    to(".pixels-card details[data-field=placement] summary")
    page.keyboard.press("Enter")
    to("[data-field=scale] input[type=number]")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    to("[data-field=flip] input")
    page.keyboard.press("Space")
    before = panel.generations()
    page.keyboard.press("Control+Enter")
    request = read(panel.received(before))
    assert request.exemplars[0].placement.scale == pytest.approx(1.1)
    assert request.exemplars[0].placement.flip is True
    page.locator(".pixels-card").get_by_role("button", name="Remove").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pixels-add")).to_be_focused()
