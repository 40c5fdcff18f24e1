"""Maps that only Python can generate: how often the studio asks for them, and what it shows meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from panel.page import Panel
from panel.studio import Studio, with_map

COUNT = """() => {
    window.questions = [];
    const [button, box] = ['ask', 'question'].map(name => document.querySelector(`#script_img2img_pixels_${name}`));
    button.addEventListener('click', () => window.questions.push(box.querySelector('textarea').value));
}"""
OVERTAKE = """() => {
    const x = document.querySelector('.pixels-card [data-field=placement] [data-field=x] input[type=number]');
    const canvas = document.querySelector('.pixels-canvas');
    document.querySelector('#script_img2img_pixels_ask').addEventListener('click', () => {
        if (x.value !== '0.6') return;
        x.value = '0.9';
        x.dispatchEvent(new Event('input', {bubbles: true}));
    });
    window.meanwhile = [];
    setInterval(() => window.meanwhile.push(canvas.getContext('2d').getImageData(160, 120, 1, 1).data[0]), 50);
}"""
"""Moves the exemplar on as soon as a map for 0.6 is asked for, and notes the gray in the middle."""
MEANWHILE = """() => {
    window.meanwhile = [];
    const canvas = document.querySelector('.pixels-canvas');
    setInterval(() => {
        if (window.questions.length > 1) return;
        window.meanwhile.push(canvas.getContext('2d').getImageData(160, 120, 1, 1).data[0]);
    }, 50);
}"""
"""Notes the gray in the middle until the next map is asked for."""


def questions(page: Page) -> list[dict[str, Any]]:
    """The questions that were asked, after waiting until nothing more can come."""
    before = -1
    while (now := page.evaluate("questions.length")) != before:
        before = now
        page.wait_for_timeout(2500)
    return [json.loads(each) for each in page.evaluate("questions")]


def asking(panel: Panel, exemplar: Path, map_type: str) -> Studio:
    panel.page.evaluate(COUNT)
    with_map(panel, exemplar, map_type)
    return Studio(panel)


@pytest.mark.parametrize("map_type", ["Depth", "Brightness", "Text prompt"])
def test_a_map_of_the_source_is_asked_for_once_wherever_the_exemplar_is_placed(
    panel: Panel, exemplar: Path, map_type: str
) -> None:
    studio = asking(panel, exemplar, map_type)
    if map_type == "Text prompt":
        panel.cards.first.locator("[data-field=prompt] input").fill("the sky")
    asked = len(questions(panel.page))
    assert asked == (2 if map_type == "Text prompt" else 1), "once without its prompt, and once with it"
    studio.drag((0.3, 0.3), (0.5, 0.45), steps=12)
    studio.canvas.focus()
    for key in ("ArrowLeft", "ArrowLeft", "+", "."):
        panel.page.keyboard.press(key)
    fold = panel.cards.first.locator("details[data-field=shaping]")
    fold.locator("summary").click()
    fold.locator("[data-field=blur] input[type=number]").fill("3")
    panel.root.locator("[data-field=white_means] select").first.select_option(label="exemplar")
    assert len(questions(panel.page)) == asked
    assert len(studio.placement()) >= 3


def test_many_moves_are_one_question_and_the_last_map_stays_meanwhile(panel: Panel, exemplar: Path) -> None:
    studio = asking(panel, exemplar, "Difference")
    status = studio.node.locator("p.pixels-note[role=status]")
    expect(status).to_have_text("Exemplar 1.")
    assert len(questions(panel.page)) == 1
    studio.press("Paint exemplar")
    studio.press("Map")
    assert np.abs(studio.seen()[120, 160] - 128).max() <= 2
    panel.page.evaluate(MEANWHILE)
    studio.press("Move")
    studio.canvas.focus()
    for _ in range(8):
        panel.page.keyboard.press("Shift+ArrowRight")
    asked = questions(panel.page)
    assert len(asked) == 2
    assert asked[1]["request"]["exemplars"][0]["placement"]["x"] == pytest.approx(0.75, abs=0.01)
    studio.press("Paint exemplar")
    assert np.abs(studio.seen()[120, 160] - 191).max() <= 6, "shaping brings it to 194"
    meanwhile = panel.page.evaluate("meanwhile")
    assert len(meanwhile) > 1
    assert all(abs(value - 128) <= 2 for value in meanwhile), "the last map is seen until the next one comes"


def test_an_answer_that_is_out_of_date_is_not_shown(panel: Panel, exemplar: Path) -> None:
    studio = asking(panel, exemplar, "Difference")
    studio.press("Map")
    studio.press("Paint exemplar")
    questions(panel.page)
    panel.page.evaluate(OVERTAKE)
    fold = panel.cards.first.locator("details[data-field=placement]")
    fold.locator("summary").click()
    fold.locator("[data-field=x] input[type=number]").fill("0.6")
    assert [each["request"]["exemplars"][0]["placement"]["x"] for each in questions(panel.page)[1:]] == [0.6, 0.9]
    seen = panel.page.evaluate("meanwhile")
    assert not any(abs(value - 153) <= 2 for value in seen), "0.6 was no longer wanted when its map arrived"
    assert np.abs(studio.seen()[120, 160] - 230).max() <= 6, "shaping brings it to 234"


def test_no_more_than_32_answers_are_cached(panel: Panel, exemplar: Path) -> None:
    """Those used last are kept; what is no longer wanted is dropped first."""
    studio = asking(panel, exemplar, "Depth")
    assert len(questions(panel.page)) == 1
    request = panel.request()
    item = request["exemplars"][0]
    many = [{**item, "edit_map": {"type": "text", "prompt": f"thing {i}"}} for i in range(32)]
    panel.paste_json(json.dumps({"exemplars": [*many[:-1], item]}))
    panel.page.wait_for_function("questions.length === 32", timeout=60_000)
    panel.paste_json(json.dumps({"exemplars": [item]}))
    assert len(questions(panel.page)) == 32, "the first answer is still cached"
    panel.paste_json(json.dumps({"exemplars": many}))
    panel.page.wait_for_function("questions.length === 33", timeout=60_000)
    panel.paste_json(json.dumps({"exemplars": [item]}))
    assert len(questions(panel.page)) == 34, "the first answer was dropped"
    expect(studio.node.locator("p.pixels-note[role=status]")).to_have_text("Exemplar 1.")


def test_more_maps_than_are_cached_are_not_asked_for_again_and_again(panel: Panel, exemplar: Path) -> None:
    studio = asking(panel, exemplar, "Depth")
    item = panel.request()["exemplars"][0]
    maps = [{"type": "text", "prompt": f"thing {i}"} for i in range(36)]
    items = [{**item, "edit_map": maps[2 * i], "second_map": maps[2 * i + 1]} for i in range(18)]
    panel.paste_json(json.dumps({"exemplars": items}))
    panel.page.wait_for_function("questions.length >= 33", timeout=60_000)
    assert len(questions(panel.page)) == 33
    studio.node.get_by_role("option").last.click()
    expect(studio.node.locator("p.pixels-note[role=status]")).to_contain_text("No more than 32 maps can be shown.")


def test_a_card_says_what_it_needs_only_while_it_does(panel: Panel, exemplar: Path) -> None:
    card = panel.add()
    panel.choose(card, "image", exemplar)
    lacks = card.locator(".pixels-missing")
    expect(lacks).to_have_text("needs edit map")
    studio = Studio(panel)
    studio.press("Paint exemplar")
    studio.drag((0.2, 0.5), (0.8, 0.5))
    expect(lacks).to_be_empty()
    studio.press("Undo")
    expect(lacks).to_have_text("needs edit map")
    studio.press("All source")
    expect(lacks).to_be_empty()
    card.locator(".pixels-map[data-map=edit_map] .pixels-slot").get_by_role("button", name="Clear").click()
    expect(lacks).to_have_text("needs edit map")


def test_folds_count_what_the_studio_changes(studio: Studio) -> None:
    badge = studio.panel.cards.first.locator("details[data-field=placement] .pixels-badge")
    expect(badge).to_be_empty()
    studio.drag((0.3, 0.3), (0.5, 0.45))
    expect(badge).to_have_text("2 changed")


def test_the_brush_is_as_hard_as_it_says(studio: Studio) -> None:
    studio.press("Paint exemplar")
    hardness, opacity = studio.node.get_by_label("Hardness"), studio.node.get_by_label("Opacity")
    studio.press("Map")
    studio.press("All source")
    hardness.fill("1")
    studio.drag((0.2, 0.5), (0.8, 0.5))
    hard = studio.seen()[60:120, 160, 0]
    assert ((hard > 20) & (hard < 235)).sum() <= 2
    studio.press("All source")
    hardness.fill("0")
    opacity.fill("0.5")
    studio.drag((0.2, 0.5), (0.8, 0.5))
    soft = studio.seen()[60:120, 160, 0]
    assert ((soft > 20) & (soft < 235)).sum() >= 20
    assert soft.min() == pytest.approx(128, abs=4)
