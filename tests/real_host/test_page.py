"""The page of a real host in a real browser: an edit from the panel, and back again from its parameters."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from .page import CHROMIUM, LONG, choose_script, open_page
from .webui_client import SIZE, WebUI, by_script, difference, exemplar, left_to_right, pixels_of, request, sample_image

needs_browser = pytest.mark.skipif(
    not CHROMIUM.exists() or importlib.util.find_spec("playwright") is None, reason="needs chromium and playwright"
)
pytestmark = needs_browser


@pytest.fixture
def page(host: WebUI) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield open_page(browser, host)
        browser.close()


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, Path]:
    files = {"source": sample_image(1), "exemplar": sample_image(2), "map": left_to_right()}
    for name, image in files.items():
        image.save(tmp_path / f"{name}.png")
    return {name: tmp_path / f"{name}.png" for name in files}


def set_number(page: Any, elem_id: str, value: float) -> None:
    box = page.locator(f"#{elem_id} input[type=number]").first
    box.fill(str(value))
    box.press("Tab")


def fill_tab(page: Any, source: Path) -> None:
    page.locator("#img2img_image input[type=file]").first.set_input_files(source)
    page.locator("#img2img_prompt textarea").first.fill("a")
    for elem_id, value in {
        "img2img_width": SIZE,
        "img2img_height": SIZE,
        "img2img_steps": 4,
        "img2img_cfg_scale": 3,
        "img2img_denoising_strength": 0.7,
        "img2img_seed": 5,
    }.items():
        set_number(page, elem_id, value)


def add_exemplar(page: Any, files: dict[str, Path]) -> None:
    page.locator(".pixels-add").click()
    card = page.locator(".pixels-card").last
    for name, file in (("image", files["exemplar"]), ("edit_map", files["map"])):
        slot = card.locator(f".pixels-slot[data-field={name}]")
        slot.locator("input[type=file]").set_input_files(file)
        slot.locator("img").wait_for()


def generated(page: Any) -> str:
    """Press Generate and return the infotext under the image."""
    return infotext_after(page, press_generate(page))


def press_generate(page: Any) -> str:
    """Press Generate and return the infotext that was under the image before."""
    before = page.locator("#html_info_img2img").first.inner_text()
    page.locator("#img2img_generate").click()
    return before


def infotext_after(page: Any, before: str) -> str:
    """The infotext under the image, once it has changed."""
    info = page.locator("#html_info_img2img").first
    changed = "before => document.querySelector('#html_info_img2img').innerText !== before"
    page.wait_for_function(changed, arg=before, timeout=LONG)
    return info.inner_text()


def fields_of(infotext: str) -> dict[str, Any]:
    """The API's fields for the image that the page made with this infotext."""
    sampler, schedule = (re.search(rf"{key}: ([^,]+)", infotext) for key in ("Sampler", "Schedule type"))
    assert sampler
    return {"denoising_strength": 0.7, "sampler_name": sampler[1], "scheduler": schedule[1] if schedule else None}


def shown_image(page: Any, host: WebUI) -> np.ndarray:
    return fetched(page, host, page.locator('#img2img_gallery img[src*="file="]').first)


def fetched(page: Any, host: WebUI, image: Any) -> np.ndarray:
    address = image.get_attribute("src")
    body = page.request.get(address if address.startswith("http") else f"{host.address}/{address.lstrip('/')}").body()
    return pixels_of(Image.open(io.BytesIO(body)))


def request_text(page: Any) -> str:
    return page.locator(".pixels-request textarea").input_value()


def test_the_page_gives_the_image_that_the_api_gives(page: Any, host: WebUI, inputs: dict[str, Path]) -> None:
    fill_tab(page, inputs["source"])
    choose_script(page, "PIXELS")
    add_exemplar(page, inputs)
    infotext = generated(page)
    assert "PIXELS: " in infotext
    fields = fields_of(infotext)
    by_api = host.img2img(sample_image(1), **fields, **by_script(request(exemplar(sample_image(2), left_to_right()))))
    assert difference(shown_image(page, host), by_api.image) <= 1


def test_two_tabs_and_the_api_at_once_do_not_mix(page: Any, host: WebUI, inputs: dict[str, Path]) -> None:
    other = open_page(page.context.browser, host)
    third = inputs["exemplar"].with_name("third.png")
    sample_image(3).save(third)
    for tab, files in ((page, inputs), (other, inputs | {"exemplar": third})):
        fill_tab(tab, inputs["source"])
        choose_script(tab, "PIXELS")
        add_exemplar(tab, files)
    page.wait_for_timeout(1500)
    edit = by_script(request(exemplar(sample_image(4), left_to_right())))
    with ThreadPoolExecutor() as pool:
        befores = press_generate(page), press_generate(other)
        plain, edited = pool.submit(host.img2img, sample_image(1)), pool.submit(host.img2img, sample_image(1), **edit)
        for seed, tab, before in ((2, page, befores[0]), (3, other, befores[1])):
            fields = fields_of(infotext_after(tab, before))
            alone = host.img2img(
                sample_image(1), **fields, **by_script(request(exemplar(sample_image(seed), left_to_right())))
            )
            assert difference(shown_image(tab, host), alone.image) <= 1
    assert difference(plain.result().image, host.img2img(sample_image(1)).image) <= 1
    assert difference(edited.result().image, host.img2img(sample_image(1), **edit).image) <= 1


def test_a_generated_map_is_the_same_on_the_page_and_by_api(page: Any, host: WebUI, inputs: dict[str, Path]) -> None:
    fill_tab(page, inputs["source"])
    choose_script(page, "PIXELS")
    add_exemplar(page, inputs)
    card = page.locator(".pixels-card").last
    for name, title in (("edit_map", "Linear gradient"), ("second_map", "Radial gradient")):
        card.locator(f".pixels-map[data-map={name}] > select").select_option(label=title)
    infotext = generated(page)
    assert "map from linear and radial" in infotext
    fields = fields_of(infotext)
    data = exemplar(sample_image(2), left_to_right())
    data |= {"edit_map": {"type": "linear"}, "second_map": {"type": "radial"}}
    assert (
        difference(shown_image(page, host), host.img2img(sample_image(1), **fields, **by_script(request(data))).image)
        <= 1
    )


def test_a_mask_that_is_uploaded_on_the_page_is_the_map(page: Any, host: WebUI, inputs: dict[str, Path]) -> None:
    """Inpaint upload, whole image or only masked as the page has it: what is not painted stays the source."""
    fill_tab(page, inputs["source"])
    page.locator("#mode_img2img button", has_text="Inpaint upload").click()
    mask = Image.new("L", (SIZE, SIZE), 0)
    mask.paste(255, (16, 16, 64, 112))
    file = inputs["source"].with_name("mask.png")
    mask.save(file)
    page.locator("#img_inpaint_base input[type=file]").first.set_input_files(inputs["source"])
    page.locator("#img_inpaint_mask input[type=file]").first.set_input_files(file)
    choose_script(page, "PIXELS")
    add_exemplar(page, inputs)
    card = page.locator(".pixels-card").last
    card.locator(".pixels-map[data-map=edit_map] > select").select_option(label="Inpaint mask")
    page.wait_for_timeout(1500)
    assert "map from inpaint mask" in generated(page)
    away = np.abs(shown_image(page, host) - pixels_of(sample_image(1))).max(axis=2)
    assert away[32:96, 24:56].mean() > 8
    away[:, :92] = 0
    assert away.max() == 0


def test_the_batch_tab_edits_every_image_as_if_alone(page: Any, host: WebUI, inputs: dict[str, Path]) -> None:
    if not os.environ.get("PIXELS_HOST_SOURCE"):
        pytest.skip("needs a host on this machine, named by PIXELS_HOST_SOURCE: it reads a folder")
    fill_tab(page, inputs["source"])
    page.locator("#mode_img2img button", has_text="Batch").click()
    page.locator("#img2img_batch_source button", has_text="From directory").click()
    folder = inputs["source"].with_name("batch")
    folder.mkdir()
    for seed in (1, 3):
        sample_image(seed).save(folder / f"{seed}.png")
    page.locator("#img2img_batch_input_dir textarea").fill(str(folder))
    choose_script(page, "PIXELS")
    add_exemplar(page, inputs)
    page.wait_for_timeout(1500)
    fields = fields_of(generated(page))
    shown = [
        fetched(page, host, image)
        for image in page.locator("#img2img_gallery .thumbnail-item img, .grid-container img").all()
    ]
    edit = by_script(request(exemplar(sample_image(2), left_to_right())))
    results = [host.img2img(sample_image(seed), **fields, **edit).image for seed in (1, 3)]
    assert difference(results[0], results[1]) > 8
    for each in results:
        assert min(difference(each, one) for one in shown if one.shape == each.shape) <= 1


def test_a_bad_request_is_explained_on_the_page(page: Any, inputs: dict[str, Path]) -> None:
    fill_tab(page, inputs["source"])
    choose_script(page, "PIXELS")
    page.locator(".pixels-add").click()
    page.locator(".pixels-slot[data-field=image] input[type=file]").set_input_files(inputs["exemplar"])
    page.locator(".pixels-slot[data-field=image] img").wait_for()
    page.locator("#img2img_generate").click()
    sentence = page.get_by_text("exemplars[0].edit_map: missing").first
    sentence.wait_for(timeout=LONG)


def test_parameters_bring_the_panel_and_the_script_back(page: Any, host: WebUI, inputs: dict[str, Path]) -> None:
    data = request(exemplar(sample_image(2), left_to_right(), threshold="cubic"), keep_white=True)
    text = host.img2img(sample_image(1), **by_script(data)).info["infotexts"][0]
    page.locator("#img2img_prompt textarea").first.fill(text)
    page.locator("#img2img_tools #paste, #img2img_tools button").first.click()
    page.wait_for_function("() => document.querySelector('.pixels-request textarea').value.includes('sha256')")
    restored = json.loads(request_text(page))
    assert restored["keep_white"] is True
    assert restored["exemplars"][0]["threshold"] == "cubic"
    page.get_by_text("image missing").first.wait_for()
    assert page.locator("#tab_img2img #script_list input").input_value() == "PIXELS"


def test_what_is_painted_in_the_studio_is_what_is_generated(page: Any, host: WebUI, inputs: dict[str, Path]) -> None:
    """An exemplar placed and painted by hand, a map from Python, a result as an exemplar, and a reload."""
    fill_tab(page, inputs["source"])
    choose_script(page, "PIXELS")
    add_exemplar(page, inputs)
    studio = page.locator(".pixels-studio")
    canvas = studio.locator(".pixels-canvas")
    canvas.wait_for()
    status = studio.locator("p.pixels-note[role=status]")
    card = page.locator(".pixels-card").last
    card.locator(".pixels-map[data-map=edit_map] > select").select_option(label="Brightness")
    page.wait_for_function(
        "() => document.querySelector('.pixels-studio p[role=status]').textContent === 'Exemplar 1.'"
    )
    studio.get_by_role("button", name="Move", exact=True).click()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] + 30, steps=6)
    page.mouse.up()
    studio.get_by_role("button", name="Paint exemplar").click()
    page.wait_for_timeout(1500)
    page.mouse.move(middle[0] - 80, middle[1])
    page.mouse.down()
    page.mouse.move(middle[0] + 80, middle[1], steps=12)
    page.mouse.up()
    page.wait_for_timeout(1000)
    infotext = generated(page)
    data = json.loads(request_text(page))
    [item] = data["exemplars"]
    assert item["edit_map"].startswith("data:image/png")
    assert item["placement"]["x"] > 0.52
    fields = fields_of(infotext)
    by_api = host.img2img(sample_image(1), **fields, **by_script(data))
    assert difference(shown_image(page, host), by_api.image) <= 1
    page.get_by_role("button", name="Result → exemplar").click()
    page.locator(".pixels-card").nth(1).wait_for()
    before = canvas.evaluate("canvas => canvas.toDataURL()")
    page.get_by_role("button", name="Result → source").click()
    page.wait_for_timeout(3000)
    assert canvas.evaluate("canvas => canvas.toDataURL()") != before
    assert status.inner_text().startswith("Exemplar 1.")
    page.reload()
    page.locator(".pixels-panel").wait_for(state="attached", timeout=LONG)
    page.locator("#tabs button:visible", has_text=re.compile(r"^\s*img2img\s*$", re.IGNORECASE)).first.click()
    choose_script(page, "PIXELS")
    page.locator(".pixels-card").nth(1).wait_for()
    page.wait_for_timeout(1500)
    assert len(json.loads(request_text(page))["exemplars"]) == 2


SOURCE = (
    """() => [...document.querySelectorAll('#img2img_image img')].find(each => each.naturalWidth > 1)?.naturalWidth"""
)
GIVE = """(target, [kind, width]) => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, {width, height: 40}).getContext('2d').fillRect(0, 0, 9, 9);
    const file = Uint8Array.from(atob(canvas.toDataURL('image/png').split(',')[1]), letter => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([file], 'a.png', {type: 'image/png'}));
    const options = {bubbles: true, cancelable: true, composed: true};
    target.dispatchEvent(kind === 'paste'
        ? new ClipboardEvent(kind, {...options, clipboardData: transfer})
        : new DragEvent(kind, {...options, dataTransfer: transfer}));
}"""


def test_what_is_pasted_and_dropped_on_a_slot_goes_there(page: Any, inputs: dict[str, Path]) -> None:
    fill_tab(page, inputs["source"])
    choose_script(page, "PIXELS")
    page.wait_for_function(f"({SOURCE})() === {SIZE}")
    page.locator(".pixels-add").click()
    card = page.locator(".pixels-card").last
    for name, kind, width in (
        ("image", "paste", 31),
        ("edit_map", "paste", 32),
        ("image", "drop", 33),
        ("edit_map", "drop", 34),
    ):
        slot = card.locator(f".pixels-slot[data-field={name}]")
        slot.scroll_into_view_if_needed()
        slot.hover()
        target = slot.locator(".pixels-drop") if kind == "drop" else page.locator("body")
        target.evaluate(GIVE, [kind, width])
        slot.get_by_text(f"{width}×40").wait_for()
        page.wait_for_timeout(1000)
        assert page.evaluate(SOURCE) == SIZE, "the host's source stays"
    card.locator(".pixels-slot[data-field=image] .pixels-drop").focus()
    page.mouse.move(5, 5)
    page.locator("body").evaluate(GIVE, ["paste", 35])
    card.locator(".pixels-slot[data-field=image]").get_by_text("35×40").wait_for()
    assert page.evaluate(SOURCE) == SIZE
    page.locator("#img2img_image").hover()
    page.locator("#img2img_prompt textarea").first.focus()
    page.locator("body").evaluate(GIVE, ["paste", 36])
    page.wait_for_function(f"({SOURCE})() === 36")  # else this would test nothing


def test_a_strength_is_suggested_for_the_selected_resize_tab(page: Any, inputs: dict[str, Path]) -> None:
    fill_tab(page, inputs["source"])
    choose_script(page, "PIXELS")
    add_exemplar(page, inputs)
    asked = "JSON.parse(document.querySelector('[id$=pixels_question] textarea').value)"
    page.get_by_role("tab", name="Resize by").or_(page.get_by_role("button", name="Resize by")).first.click()
    set_number(page, "img2img_scale", 1.5)
    page.get_by_role("button", name="Suggest strength").click()
    page.wait_for_function(f"() => {asked}.ask === 'strength'", timeout=LONG)
    assert page.evaluate(f"[{asked}.width, {asked}.height]") == [SIZE * 3 // 2, SIZE * 3 // 2]
    page.get_by_text("Suggestion:").wait_for(timeout=LONG)
