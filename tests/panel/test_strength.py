"""The button that asks for a strength, and the one that applies it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from panel.page import Panel


@pytest.fixture
def image(tmp_path: Path) -> Path:
    file = tmp_path / "small.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (30, 40, 3), np.uint8)).save(file)
    return file


def test_a_suggestion_is_shown_and_applied_only_on_request(panel: Panel, image: Path) -> None:
    panel.choose(panel.add(), "image", image)
    hint = panel.root.locator(".pixels-suggestion")
    strength = panel.page.locator("#img2img_denoising_strength input[type=number]")
    expect(hint.get_by_role("button")).to_have_count(1)
    hint.get_by_role("button", name="Suggest strength").click()
    expect(hint.get_by_role("status")).to_have_text("Suggestion: 1 on 320x240 at 512x384, 20 steps.")
    expect(strength).to_have_value("0.6")
    hint.get_by_role("button", name="Use 0.42").click()
    expect(strength).to_have_value("0.42")
    panel.generate()
    expect(panel.page.locator("#reached textarea")).to_have_value("0.42")


def test_a_failed_suggestion_shows_the_reason(panel: Panel) -> None:
    hint = panel.root.locator(".pixels-suggestion")
    hint.get_by_role("button", name="Suggest strength").click()
    expect(hint.get_by_role("status")).to_have_text("exemplars: missing.")
    expect(hint.get_by_role("button")).to_have_count(1)


def measured(panel: Panel) -> str:
    hint = panel.root.locator(".pixels-suggestion")
    hint.get_by_role("button", name="Suggest strength").click()
    expect(hint.get_by_role("status")).to_contain_text("Suggestion")
    return hint.get_by_role("status").inner_text()


def test_the_selected_way_to_resize_counts(panel: Panel, image: Path) -> None:
    panel.choose(panel.add(), "image", image)
    page = panel.page
    tabs = page.locator("#img2img_tabs_resize")
    tabs.get_by_text("Resize by", exact=True).click()
    page.fill("#img2img_scale input[type=number]", "1.55")
    assert "at 496x372," in measured(panel)
    page.evaluate(
        """() => {
            const canvas = document.createElement('div');
            canvas.className = 'forge-container';
            document.body.append(canvas);
        }"""
    )
    assert "at 496x368," in measured(panel), "the Forge family rounds down to 8"
    tabs.get_by_text("Resize to", exact=True).click()
    assert "at 512x384," in measured(panel)


def test_a_suggestion_is_cleared_when_the_edit_changes(panel: Panel, image: Path) -> None:
    card = panel.add()
    panel.choose(card, "image", image)
    assert "1 on" in measured(panel)
    card.locator("[data-field=threshold] select").select_option(label="log")
    hint = panel.root.locator(".pixels-suggestion")
    expect(hint.get_by_role("status")).to_be_empty()
    expect(hint.get_by_role("button")).to_have_count(1)


def test_a_suggestion_that_arrives_after_a_change_is_dropped(panel: Panel, image: Path) -> None:
    card = panel.add()
    panel.choose(card, "image", image)
    hint = panel.root.locator(".pixels-suggestion")
    hint.get_by_role("button", name="Suggest strength").click()
    card.locator("[data-field=threshold] select").select_option(label="log")
    expect(hint.get_by_role("status")).to_have_text("The edit changed in the meantime; try again.")
    expect(hint.get_by_role("button")).to_have_count(1)
