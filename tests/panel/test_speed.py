"""The studio's frames on a source of 2048 pixels. Numbers: `python tasks.py panel -k speed -s`, on an idle machine."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from panel.page import Panel
from panel.studio import with_map

FRAME = 1000 / 60
MOST_SCRIPT = FRAME / 4
"""Milliseconds of our work in one frame; the rest is the browser's, which draws it."""
COUNT = """() => {
    window.frames = 0;
    const count = () => {
        window.frames += 1;
        requestAnimationFrame(count);
    };
    count();
}"""


def noise(width: int, height: int) -> bytes:
    """An image that compresses badly, as JPEG."""
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def large(panel: Panel, tmp_path: Path) -> Panel:
    """A large source, and two large exemplars: one with a map that Python makes, one with a gradient."""
    source = "data:image/jpeg;base64," + base64.b64encode(noise(2048, 1536)).decode()
    panel.page.evaluate(
        """source => {
            const images = [...document.querySelectorAll('#img2img_image img')];
            images.find(each => each.naturalWidth > 1).src = source;
        }""",
        source,
    )
    (tmp_path / "large.jpg").write_bytes(noise(1024, 1024))
    for map_type in ("Depth", "Radial gradient"):
        with_map(panel, tmp_path / "large.jpg", map_type)
    panel.root.locator(".pixels-layers > li").last.click()
    panel.page.wait_for_timeout(5000)
    return panel


def test_speed_of_dragging_and_painting(large: Panel) -> None:
    page, canvas = large.page, large.root.locator(".pixels-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    remote = page.context.new_cdp_session(page)
    remote.send("Performance.enable")
    page.evaluate(COUNT)

    def script() -> float:
        metrics = remote.send("Performance.getMetrics")["metrics"]
        return 1000 * next(each["value"] for each in metrics if each["name"] == "ScriptDuration")

    def wiggle() -> None:
        for y in (0.35, 0.5, 0.65):
            for x in (0.7, 0.3):
                page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=30)

    def measured(what: str, does: Callable[[], None]) -> float:
        page.wait_for_timeout(1500)
        page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
        page.mouse.down()
        before, frames = script(), page.evaluate("frames")
        does()
        spent, count = script() - before, page.evaluate("frames") - frames
        page.mouse.up()
        print(f"{what}: {count} frames, {spent / count:.2f} ms of script in each")
        return spent / count

    assert measured("dragging an exemplar", wiggle) < MOST_SCRIPT
    large.root.get_by_role("button", name="Paint exemplar").click()
    for view in ("Composite", "Overlay"):
        large.root.get_by_role("button", name=view).click()
        assert measured(f"painting, {view.lower()}", wiggle) < MOST_SCRIPT
