"""The studio: what it shows, and what mouse, keys, fingers and wheel do to the request."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from panel.page import Panel
from panel.studio import STEPS, Studio, decoded, with_map
from pixels_ext.edit.prepare import composite, pixel_release_map, prepare_exemplar
from pixels_ext.imaging.images import as_edit_map
from pixels_ext.maps import MapProviders
from pixels_ext.request import EditRequest, from_json


def read(data: dict[str, Any]) -> EditRequest:
    return from_json(data, decoded)


def test_the_canvas_matches_python_s_composite(studio: Studio) -> None:
    studio.press("Paint exemplar")  # no handles
    source = studio.source()
    for change in ({}, {"placement": {"scale": 0.7, "x": 0.4, "rotation": 20}, "shaping": {"blur": 2}}):
        data = studio.panel.request()
        data["exemplars"][0] |= change
        studio.panel.paste_json(json.dumps(data))
        seen = studio.seen()
        request = read(data)
        exemplars = [prepare_exemplar(request, 0, source, source, MapProviders())]
        wanted = np.asarray(composite(source, exemplars, STEPS)).astype(int)
        assert np.abs(seen - wanted).max() <= 2
        assert (wanted != np.asarray(source)).any(axis=2).mean() > 0.05
        studio.press("Map")
        grays = studio.seen()
        times = pixel_release_map(exemplars, STEPS)  # the threshold is linear: release time is the gray
        assert np.abs(grays - 255 * times[..., None]).max() <= 2
        studio.press("Composite")


def test_the_timeline_shows_how_much_is_locked(studio: Studio) -> None:
    source = studio.source()
    times = pixel_release_map(
        [prepare_exemplar(read(studio.panel.request()), 0, source, source, MapProviders())], STEPS
    )
    line = studio.node.locator(".pixels-step")
    expect(line.locator("output")).to_contain_text(f"{STEPS} steps")
    line.locator("input").fill("7")
    locked = round(100 * float((times > 6 / STEPS).mean()))
    expect(line.locator("output")).to_contain_text(f"7 of {STEPS}: {locked}%")
    studio.press("Paint exemplar")
    changed = np.abs(studio.seen() - np.asarray(source)).max(axis=2) > 2
    assert changed[times <= 6 / STEPS].mean() > 0.9
    assert not changed[times > 6 / STEPS + 0.01].any()


def test_an_exemplar_is_dragged_and_its_fields_follow(studio: Studio) -> None:
    studio.drag((0.3, 0.3), (0.5, 0.45))
    assert studio.placement() == {"x": 0.7, "y": 0.65}
    fold = studio.panel.cards.first.locator("details[data-field=placement]")
    fold.locator("summary").click()
    expect(fold.locator("[data-field=x] input[type=number]")).to_have_value("0.7")
    studio.drag((0.7, 0.65), (0.512, 0.49))
    assert studio.placement() == {}, "it snaps to the center"
    studio.drag((0.6, 0.3), (0.612, 0.3), key="Alt")
    assert studio.placement()["x"] == pytest.approx(0.512, abs=0.004), "with Alt it does not snap"


def test_corners_scale_and_the_handle_rotates(studio: Studio) -> None:
    studio.canvas.focus()
    for _ in range(14):
        studio.page.keyboard.press("-")
    scale = studio.placement()["scale"]
    assert scale == pytest.approx(1.05**-14, abs=0.01)
    width, height = 320 * scale, 320 / 300 * 260 * scale
    corner = 0.5 + width / 640, 0.5 + height / 480
    studio.drag(corner, (0.5 + (corner[0] - 0.5) * 0.8, 0.5 + (corner[1] - 0.5) * 0.8))
    smaller = studio.placement()["scale"]
    assert smaller == pytest.approx(0.8 * scale, abs=0.01)
    handle = 0.5 - (320 / 300 * 260 * smaller / 2 + 26) / 240
    studio.drag((0.5, handle), (0.5 + 60 / 320, 0.5 - 60 / 240))
    assert studio.placement()["rotation"] == pytest.approx(45, abs=1.5)
    studio.canvas.focus()
    studio.page.keyboard.press("f")
    assert studio.placement()["flip"] is True


def test_undo_and_redo_go_through_everything(studio: Studio) -> None:
    states = [studio.panel.request()]
    studio.drag((0.3, 0.3), (0.4, 0.4))
    states.append(studio.panel.request())
    studio.press("Paint exemplar")
    studio.drag((0.2, 0.5), (0.8, 0.5))
    states.append(studio.panel.request())
    studio.panel.root.locator("[data-field=mode] select").select_option(label="iterative")
    states.append(studio.panel.request())
    for state in reversed(states[:-1]):
        studio.canvas.focus()
        studio.page.keyboard.press("Control+z")
        assert studio.panel.request() == state
    for state in states[1:]:
        studio.press("Redo")
        assert studio.panel.request() == state
    expect(studio.node.get_by_role("button", name="Redo", exact=True)).to_be_disabled()


def test_undo_leaves_folds_scroll_and_focus_as_they_are(studio: Studio) -> None:
    card, page = studio.panel.cards.first, studio.page
    fold = card.locator("details[data-field=placement]")
    fold.locator("summary").click()
    help_button = fold.locator("[data-field=x]").get_by_role("button", name="About")
    help_button.click()
    box = fold.locator("[data-field=x] input[type=number]")
    box.fill("0.7")
    page.wait_for_timeout(600)
    box.fill("0.2")
    scroll = page.evaluate("scrollY")
    assert scroll > 100
    box.evaluate("""box => {
        window.boxBefore = box;
        const buttons = [...document.querySelectorAll('.pixels-studio button')];
        buttons.find(each => each.textContent === 'Undo').click();
    }""")
    expect(box).to_have_value("0.7")
    assert not box.evaluate("box => box === window.boxBefore"), "else this would test nothing"
    expect(box).to_be_focused()
    expect(fold).to_have_attribute("open", "")
    expect(fold.locator("[data-field=x] .pixels-hint")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") == scroll
    expect(card.locator("details[data-field=shaping]")).not_to_have_attribute("open", "")
    studio.canvas.focus()
    page.keyboard.press("Control+Shift+z")
    expect(box).to_have_value("0.2")
    expect(fold).to_have_attribute("open", "")
    expect(studio.canvas).to_be_focused()
    redo = studio.node.get_by_role("button", name="Redo", exact=True)
    page.keyboard.press("Control+z")
    redo.focus()
    page.keyboard.press("Enter")
    expect(redo).to_be_disabled()
    expect(studio.canvas).to_be_focused()


def test_one_undo_is_enough_for_a_number_that_was_typed(studio: Studio) -> None:
    fold = studio.panel.cards.first.locator("details[data-field=placement]")
    fold.locator("summary").click()
    studio.page.wait_for_timeout(600)
    fold.locator("[data-field=x] input[type=number]").fill("0.7")
    studio.page.wait_for_timeout(600)
    studio.press("Undo")  # which takes the focus from the box
    assert studio.placement() == {}


def test_a_gradient_s_points_are_dragged(panel: Panel, exemplar: Path) -> None:
    with_map(panel, exemplar, "Linear gradient")
    studio = Studio(panel)
    studio.drag((0.3, 0.5), (0.1, 0.2))
    studio.drag((0.7, 0.5), (0.9, 0.8))
    assert studio.exemplar()["edit_map"] == {
        "type": "linear",
        "start_x": pytest.approx(0.1, abs=0.004),
        "start_y": pytest.approx(0.2, abs=0.005),
        "end_x": pytest.approx(0.9, abs=0.004),
        "end_y": pytest.approx(0.8, abs=0.005),
    }
    assert "placement" not in studio.exemplar()


def test_the_wheel_scales_only_while_the_canvas_has_focus(studio: Studio) -> None:
    studio.page.mouse.move(*studio.at(0.5, 0.5))
    studio.page.mouse.wheel(0, -100)
    studio.page.wait_for_timeout(300)
    assert studio.placement() == {}
    studio.canvas.focus()
    studio.page.mouse.move(*studio.at(0.5, 0.5))
    studio.page.mouse.wheel(0, -100)
    studio.page.wait_for_timeout(300)
    assert studio.placement()["scale"] > 1.05


class Fingers:
    """Fingers on the canvas, at positions relative to its middle."""

    def __init__(self, studio: Studio) -> None:
        self.remote = studio.page.context.new_cdp_session(studio.page)
        self.middle = studio.at(0.5, 0.5)

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        x, y = self.middle
        fingers = [{"x": x + dx, "y": y + dy, "id": i} for i, (dx, dy) in enumerate(points)]
        self.remote.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


def test_two_fingers_scale_and_rotate(studio: Studio) -> None:
    fingers, far = Fingers(studio), 40
    fingers.touch("touchStart", (-far, 0))
    fingers.touch("touchStart", (-far, 0), (far, 0))
    for part in (0.25, 0.5, 0.75, 1):
        reach, angle = far * (1 + part), np.deg2rad(30 * part)
        fingers.touch("touchMove", *[(s * reach * np.cos(angle), s * reach * np.sin(angle)) for s in (-1, 1)])
    fingers.touch("touchEnd")
    assert studio.placement() == {"scale": pytest.approx(2, abs=0.05), "rotation": pytest.approx(30, abs=1)}


def test_two_fingers_move_and_zoom_the_view_while_painting(studio: Studio) -> None:
    before = studio.panel.request()
    studio.press("Paint exemplar")
    studio.press("Map")
    whole = studio.seen()
    fingers, far = Fingers(studio), 40
    fingers.touch("touchStart", (-far, 0))
    fingers.touch("touchStart", (-far, 0), (far, 0))
    for part in (0.5, 1):
        fingers.touch("touchMove", *[(s * far * (1 + part) + 30 * part, 10 * part) for s in (-1, 1)])
    fingers.touch("touchEnd")
    closer = studio.seen()
    grown = closer[10 + 120 - 80 : 10 + 120 + 80 : 2, 30 + 160 - 80 : 30 + 160 + 80 : 2]
    assert np.abs(grown - whole[80:160, 120:200]).mean() < 3, "twice as large, and moved with the fingers"
    assert studio.panel.request() == before, "the first finger has painted nothing"


def test_keys_do_what_the_list_of_keys_says(studio: Studio) -> None:
    studio.canvas.focus()
    press = studio.page.keyboard.press
    press("?")
    expect(studio.node.locator(".pixels-keys")).to_be_visible()
    press("Shift+ArrowRight")
    press("ArrowUp")
    press(".")
    assert studio.placement() == {
        "x": pytest.approx(0.5 + 10 / 320, abs=0.001),
        "y": pytest.approx(0.5 - 1 / 240, abs=0.001),
        "rotation": 1,
    }
    studio.canvas.focus()
    press("b")
    expect(studio.node.get_by_role("button", name="Paint exemplar")).to_have_attribute("aria-pressed", "true")
    press("3")
    expect(studio.node.get_by_role("button", name="Overlay")).to_have_attribute("aria-pressed", "true")
    press("w")
    assert studio.node.bounding_box() == {"x": 0, "y": 0, "width": 1200, "height": 1000}
    press("Escape")
    assert studio.node.bounding_box() != {"x": 0, "y": 0, "width": 1200, "height": 1000}


def test_maps_that_python_generates_are_shown_and_painted_on(panel: Panel, exemplar: Path) -> None:
    card = with_map(panel, exemplar, "Depth")
    studio = Studio(panel)
    studio.press("Paint exemplar")
    studio.press("Map")
    shown = studio.seen()[120, :, 0]
    assert (np.diff(shown[10:310]) >= 0).all()
    assert shown[160] == pytest.approx(127, abs=4)
    studio.drag((0.6, 0.5), (0.9, 0.5))
    painted = as_edit_map(decoded(studio.exemplar()["edit_map"]))
    assert painted[120, 200:280].max() == 0
    assert painted[20, 160] == pytest.approx(0.5, abs=0.02)
    status = studio.node.locator("p.pixels-note[role=status]")
    choose = card.locator(".pixels-map[data-map=edit_map] > select")
    choose.select_option(label="Text prompt")
    expect(status).to_contain_text("cannot be generated here")
    studio.drag((0.6, 0.5), (0.9, 0.5))
    expect(status).to_have_text("The map cannot be painted on before it is generated.")
    choose.select_option(label="Depth")
    expect(status).to_have_text("Exemplar 1.")


def test_a_map_from_the_inpaint_mask_is_not_asked_for(panel: Panel, exemplar: Path) -> None:
    card = with_map(panel, exemplar, "Inpaint mask")
    status = Studio(panel).node.locator("p.pixels-note[role=status]")
    expect(status).to_contain_text("the inpaint mask, which the WebUI reads only when you generate")
    card.locator(".pixels-map[data-map=edit_map] > select").select_option(label="Shape")
    expect(status).to_contain_text("cannot be generated here")
    card.locator(".pixels-map[data-map=edit_map] [data-field=shape_of] select").select_option(label="inpaint mask")
    expect(status).to_contain_text("the inpaint mask, which the WebUI reads only when you generate")


def test_bare_base64_of_a_jpeg_is_shown(studio: Studio) -> None:
    """It begins with a slash, as an address may."""
    file = io.BytesIO()
    Image.new("RGB", (60, 60), (250, 10, 10)).save(file, "JPEG")
    data = studio.panel.request()
    data["exemplars"][0]["image"] = base64.b64encode(file.getvalue()).decode()
    assert data["exemplars"][0]["image"].startswith("/")
    studio.panel.paste_json(json.dumps(data))
    studio.press("Paint exemplar")
    assert np.abs(studio.seen()[120, 160] - (250, 10, 10)).max() <= 6


def test_the_studio_says_what_is_missing(panel: Panel, exemplar: Path) -> None:
    status = panel.root.locator(".pixels-studio p.pixels-note[role=status]")
    expect(status).to_contain_text("Add an exemplar")
    card = panel.add()
    studio = Studio(panel)
    expect(status).to_contain_text("It has no image yet")
    panel.choose(card, "image", exemplar)
    expect(status).to_contain_text("It has no edit map yet")
    studio.press("Paint exemplar")
    studio.drag((0.2, 0.5), (0.8, 0.5))
    expect(status).to_have_text("Exemplar 1.")


def test_hiding_changes_nothing_in_the_edit(studio: Studio) -> None:
    before = studio.panel.request()
    studio.press("Paint exemplar")
    studio.press("Hide")
    assert np.abs(studio.seen() - np.asarray(studio.source())).max() <= 1
    assert studio.panel.request() == before


def test_a_result_becomes_the_source_or_an_exemplar(studio: Studio) -> None:
    page = studio.page
    page.get_by_role("button", name="Result → exemplar").click()
    expect(studio.panel.cards).to_have_count(2)
    added = decoded(studio.panel.request()["exemplars"][1]["image"])
    assert added.size == (64, 48)
    expect(studio.node.get_by_role("option")).to_have_count(2)
    page.get_by_role("button", name="Result → source").click()
    taken = "() => [...document.querySelectorAll('#img2img_image img')].some(each => each.naturalWidth === 64)"
    page.wait_for_function(taken)
    studio.press("Paint exemplar")
    studio.press("Hide")
    seen = studio.seen()
    assert seen[120, 40].min() > 170
    assert seen[120, 280].max() < 40


def test_an_image_dropped_on_the_studio_is_an_exemplar(studio: Studio) -> None:
    page = studio.page
    page.set_viewport_size({"width": 1200, "height": 2600})  # both ends of the drag in view
    page.locator("#img2img_gallery img").first.drag_to(studio.canvas)
    expect(studio.panel.cards).to_have_count(2)
    assert decoded(studio.panel.request()["exemplars"][1]["image"]).size == (64, 48)
    assert page.evaluate("window.takenByHost") == 0


def test_nothing_moves_when_the_studio_is_loaded(panel: Panel) -> None:
    """Its modules are loaded when the panel is first seen, and the pointer may be on its way to a slot by then."""
    panel.root.locator(".pixels-studio").wait_for()
    kept, taken = panel.root.locator(".pixels-studio-area").evaluate(
        """area => {
            const empty = area.cloneNode();
            area.after(empty);
            const height = empty.offsetHeight;
            empty.remove();
            return [height, area.offsetHeight];
        }"""
    )
    assert abs(kept - taken) <= 2
