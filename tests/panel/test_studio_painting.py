"""Painting maps in the studio: what strokes leave in the request, and what comes right behind them."""

from __future__ import annotations

import json

import numpy as np
from playwright.sync_api import expect

from panel.studio import SIZE, STEPS, Studio, decoded
from pixels_ext.edit.prepare import pixel_release_map, prepare_exemplar
from pixels_ext.imaging.images import as_edit_map
from pixels_ext.maps import MapProviders
from pixels_ext.request import from_json


def test_a_stroke_is_painted_into_the_map_and_back(studio: Studio) -> None:
    studio.press("Paint exemplar")
    studio.press("All source")
    studio.drag((0.2, 0.5), (0.8, 0.5))
    painted = as_edit_map(decoded(studio.exemplar()["edit_map"]))
    assert painted.shape == SIZE[::-1]
    assert painted[120, 64:256].max() == 0, "the stroke's core is black"
    assert painted[[20, 220]].min() == 1, "away from it the map is white"
    ramp = painted[:120, 160]
    assert (np.diff(ramp) <= 0).all()
    assert ((ramp > 0.1) & (ramp < 0.9)).sum() >= 8, "the edge is soft"
    expect(studio.panel.cards.first.locator(".pixels-map[data-map=edit_map] img")).to_be_visible()
    studio.press("Paint source")
    studio.drag((0.5, 0.2), (0.5, 0.8))
    mended = as_edit_map(decoded(studio.exemplar()["edit_map"]))
    assert mended[120, 160] == 1
    assert mended[120, 80] == 0


def test_strokes_that_follow_fast_are_all_kept(studio: Studio) -> None:
    studio.press("Paint exemplar")
    studio.press("All source")
    rows = (0.2, 0.5, 0.8)
    for y in rows:
        studio.drag((0.2, y), (0.8, y), steps=2)
    painted = as_edit_map(decoded(studio.exemplar()["edit_map"]))
    for y in rows:
        assert painted[round(240 * y), 70:250].max() == 0
    assert painted[84, 160] > 0


def test_with_shift_the_next_stroke_begins_where_the_last_one_ended(studio: Studio) -> None:
    studio.press("Paint exemplar")
    studio.press("All source")
    studio.page.mouse.click(*studio.at(0.2, 0.2))
    studio.page.keyboard.down("Shift")
    studio.page.mouse.click(*studio.at(0.8, 0.2))
    studio.page.keyboard.up("Shift")
    assert as_edit_map(decoded(studio.exemplar()["edit_map"]))[48, 64:256].max() == 0


def test_what_is_painted_on_an_inverted_map_is_still_the_exemplar(studio: Studio) -> None:
    data = studio.panel.request()
    data["exemplars"][0]["shaping"] = {"invert": True}
    data["white_means"] = "exemplar"
    studio.panel.paste_json(json.dumps(data))
    studio.press("Paint exemplar")
    studio.press("All source")
    studio.drag((0.2, 0.5), (0.8, 0.5))
    source = studio.source()
    exemplar = prepare_exemplar(from_json(studio.panel.request(), decoded), 0, source, source, MapProviders())
    times = pixel_release_map([exemplar], STEPS)
    assert times[120, 64:256].max() == 0
    assert times[[20, 220]].min() == 1


def test_generate_pressed_as_a_stroke_ends_has_it(studio: Studio) -> None:
    studio.press("Paint exemplar")
    studio.press("All source")
    before = studio.panel.generations()
    studio.canvas.evaluate(
        """canvas => {
            const generate = document.querySelector('#img2img_generate');
            canvas.addEventListener('pointerup', () => { generate.click(); }, {once: true});
        }"""
    )
    studio.drag((0.2, 0.5), (0.8, 0.5))
    (sent,) = json.loads(studio.panel.received(before))["exemplars"]
    assert as_edit_map(decoded(sent["edit_map"]))[120, 70:250].max() == 0


def test_undo_pressed_as_a_stroke_ends_undoes_it(studio: Studio) -> None:
    before = studio.panel.request()
    studio.press("Paint exemplar")
    studio.canvas.evaluate(
        """canvas => {
            const undo = new KeyboardEvent('keydown', {key: 'z', ctrlKey: true, bubbles: true});
            canvas.addEventListener('pointerup', () => { canvas.dispatchEvent(undo); }, {once: true});
        }"""
    )
    studio.drag((0.2, 0.5), (0.8, 0.5))
    assert studio.panel.request() == before
    studio.press("Redo")
    assert as_edit_map(decoded(studio.exemplar()["edit_map"]))[120, 70:250].max() == 0
