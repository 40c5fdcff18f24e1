"""The panel on a page, and what tests do with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

ROOT = Path(__file__).parents[2]


class Panel:
    """The panel on a page of its own."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.expected_errors: list[str] = []
        """Parts of what the browser itself reports in a test that provokes it."""
        self.root = page.locator(".pixels-panel")
        self.cards = self.root.locator(".pixels-card")
        self.textbox = page.locator(".pixels-request textarea")

    def add(self) -> Locator:
        """A new card."""
        self.root.locator(".pixels-add").click()
        return self.cards.last

    def choose(self, card: Locator, name: str, file: Path) -> Locator:
        """Put a file into a card's slot, and wait until the slot has dealt with it."""
        slot = card.locator(f".pixels-slot[data-field={name}]")
        slot.locator("input[type=file]").set_input_files(file)
        self.settled(slot)
        return slot

    def settled(self, slot: Locator) -> None:
        slot.locator(":scope:not([aria-busy])").wait_for()
        slot.locator("img, .pixels-problem:not([hidden])").first.wait_for()

    def generate(self) -> str:
        """Press Generate; the request's text as Python received it."""
        before = self.generations()
        self.page.click("#img2img_generate")
        return self.received(before)

    def generations(self) -> int:
        return int(self.page.input_value("#generations input"))

    def received(self, before: int) -> str:
        ended = "before => Number(document.querySelector('#generations input').value) > before"
        self.page.wait_for_function(ended, arg=before)
        return self.page.input_value("#received textarea")

    def request(self) -> dict[str, Any]:
        return json.loads(self.generate())

    def set_from_python(self, text: str) -> None:
        """Let Python set the request, as pasted parameters do."""
        self.page.fill("#given textarea", text)
        self.page.click("#paste")

    def paste_json(self, text: str) -> None:
        """Paste a request through the panel's own text area."""
        view = self.root.locator(".pixels-as-json")
        if view.get_attribute("open") is None:
            view.locator("summary").click()
        if not view.locator(".pixels-paste").is_visible():
            view.get_by_role("button", name="Paste").click()
        view.locator("textarea").fill(text)
        view.get_by_role("button", name="Use it").click()
