"""The panel's image slots: what goes into them, and what Python receives from them."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator

from panel.page import Panel


def noise(width: int, height: int, channels: int = 3) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, channels), np.uint8))


def sent(panel: Panel, name: str = "image") -> tuple[str, bytes, Image.Image]:
    """Type, bytes and image that Python received in the last card's slot."""
    head, _, text = panel.request()["exemplars"][-1][name].partition(",")
    data = base64.b64decode(text)
    return head, data, Image.open(io.BytesIO(data))


def slot_of(card: Locator, name: str = "image") -> Locator:
    return card.locator(f".pixels-slot[data-field={name}]")


def send_event(slot: Locator, kind: str, **content: Any) -> None:
    """A drop on a slot, or a paste into it, with a file (its bytes) or with texts by their types."""
    slot.locator(".pixels-drop").evaluate(
        """(target, [kind, {file, texts}]) => {
            const transfer = new DataTransfer();
            if (file) {
                const bytes = Uint8Array.from(atob(file), letter => letter.charCodeAt(0));
                transfer.items.add(new File([bytes], 'a.png', {type: 'image/png'}));
            }
            for (const [type, text] of Object.entries(texts ?? {})) transfer.setData(type, text);
            const options = {bubbles: true, cancelable: true};
            if (kind === 'paste') {
                target.dispatchEvent(new ClipboardEvent(kind, {...options, clipboardData: transfer}));
            } else {
                for (const each of ['dragover', kind]) {
                    target.dispatchEvent(new DragEvent(each, {...options, dataTransfer: transfer}));
                }
            }
        }""",
        [kind, content],
    )


def taken_by_host(panel: Panel) -> int:
    return panel.page.evaluate("window.takenByHost")
