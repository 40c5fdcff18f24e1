"""The screenshots of docs/studio.md, from a running WebUI.

PYTHONPATH=tests .venv/bin/python -m real_host.studio_screenshots http://127.0.0.1:7860 docs/studio
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

from real_host.page import CHROMIUM, LONG, choose_script

IMAGES = Path(__file__).parents[2] / "pixels_ext" / "demo" / "images"


def take_screenshots(page: Page, folder: Path) -> None:
    """Place an exemplar, paint, open the timeline; a screenshot after each."""
    page.locator("#img2img_image input[type=file]").first.set_input_files(IMAGES / "aitzgorri.jpg")
    choose_script(page, "PIXELS")
    page.locator(".pixels-add").click()
    card = page.locator(".pixels-card").last
    card.locator(".pixels-slot[data-field=image] input[type=file]").set_input_files(IMAGES / "snow.jpg")
    card.locator(".pixels-slot[data-field=image] img").wait_for()
    card.locator(".pixels-map[data-map=edit_map] > select").select_option(label="Linear gradient")
    studio = page.locator(".pixels-studio")
    canvas = studio.locator(".pixels-canvas")
    canvas.focus()
    for _ in range(2):
        page.keyboard.press("8")
    save(studio, folder / "place.jpg")
    page.keyboard.press("0")
    page.keyboard.press("b")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.55 * box["width"], box["y"] + 0.55 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.75 * box["height"], steps=12)
    page.mouse.up()
    canvas.focus()
    page.keyboard.press("3")
    save(studio, folder / "paint.jpg")
    canvas.focus()
    page.keyboard.press("1")
    page.keyboard.press("v")
    studio.locator(".pixels-step input").fill("8")
    page.locator(".pixels-body [data-field=threshold] select").last.select_option(label="log")
    save(studio, folder / "timeline.jpg")


def save(studio: Locator, file: Path) -> None:
    """Save the studio once nothing moves any more."""
    studio.page.wait_for_timeout(2000)
    image = Image.open(io.BytesIO(studio.screenshot())).convert("RGB")
    image.save(file, quality=88)


def main(address: str, folder: Path) -> None:
    """Open the page in the light theme, and take the screenshots."""
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1500, "height": 1700})
        page.goto(f"{address}?__theme=light")
        page.locator(".pixels-panel").wait_for(state="attached", timeout=LONG)
        page.locator("#tabs button:visible", has_text="img2img").first.click()
        take_screenshots(page, folder)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
