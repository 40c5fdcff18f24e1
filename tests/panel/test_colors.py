"""Images that say what their numbers mean as colors: what the slot shows is what is sent, and maps are numbers."""

from __future__ import annotations

import base64
import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin
from playwright.sync_api import Locator

from panel.page import Panel
from panel.slots import sent, slot_of

P3 = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
"""Display P3's primaries as XYZ under D50."""


def profile() -> bytes:
    """Display P3 with a plain gamma of 2.2, the smallest that a color profile can be."""
    fixed = lambda *values: struct.pack(f">{len(values)}i", *[round(value * 65536) for value in values])  # noqa: E731
    text = b"P3\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249),
        **{name: b"XYZ \0\0\0\0" + fixed(*xyz) for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), P3, strict=True)},
        **{name: b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) for name in (b"rTRC", b"gTRC", b"bTRC")},
    }
    table, data, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", at + len(data), len(content))
        data += padded
    body = struct.pack(">I", len(tags)) + table + data
    head = struct.pack(">I4sI4s4s4s", 128 + len(body), b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + fixed(0.9642, 1, 0.8249)
    return head + bytes(128 - len(head)) + body


def save(image: Image.Image, file: Path, gamma: float | None = None) -> Path:
    """With the profile, or with a gamma alone."""
    if gamma:
        info = PngImagePlugin.PngInfo()
        info.add(b"gAMA", struct.pack(">I", round(100000 / gamma)))
        image.save(file, pnginfo=info)
    else:
        image.save(file, icc_profile=profile(), **({"quality": 100} if file.suffix == ".jpg" else {}))
    return file


def shown(slot: Locator) -> list[int]:
    """The color in the middle of what the slot shows."""
    return slot.locator("img").evaluate(
        """image => {
            const pen = new OffscreenCanvas(1, 1).getContext('2d');
            pen.drawImage(image, image.naturalWidth / 2, image.naturalHeight / 2, 1, 1, 0, 0, 1, 1);
            return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }"""
    )


def to_srgb(image: Image.Image) -> Image.Image:
    """As Python reads it. Chromium puts the profile of sRGB into the WebP files that it writes."""
    own = image.info.get("icc_profile")
    if own is None:
        return image
    converted = ImageCms.profileToProfile(image, io.BytesIO(own), ImageCms.createProfile("sRGB"))
    assert converted is not None
    return converted


def middle(image: Image.Image) -> list[int]:
    return [int(value) for value in image.convert("RGB").getpixel((image.width // 2, image.height // 2))]


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
@pytest.mark.parametrize("side", [40, 2400])
def test_an_exemplar_s_profile_is_sent_or_has_been_applied(panel: Panel, tmp_path: Path, kind: str, side: int) -> None:
    file = save(Image.new("RGB", (side, 30), (183, 72, 68)), tmp_path / f"p3.{kind}")
    slot = panel.choose(panel.add(), "image", file)
    assert shown(slot) == pytest.approx([200, 60, 60], abs=5), "the browser knows the profile"
    _, data, image = sent(panel)
    assert middle(to_srgb(image)) == pytest.approx(shown(slot), abs=3), "by Python as by the browser"
    if side == 40:
        assert data == file.read_bytes()
    else:
        assert middle(to_srgb(image)) == pytest.approx([200, 60, 60], abs=6)


def test_what_only_browsers_know_of_colors_is_applied_by_them(panel: Panel, tmp_path: Path) -> None:
    file = save(Image.new("RGB", (40, 30), (55, 55, 55)), tmp_path / "linear.png", gamma=1.0)
    slot = panel.choose(panel.add(), "image", file)
    assert middle(sent(panel)[2]) == pytest.approx(shown(slot), abs=2)
    assert shown(slot)[0] > 110


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
@pytest.mark.parametrize("side", [40, 2400])
@pytest.mark.parametrize("map_type", ["image", "shape"])
def test_a_map_s_values_are_never_converted(panel: Panel, tmp_path: Path, kind: str, side: int, map_type: str) -> None:
    file = save(Image.new("RGB", (side, 30), (183, 72, 68)), tmp_path / f"p3.{kind}")
    card = panel.add()
    if map_type == "image":
        slot = panel.choose(card, "edit_map", file)
    else:
        card.locator(".pixels-map[data-map=edit_map] > select").select_option(label="Shape")
        slot = slot_of(card.locator(".pixels-map[data-map=edit_map]"))
        slot.locator("input[type=file]").set_input_files(file)
        panel.settled(slot)
    edit_map = panel.request()["exemplars"][0]["edit_map"]
    image = Image.open(
        io.BytesIO(base64.b64decode((edit_map["image"] if map_type == "shape" else edit_map).partition(",")[2]))
    )
    assert "icc_profile" not in image.info
    assert middle(image) == pytest.approx([183, 72, 68], abs=3)
    assert shown(slot) == pytest.approx([183, 72, 68], abs=3)


@pytest.mark.parametrize("gamma", [None, 1.0])
def test_a_map_of_16_bits_keeps_them(panel: Panel, tmp_path: Path, gamma: float | None) -> None:
    values = np.linspace(0, 65535, 1200).astype(np.uint16).reshape(30, 40)
    file = save(Image.fromarray(values), tmp_path / "deep.png", gamma)
    slot = panel.choose(panel.add(), "edit_map", file)
    image = sent(panel, "edit_map")[2]
    assert (np.asarray(image) == values).all()
    assert not image.info.keys() & {"icc_profile", "gamma"}
    assert shown(slot)[0] == pytest.approx(values[15, 20] / 257, abs=1)


def test_a_plain_map_is_sent_as_it_is(panel: Panel, tmp_path: Path) -> None:
    file = tmp_path / "plain.png"
    Image.new("LA", (40, 30), (90, 200)).save(file)
    panel.choose(panel.add(), "edit_map", file)
    assert sent(panel, "edit_map")[1] == file.read_bytes()
