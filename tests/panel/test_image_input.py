"""How images come into a slot, and what becomes of them."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from panel.page import Panel
from panel.slots import noise, send_event, sent, slot_of, taken_by_host

ORIENTATION = 0x0112


def test_a_small_file_is_sent_as_it_is(panel: Panel, small: Path) -> None:
    slot = panel.choose(panel.add(), "image", small)
    expect(slot.locator("img")).to_have_attribute("alt", "Exemplar")
    expect(slot.locator(".pixels-about")).to_have_text("40×30, 4 kB")
    head, data, _ = sent(panel)
    assert head == "data:image/png;base64"
    assert data == small.read_bytes()


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_a_file_is_dropped_or_pasted(panel: Panel, small: Path, event: str) -> None:
    slot = slot_of(panel.add())
    send_event(slot, event, file=base64.b64encode(small.read_bytes()).decode())
    panel.settled(slot)
    assert sent(panel)[1] == small.read_bytes()
    assert taken_by_host(panel) == 0


def test_an_image_is_copied_and_pasted_with_the_keyboard(panel: Panel) -> None:
    slot = slot_of(panel.add())
    panel.page.evaluate(
        """async () => {
            const canvas = new OffscreenCanvas(31, 17);
            canvas.getContext('2d').fillRect(0, 0, 9, 9);
            await navigator.clipboard.write([new ClipboardItem({'image/png': await canvas.convertToBlob()})]);
        }"""
    )
    slot.locator(".pixels-drop").focus()
    panel.page.keyboard.press("Control+v")
    panel.settled(slot)
    assert sent(panel)[2].size == (31, 17)
    assert taken_by_host(panel) == 0


def test_an_image_is_dragged_from_the_gallery(panel: Panel) -> None:
    slot = slot_of(panel.add())
    panel.page.set_viewport_size({"width": 1200, "height": 2600})  # both ends of the drag in view
    panel.page.locator("#img2img_gallery img").first.drag_to(slot.locator(".pixels-drop"))
    panel.settled(slot)
    assert sent(panel)[2].size == (64, 48)
    assert taken_by_host(panel) == 0


@pytest.mark.parametrize("kind", ["text/html", "text/uri-list"])
def test_a_dragged_image_without_a_file_is_fetched(panel: Panel, kind: str) -> None:
    slot = slot_of(panel.add())
    source = panel.page.locator("#img2img_gallery img").first.get_attribute("src")
    texts = {"text/html": f'<a href="/nowhere"><img src="{source}"></a>', "text/uri-list": f"# an image\n{source}"}
    send_event(slot, "drop", texts={kind: texts[kind]})
    panel.settled(slot)
    assert sent(panel)[2].size == (64, 48)


def test_files_dropped_on_add_become_a_card_each(panel: Panel, small: Path) -> None:
    panel.root.locator(".pixels-add").evaluate(
        """(target, file) => {
            const bytes = Uint8Array.from(atob(file), letter => letter.charCodeAt(0));
            const transfer = new DataTransfer();
            for (const name of ['a.png', 'b.png']) transfer.items.add(new File([bytes], name));
            target.dispatchEvent(new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: transfer}));
        }""",
        base64.b64encode(small.read_bytes()).decode(),
    )
    expect(panel.cards.locator("[data-field=image] img")).to_have_count(2)


def test_a_large_exemplar_is_reduced(panel: Panel, tmp_path: Path) -> None:
    file = tmp_path / "large.jpg"
    noise(300, 200).resize((3000, 2000)).save(file, quality=90)
    slot = panel.choose(panel.add(), "image", file)
    expect(slot.locator(".pixels-about")).to_contain_text("2048×1365")
    expect(slot.locator(".pixels-about")).to_contain_text("reduced from 3000×2000 for the upload")
    head, data, image = sent(panel)
    assert head == "data:image/webp;base64"
    assert image.size == (2048, 1365)
    assert len(data) < 1.5e6
    expected = Image.open(file).resize(image.size, Image.Resampling.LANCZOS)
    assert np.abs(np.asarray(image, float) - np.asarray(expected, float)).mean() < 4


def test_a_large_map_is_reduced_without_artefacts(panel: Panel, tmp_path: Path) -> None:
    file = tmp_path / "map.png"
    gray = np.zeros((1500, 3000), np.uint8)
    gray[:, 1500:] = 255
    Image.fromarray(gray).save(file)
    panel.choose(panel.add(), "edit_map", file)
    head, _, image = sent(panel, "edit_map")
    assert head == "data:image/png;base64"
    assert image.size == (1024, 512)
    values = np.asarray(image.convert("L"))
    assert set(values[:, :508].flat) == {0}
    assert set(values[:, 516:].flat) == {255}


def test_a_heavy_file_of_an_allowed_size_is_converted_at_that_size(panel: Panel, tmp_path: Path) -> None:
    file = tmp_path / "heavy.png"
    noise(800, 700).save(file)
    assert file.stat().st_size > 1.5e6
    slot = panel.choose(panel.add(), "image", file)
    expect(slot.locator(".pixels-about")).to_contain_text("converted to webp for the upload")
    assert sent(panel)[2].size == (800, 700)


def test_transparency_survives(panel: Panel, tmp_path: Path) -> None:
    file = tmp_path / "cut.png"
    pixels = np.full((1200, 2400, 4), 200, np.uint8)
    pixels[:, :1200, 3] = 0
    pixels[:, 1200:, 3] = 255
    Image.fromarray(pixels).save(file)
    panel.choose(panel.add(), "image", file)
    alpha = np.asarray(sent(panel)[2].convert("RGBA"))[..., 3]
    assert set(alpha[:, :1000].flat) == {0}
    assert set(alpha[:, 1050:].flat) == {255}


@pytest.mark.parametrize(("width", "height"), [(60, 40), (2400, 1600)])
def test_a_rotated_photograph_stays_upright(panel: Panel, tmp_path: Path, width: int, height: int) -> None:
    file = tmp_path / "photo.jpg"
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2] = 255  # the left half; rotated clockwise, the upper half
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    Image.fromarray(pixels).save(file, exif=exif, quality=95)
    slot = panel.choose(panel.add(), "image", file)
    longer, shorter = (60, 40) if width == 60 else (2048, 1365)
    expect(slot.locator(".pixels-about")).to_contain_text(f"{shorter}×{longer}")
    image = sent(panel)[2]
    if width == 60:
        assert image.getexif()[ORIENTATION] == 6  # its own bytes; the engine rotates it
    else:
        values = np.asarray(image.convert("L"))
        assert values.shape == (longer, shorter)
        assert values[: longer // 2 - 20].min() > 240
        assert values[longer // 2 + 20 :].max() < 15


def test_a_file_that_is_no_image_is_refused_with_a_sentence(panel: Panel, small: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(small.read_bytes()[:60])
    card = panel.add()
    panel.choose(card, "image", small)
    slot = slot_of(card)
    slot.locator("input[type=file]").set_input_files(broken)
    expect(slot.locator(".pixels-problem")).to_have_text(
        "“broken.png” is not an image that this browser can read; PNG, JPEG and WebP always work."
    )
    assert sent(panel)[1] == small.read_bytes()
    panel.choose(card, "image", small)
    expect(slot.locator(".pixels-problem")).to_be_hidden()


def test_an_image_that_cannot_be_fetched_is_refused_with_a_sentence(panel: Panel) -> None:
    panel.expected_errors.append("blob:null/0")
    slot = slot_of(panel.add())
    send_event(slot, "drop", texts={"text/html": '<img src="blob:null/0">'})
    expect(slot.locator(".pixels-problem")).to_contain_text("save it and drop the file")
