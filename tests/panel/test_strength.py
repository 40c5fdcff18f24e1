"""The button that asks for a strength, and the one that takes it over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from panel.page import Panel


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "small.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (30, 40, 3), np.uint8)).save(file)
    return file


def test_a_suggestion_is_said_and_taken_over_only_when_asked_for(panel: Panel, picture: Path) -> None:
    panel.choose(panel.add(), "image", picture)
    hint = panel.root.locator(".pixels-hinted")
    strength = panel.page.locator("#img2img_denoising_strength input[type=number]")
    expect(hint.get_by_role("button")).to_have_count(1)
    hint.get_by_role("button", name="Suggest strength").click()
    expect(hint.get_by_role("status")).to_have_text("A hint: 1 on 320x240, 20 steps.")
    expect(strength).to_have_value("0.6")
    hint.get_by_role("button", name="Use 0.42").click()
    expect(strength).to_have_value("0.42")
    panel.generate()
    expect(panel.page.locator("#reached textarea")).to_have_value("0.42")


def test_what_cannot_be_measured_is_said(panel: Panel) -> None:
    hint = panel.root.locator(".pixels-hinted")
    hint.get_by_role("button", name="Suggest strength").click()
    expect(hint.get_by_role("status")).to_have_text("exemplars: missing.")
    expect(hint.get_by_role("button")).to_have_count(1)
