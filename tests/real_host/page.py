"""The WebUI's page in Chromium."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from .webui_client import WebUI

CHROMIUM = Path("/usr/bin/chromium")
LONG = 180_000


def open_page(browser: Any, host: WebUI) -> Any:
    """The page in a tab of its own, on img2img."""
    page = browser.new_page(viewport={"width": 1500, "height": 1600})
    page.set_default_timeout(30_000)
    page.goto(host.address)
    page.locator(".pixels-panel").wait_for(state="attached", timeout=LONG)
    page.locator("#tabs button:visible", has_text=re.compile(r"^\s*img2img\s*$", re.IGNORECASE)).first.click()
    return page


def choose_script(page: Any, title: str) -> None:
    field = page.locator("#tab_img2img #script_list input")
    field.click()
    field.fill(title)
    page.keyboard.press("Enter")
