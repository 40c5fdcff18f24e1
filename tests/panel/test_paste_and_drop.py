"""What is pasted and dropped: to which slot it goes, and that the host's own fields do not get it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from panel.page import Panel
from panel.slots import noise, sent, slot_of, taken_by_host
from panel.studio import Studio

DROP = """(target, [kind, files]) => {
    const transfer = new DataTransfer();
    for (const [name, data] of files) {
        transfer.items.add(new File([Uint8Array.from(atob(data), letter => letter.charCodeAt(0))], name));
    }
    const options = {bubbles: true, cancelable: true};
    const event = kind === 'paste'
        ? new ClipboardEvent(kind, {...options, clipboardData: transfer})
        : new DragEvent(kind, {...options, dataTransfer: transfer});
    target.dispatchEvent(event);
    return event.defaultPrevented;
}"""


def copy_image(panel: Panel, text: str = "") -> None:
    """Put an image of 31 by 17 on the clipboard, with a text besides if there is one."""
    panel.page.evaluate(
        """async text => {
            const canvas = new OffscreenCanvas(31, 17);
            canvas.getContext('2d').fillRect(0, 0, 9, 9);
            const kinds = {'image/png': await canvas.convertToBlob()};
            if (text) kinds['text/plain'] = new Blob([text], {type: 'text/plain'});
            await navigator.clipboard.write([new ClipboardItem(kinds)]);
        }""",
        text,
    )


def paste(panel: Panel) -> None:
    panel.page.keyboard.press("Control+v")


def away(panel: Panel) -> None:
    """Take the pointer from the panel."""
    panel.page.locator("#img2img_image").hover(position={"x": 5, "y": 5})


def give(target: Locator, *files: Path, kind: str = "drop") -> bool:
    """Drop or paste files; whether somebody has kept the browser from dealing with them itself."""
    data = [(file.name, base64.b64encode(file.read_bytes()).decode()) for file in files]
    return bool(target.evaluate(DROP, [kind, data]))


def image_files(folder: Path, count: int) -> Sequence[Path]:
    files = [folder / f"{i}.png" for i in range(count)]
    for i, file in enumerate(files):
        noise(20 + i, 10).save(file)
    return files


@pytest.mark.parametrize("name", ["image", "edit_map"])
@pytest.mark.parametrize("focus", ["nowhere", "the host's text", "the other slot"])
def test_a_paste_goes_to_the_slot_under_the_pointer(panel: Panel, name: str, focus: str) -> None:
    card = panel.add()
    copy_image(panel)
    if focus == "nowhere":
        panel.page.evaluate("document.activeElement.blur()")
    elif focus == "the host's text":
        panel.page.locator("#elsewhere textarea").focus()
    else:
        slot_of(card, "edit_map" if name == "image" else "image").locator(".pixels-drop").focus()
    slot = slot_of(card, name)
    slot.hover()
    paste(panel)
    panel.settled(slot)
    assert sent(panel, name)[2].size == (31, 17)
    assert len(panel.request()["exemplars"][0]) == 1
    assert taken_by_host(panel) == 0


@pytest.mark.parametrize("name", ["image", "edit_map"])
def test_a_paste_goes_to_the_slot_that_was_touched_last(panel: Panel, name: str) -> None:
    slot = slot_of(panel.add(), name)
    with panel.page.expect_file_chooser():
        slot.locator(".pixels-drop").click()
    panel.page.evaluate("document.activeElement.blur()")
    away(panel)
    copy_image(panel)
    paste(panel)
    panel.settled(slot)
    assert sent(panel, name)[2].size == (31, 17)
    assert taken_by_host(panel) == 0


def test_a_paste_outside_all_slots_is_left_to_the_host(panel: Panel) -> None:
    slot = slot_of(panel.add())
    copy_image(panel)
    slot.locator(".pixels-drop").focus()
    panel.page.locator("#elsewhere textarea").click()
    paste(panel)
    assert taken_by_host(panel) == 2
    panel.page.uncheck("#chosen input")
    expect(panel.root).to_be_hidden()
    paste(panel)
    assert taken_by_host(panel) == 4
    panel.page.check("#chosen input")
    assert panel.request() == {"exemplars": [{}]}


def test_a_text_box_over_a_slot_gets_pasted_text(panel: Panel) -> None:
    slot, box = slot_of(panel.add()), panel.page.locator("#elsewhere textarea")
    for text in ("a text", "<p>a <b>text</b> <img src='nowhere.png'></p>"):
        panel.page.evaluate(
            """text => navigator.clipboard.write([new ClipboardItem({
                'text/plain': new Blob(['a text'], {type: 'text/plain'}),
                'text/html': new Blob([text], {type: 'text/html'}),
            })])""",
            text,
        )
        box.fill("")
        slot.hover()
        paste(panel)
        expect(box).to_have_value("a text")
    expect(slot.locator(".pixels-problem")).to_be_hidden()
    copy_image(panel, "its name")
    box.fill("")
    slot.hover()
    paste(panel)
    expect(box).to_have_value("its name")
    panel.settled(slot)
    assert sent(panel)[2].size == (31, 17)
    assert taken_by_host(panel) == 0


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_several_files_are_several_exemplars(panel: Panel, tmp_path: Path, kind: str) -> None:
    panel.add()
    panel.add()
    face = slot_of(panel.cards.first).locator(".pixels-drop")
    face.focus()
    give(face, *image_files(tmp_path, 3), kind=kind)
    expect(panel.cards).to_have_count(4)
    images = panel.root.locator(".pixels-card > .pixels-form > .pixels-images > [data-field=image]")
    for i, size in enumerate(("20×10", "21×10", "22×10")):
        expect(images.nth(i).locator(".pixels-about")).to_contain_text(size)
    assert ["image" in each for each in panel.request()["exemplars"]] == [True, True, True, False]
    assert taken_by_host(panel) == 0


def test_several_files_are_chosen_at_once(panel: Panel, tmp_path: Path) -> None:
    slot = slot_of(panel.add())
    slot.locator("input[type=file]").set_input_files(image_files(tmp_path, 2))
    expect(panel.cards).to_have_count(2)
    expect(panel.cards.last.locator("[data-field=image] img")).to_be_visible()


def test_a_map_is_one_image(panel: Panel, tmp_path: Path, small: Path) -> None:
    card = panel.add()
    slot = panel.choose(card, "edit_map", small)
    give(slot.locator(".pixels-drop"), *image_files(tmp_path, 2))
    expect(slot.locator(".pixels-problem")).to_have_text("Edit map takes one image, not 2; nothing was changed.")
    assert sent(panel, "edit_map")[1] == small.read_bytes()
    assert slot.locator("input[type=file]").get_attribute("multiple") is None


@pytest.mark.parametrize("drop_on", ["slot", "add", "studio"])
def test_a_broken_file_among_several_is_named_and_the_others_are_taken(
    panel: Panel, tmp_path: Path, drop_on: str
) -> None:
    files = [*image_files(tmp_path, 2), tmp_path / "broken.png"]
    files[-1].write_bytes(files[0].read_bytes()[:60])
    if drop_on == "slot":
        panel.add()
        slot = slot_of(panel.cards.first)
        target, said = slot.locator(".pixels-drop"), slot.locator(".pixels-problem")
    elif drop_on == "add":
        target, said = panel.root.locator(".pixels-add"), panel.root.locator(".pixels-add-row + .pixels-problem")
    else:
        studio = panel.root.locator(".pixels-studio")
        target, said = studio, studio.locator("p.pixels-note[role=status]")
    give(target, files[2], files[0], files[1])
    expect(said).to_contain_text("“broken.png” is not an image")
    expect(panel.cards.locator("[data-field=image] img")).to_have_count(2)


def test_images_beyond_the_limit_are_reported(panel: Panel, tmp_path: Path, small: Path) -> None:
    panel.set_from_python('{"exemplars": [' + ", ".join(["{}"] * 31) + "]}")
    expect(panel.cards).to_have_count(31)
    give(panel.root.locator(".pixels-add-row"), *image_files(tmp_path, 3))
    expect(panel.root.locator(".pixels-add-row + .pixels-problem")).to_have_text(
        "There can be at most 32 exemplars; 2 of the images were not added."
    )
    expect(panel.cards).to_have_count(32)
    assert give(panel.root.locator(".pixels-add"), small), "else the browser shows the file instead of the page"
    expect(panel.root.locator(".pixels-add-row + .pixels-problem")).to_contain_text("1 of the images were not added")
    expect(panel.cards).to_have_count(32)
    panel.page.get_by_role("button", name="Result → exemplar").click()
    expect(panel.page.locator(".pixels-results .pixels-problem")).to_contain_text("1 of the images were not added")
    expect(panel.cards).to_have_count(32)


def test_added_images_can_be_undone(panel: Panel, tmp_path: Path) -> None:
    give(panel.root.locator(".pixels-add"), *image_files(tmp_path, 3))
    expect(panel.cards).to_have_count(3)
    Studio(panel).press("Undo")
    expect(panel.cards).to_have_count(0)


def test_a_file_dropped_outside_all_slots_changes_nothing(panel: Panel, small: Path) -> None:
    card = panel.add()
    address = panel.page.url
    for target in (card.locator(".pixels-heading"), panel.root.locator(".pixels-as-json summary")):
        assert give(target, small), "else the browser shows the file instead of the page"
    expect(panel.root.locator("> .pixels-problem")).to_contain_text("Drop images on an image field")
    assert panel.request() == {"exemplars": [{}]}
    assert panel.page.url == address
    assert taken_by_host(panel) == 0


def test_a_reduced_image_is_reported_however_it_was_added(panel: Panel, tmp_path: Path) -> None:
    noise(300, 200).resize((3000, 2000)).save(tmp_path / "large.jpg", quality=60)
    give(panel.root.locator(".pixels-add"), tmp_path / "large.jpg")
    expect(panel.cards.locator("[data-field=image] .pixels-about")).to_contain_text("reduced from 3000×2000")


def test_a_map_that_comes_late_does_not_replace_a_newer_one(panel: Panel, tmp_path: Path) -> None:
    noise(1100, 1100).save(tmp_path / "large.png")
    card = panel.add()
    slot = slot_of(card, "edit_map")
    give(slot.locator(".pixels-drop"), tmp_path / "large.png")
    card.get_by_label("Edit map from").select_option(label="Linear gradient")
    panel.page.wait_for_timeout(3000)
    assert panel.request() == {"exemplars": [{"edit_map": {"type": "linear"}}]}


def test_escape_in_the_full_window_leaves_it_wherever_the_focus_is(studio: Studio) -> None:
    page = studio.page
    studio.press("Full window")
    studio.node.locator("p.pixels-note[role=status]").click()  # nothing there takes the focus
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("Escape")
    expect(studio.node).to_have_class("pixels-studio")
    assert page.evaluate("window.interrupted") == 0, "hosts interrupt a generation with it"
    page.keyboard.press("Escape")
    assert page.evaluate("window.interrupted") == 1, "outside of it, it is theirs"
