"""The strip of exemplars under the canvas, which does what their cards do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from panel.page import Panel
from panel.studio import Studio, decoded, with_map

COLORS = {"red": (200, 0, 0), "green": (0, 160, 0), "blue": (0, 0, 220)}


class Strip:
    """The strip of a studio, and the request's exemplars by color."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.options = studio.node.locator(".pixels-layers > li")
        self.list = studio.node.locator(".pixels-layers")

    def pick(self, index: int) -> None:
        self.options.nth(index).click()
        expect(self.options.nth(index)).to_have_attribute("aria-selected", "true")

    def keys(self, *keys: str) -> None:
        self.list.focus()
        for key in keys:
            self.studio.page.keyboard.press(key)

    def selected(self) -> Locator:
        return self.studio.node.locator(".pixels-layers > [aria-selected=true]")


@pytest.fixture
def strip(panel: Panel, tmp_path: Path) -> Strip:
    """Three exemplars: red, green, blue."""
    for name, color in COLORS.items():
        file = tmp_path / f"{name}.png"
        Image.new("RGB", (40, 30), color).save(file)
        with_map(panel, file)
    return Strip(Studio(panel))


def order(strip: Strip) -> list[str]:
    """Names of the exemplars as the request has them; the cards must show the same."""
    known = {color: name for name, color in COLORS.items()}
    made: list[dict[str, Any]] = json.loads(strip.studio.panel.generate() or "{}").get("exemplars", [])
    images = [each["image"] for each in made]
    cards = strip.studio.panel.cards.locator(".pixels-slot[data-field=image] img")
    assert cards.evaluate_all("images => images.map(image => image.src)") == images
    shown = strip.options.locator("img").evaluate_all("images => images.map(image => image.src)")
    assert shown == images
    return [known[decoded(image).convert("RGB").getpixel((0, 0))] for image in images]


def test_a_layer_is_selected_and_moved(strip: Strip) -> None:
    assert order(strip) == ["red", "green", "blue"]
    strip.pick(2)
    expect(strip.studio.node.get_by_role("button", name="Move above")).to_be_disabled()
    strip.studio.node.get_by_role("button", name="Move below").click()
    assert order(strip) == ["red", "blue", "green"]
    expect(strip.selected()).to_have_accessible_name("Exemplar 2")
    strip.keys("Shift+PageUp")
    assert order(strip) == ["blue", "red", "green"]
    strip.keys("Shift+PageUp")
    assert order(strip) == ["blue", "red", "green"], "the lowest cannot go lower"
    strip.keys("Shift+PageDown", "Shift+PageDown")
    assert order(strip) == ["red", "green", "blue"]


def test_the_top_exemplar_is_visible(strip: Strip) -> None:
    strip.studio.press("Paint exemplar")
    assert strip.studio.shows(160, 120, COLORS["blue"])
    strip.pick(2)
    strip.keys("Shift+PageUp")
    assert strip.studio.shows(160, 120, COLORS["green"])
    strip.keys("PageDown", "h")
    assert strip.studio.shows(160, 120, COLORS["blue"])
    assert order(strip) == ["red", "blue", "green"], "what is hidden stays in the edit"
    expect(strip.selected()).to_have_accessible_name("Exemplar 3, hidden")


def test_layers_are_duplicated_and_removed(strip: Strip) -> None:
    strip.pick(1)
    strip.studio.press("Duplicate")
    assert order(strip) == ["red", "green", "green", "blue"]
    expect(strip.selected()).to_have_accessible_name("Exemplar 3")
    strip.studio.canvas.focus()
    strip.studio.page.keyboard.press("Shift+ArrowRight")
    moved = [each.get("placement", {}) for each in strip.studio.panel.request()["exemplars"]]
    assert [bool(each) for each in moved] == [False, False, True, False], "the copy is an exemplar of its own"
    strip.keys("Delete", "Delete")
    assert order(strip) == ["red", "green"]
    strip.keys("Control+z")
    assert order(strip) == ["red", "green", "blue"], "each removal is undone by itself"
    strip.keys("Control+d")
    strip.studio.press("Remove")
    strip.keys("Delete", "Delete", "Delete")
    expect(strip.options).to_have_count(0)
    expect(strip.studio.panel.cards).to_have_count(0)
    assert order(strip) == []


def test_no_more_layers_than_the_request_may_have(strip: Strip) -> None:
    most = strip.studio.page.evaluate(
        "() => JSON.parse(document.querySelector('.pixels-panel').dataset.schema).properties.exemplars.maxItems"
    )
    strip.keys(*["Control+d"] * (most - 2))
    expect(strip.options).to_have_count(most)
    expect(strip.studio.node.get_by_role("button", name="Duplicate")).to_be_disabled()
    expect(strip.studio.panel.root.locator(".pixels-add")).to_be_disabled()
