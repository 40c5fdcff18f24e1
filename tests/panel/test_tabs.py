"""Browser tabs: each keeps its own request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from panel.page import Panel


def text(threshold: str) -> str:
    return json.dumps({"threshold": threshold})


@contextmanager
def opened(panel: Panel, features: str) -> Iterator[Panel]:
    """Another tab of the same page. One that was opened by a page, as one that is duplicated, has a copy of what the
    browser keeps for that page's tab; with `noopener` it has nothing."""
    with panel.page.context.expect_page() as other:
        panel.page.evaluate("features => { window.open(location.href, '_blank', features); }", features)
    page: Page = other.value
    page.wait_for_selector(".pixels-add")
    yield Panel(page)
    page.close()


@pytest.fixture
def kept(panel: Panel) -> Iterator[Panel]:
    """A panel next to which other tabs start with the same storage."""
    panel.page.evaluate("localStorage.stays = 'yes'")
    yield panel
    panel.page.evaluate("localStorage.clear()")


def set_threshold(panel: Panel, name: str) -> None:
    panel.set_from_python(text(name))
    expect(panel.root.locator("[data-field=threshold] select").first).to_have_value(
        str(["linear", "log", "cubic", "quadratic", "sigmoid"].index(name))
    )
    assert panel.request() == {"threshold": name}
    panel.page.wait_for_timeout(300)


def reloaded(panel: Panel) -> str:
    panel.page.reload()
    panel.page.wait_for_selector(".pixels-add")
    panel.page.wait_for_timeout(1000)
    return panel.generate()


@pytest.mark.parametrize("features", ["", "noopener"])
def test_each_tab_keeps_its_own_request(kept: Panel, features: str) -> None:
    set_threshold(kept, "log")
    with opened(kept, features) as second:
        expect(second.root.locator("[data-field=threshold] select").first).to_have_value("1")
        assert second.request() == {"threshold": "log"}, "a new tab begins where the last one is"
        set_threshold(second, "cubic")
        assert json.loads(reloaded(kept)) == {"threshold": "log"}
        assert json.loads(reloaded(second)) == {"threshold": "cubic"}
        set_threshold(kept, "sigmoid")
        assert json.loads(reloaded(second)) == {"threshold": "cubic"}
        assert json.loads(reloaded(kept)) == {"threshold": "sigmoid"}


def test_a_duplicate_starts_with_the_request_of_the_original(kept: Panel) -> None:
    set_threshold(kept, "log")
    with opened(kept, "noopener") as other:
        set_threshold(other, "cubic")  # the newest
        with opened(kept, "") as duplicate:
            expect(duplicate.root.locator("[data-field=threshold] select").first).to_have_value("1")
            assert duplicate.request() == {"threshold": "log"}


def test_only_the_newest_tabs_are_kept(kept: Panel) -> None:
    set_threshold(kept, "log")
    kept.page.evaluate(
        """async () => {
            const opening = indexedDB.open('pixels');
            await new Promise(done => { opening.onsuccess = done; });
            const table = opening.result.transaction('requests', 'readwrite').objectStore('requests');
            for (let i = 0; i < 40; i++) table.put('{}', [String(9e12 + i), 'newer']);
            await new Promise(done => { table.transaction.oncomplete = done; });
            opening.result.close();
        }"""
    )
    set_threshold(kept, "cubic")
    kept.page.wait_for_timeout(500)
    count = kept.page.evaluate(
        """async () => {
            const opening = indexedDB.open('pixels');
            await new Promise(done => { opening.onsuccess = done; });
            const asked = opening.result.transaction('requests').objectStore('requests').count();
            await new Promise(done => { asked.onsuccess = done; });
            opening.result.close();
            return asked.result;
        }"""
    )
    assert count == 17, "its own, and the 16 newest"
    assert json.loads(reloaded(kept)) == {"threshold": "cubic"}


def test_without_any_storage_the_panel_works(address: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.add_init_script(
        """for (const name of ['sessionStorage', 'indexedDB']) {
            Object.defineProperty(window, name, {get() { throw new DOMException('not allowed', 'SecurityError'); }});
        }"""
    )
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".pixels-add")
    panel = Panel(page)
    panel.add()
    assert panel.request() == {"exemplars": [{}]}
    page.close()
