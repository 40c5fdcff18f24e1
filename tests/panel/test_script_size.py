"""How much JavaScript there is, and when it is loaded."""

from __future__ import annotations

import gzip
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, expect

from panel.page import ROOT

MOST = 60 * 1024
"""Bytes of all modules, each gzipped by itself, as hosts serve them."""
HIDDEN = """document.addEventListener('DOMContentLoaded', () => {
    const style = document.createElement('style');
    style.id = 'not-chosen';
    style.textContent = '.pixels-panel { display: none !important; }';
    document.head.append(style);
});"""


def test_all_modules_together_stay_under_the_limit() -> None:
    files = list((ROOT / "javascript").rglob("*.mjs"))
    assert len(files) > 10
    assert sum(len(gzip.compress(file.read_bytes(), 6)) for file in files) <= MOST


def test_nothing_but_the_entry_runs_until_the_panel_is_opened(context: BrowserContext, address: str) -> None:
    """As while another script is chosen, whose group the hosts hide."""
    page = context.new_page()
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(urlsplit(request.url).path.rpartition("/javascript/")[2]))
    page.add_init_script(HIDDEN)
    page.goto(address, wait_until="commit")
    page.locator(".pixels-panel").wait_for(state="attached")
    page.wait_for_timeout(1500)
    modules = [name for name in loaded if name.endswith(".mjs")]
    assert modules == ["pixels.mjs"]
    assert not page.evaluate("document.documentElement.classList.contains('pixels-mounted')")
    page.evaluate("document.querySelector('#not-chosen').remove()")
    expect(page.locator(".pixels-add")).to_be_visible()
    assert "pixels/panel.mjs" in loaded
    page.close()
