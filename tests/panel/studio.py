"""The studio of a panel on a page, and what tests do with it."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator

from panel.page import Panel

SIZE = (320, 240)
STEPS = 13  # 20 steps at strength 0.6: the host's int(0.6 * 20) + 1


def decoded(text: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(text.partition(",")[2] or text)))


class Studio:
    """The studio of a panel, its canvas as large as the source, so that a pixel of it is a pixel of the screen."""

    def __init__(self, panel: Panel) -> None:
        self.panel, self.page = panel, panel.page
        self.node = panel.root.locator(".pixels-studio")
        self.canvas = self.node.locator(".pixels-canvas")
        size = f"width: {SIZE[0]}px; height: {SIZE[1]}px !important"
        self.page.add_style_tag(content=f".pixels-panel :not(.pixels-full) > .pixels-stage {{ {size} }}")
        self.canvas.wait_for()
        self.rendered()

    def press(self, name: str) -> None:
        self.node.get_by_role("button", name=name, exact=True).click()

    def rendered(self) -> None:
        """Wait until nothing is rendered any more."""
        before = None
        while (now := self.canvas.evaluate("canvas => canvas.toDataURL()")) != before:
            before = now
            self.page.wait_for_timeout(350)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A pixel of the canvas, in fractions, on the page."""
        self.canvas.scroll_into_view_if_needed()
        box = self.canvas.bounding_box()
        assert box is not None
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 8, key: str = "") -> None:
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down()
        if key:
            self.page.keyboard.down(key)
        self.page.mouse.move(*self.at(*end), steps=steps)
        if key:
            self.page.keyboard.up(key)
        self.page.mouse.up()

    def seen(self) -> np.ndarray:
        """The canvas's pixels."""
        self.rendered()
        return np.asarray(decoded(self.canvas.evaluate("canvas => canvas.toDataURL()")).convert("RGB")).astype(int)

    def shows(self, x: int, y: int, color: tuple[int, int, int]) -> bool:
        """Whether a pixel of the canvas gets this color, within 5 seconds: a first rendering may take longer to begin
        than `rendered` waits."""
        for _ in range(10):
            if np.abs(self.seen()[y, x] - color).max() <= 2:
                return True
            self.page.wait_for_timeout(150)
        return False

    def source(self) -> Image.Image:
        """The source as the browser has it: gradio may have sent it as a lossy WebP."""
        text = self.page.evaluate(
            """() => {
                const image = [...document.querySelectorAll('#img2img_image img')].find(each => each.naturalWidth > 1);
                const canvas = document.createElement('canvas');
                Object.assign(canvas, {width: image.naturalWidth, height: image.naturalHeight});
                canvas.getContext('2d').drawImage(image, 0, 0);
                return canvas.toDataURL();
            }"""
        )
        return decoded(text).convert("RGB")

    def exemplar(self) -> dict[str, Any]:
        return self.panel.request()["exemplars"][0]

    def placement(self) -> dict[str, Any]:
        return self.exemplar().get("placement", {})


def with_map(panel: Panel, exemplar: Path, map_type: str = "Radial gradient") -> Locator:
    card = panel.add()
    panel.choose(card, "image", exemplar)
    card.locator(".pixels-map[data-map=edit_map] > select").select_option(label=map_type)
    return card
