"""The studio without a mouse, and for those who hear it: a whole edit with keys alone, and what axe finds."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from panel.page import Panel, skip_or_fail
from panel.studio import SIZE, Studio, decoded, with_map
from pixels_ext.imaging.images import as_edit_map

AXE = "axe-core@4.14.1"
NAME = """() => {
    const node = document.activeElement;
    const label = node.id && document.querySelector(`label[for="${CSS.escape(node.id)}"]`);
    return (node.getAttribute('aria-label') ?? label?.textContent ?? node.textContent).trim();
}"""
CANVAS, STRIP = "The edit before denoising", "Exemplars, bottom first"


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until something of that name has the focus."""
    passed = []
    for _ in range(120):
        page.keyboard.press(key)
        passed.append(page.evaluate(NAME))
        if passed[-1].startswith(name):
            return
    pytest.fail(f"{key} does not come to {name!r}, but to {passed}")


def focused(page: Page) -> str:
    return page.evaluate(NAME)


def test_a_whole_edit_with_keys_alone(panel: Panel, exemplar: Path) -> None:
    page, press = panel.page, panel.page.keyboard.press
    canvas, options = panel.root.locator(".pixels-canvas"), panel.root.locator(".pixels-layers > li")
    status = panel.root.locator("p.pixels-note[role=status]")

    page.on("filechooser", lambda _: None)  # from now on, not from a moment after it is waited for
    tab_to(page, "Add an exemplar")
    press("Enter")
    assert focused(page).startswith("Exemplar: choose"), "a new card has the focus"
    with page.expect_file_chooser() as chooser:
        press("Enter")
    chooser.value.set_files(exemplar)
    panel.settled(panel.cards.last.locator(".pixels-slot[data-field=image]"))
    tab_to(page, "Edit map from")
    page.keyboard.type("Radial")
    expect(page.locator(":focus")).to_have_value("radial")

    tab_to(page, CANVAS, "Shift+Tab")
    expect(canvas).to_be_focused()
    for key in ("Shift+ArrowRight", "ArrowUp", "+", "+", ".", "f"):
        press(key)
    page.wait_for_timeout(600)

    tab_to(page, STRIP)
    press("Control+d")
    expect(options).to_have_count(2)
    expect(status).to_contain_text("Exemplar 2.")
    assert focused(page) == STRIP, "the strip keeps the focus while cards are made and removed"
    press("Shift+PageUp")
    expect(options.first).to_have_attribute("aria-selected", "true")
    press("ArrowRight")
    expect(options.last).to_have_attribute("aria-selected", "true")
    press("h")
    expect(options.last).to_have_accessible_name("Exemplar 2, hidden")
    press("Delete")
    expect(options).to_have_count(1)
    expect(panel.cards).to_have_count(1)

    tab_to(page, CANVAS, "Shift+Tab")
    press("b")
    tab_to(page, "All source")
    press("Enter")
    tab_to(page, "Size", "Shift+Tab")
    press("Home")
    tab_to(page, CANVAS, "Shift+Tab")
    for _ in range(10):
        press("]")
    press("Shift+ArrowLeft")
    expect(status).to_have_text("The brush is at 150, 120.")
    press(" ")
    for _ in range(5):
        press("Shift+ArrowDown")
    press("Shift+ArrowRight")
    press("Shift+ ")
    for key, name in (("2", "Map"), ("3", "Overlay"), ("1", "Composite")):
        press(key)
        expect(panel.root.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")

    tab_to(page, "Step")
    press("ArrowRight")
    expect(panel.root.locator(".pixels-step output")).to_contain_text("1 of 13")

    tab_to(page, CANVAS, "Shift+Tab")
    press("Control+z")
    press("Control+z")
    press("Control+Shift+z")
    press("w")
    studio = panel.root.locator(".pixels-studio")
    expect(studio).to_have_class("pixels-studio pixels-full")
    seen = set()
    for _ in range(40):
        press("Tab")
        seen.add(focused(page))
        assert studio.evaluate("node => node.contains(document.activeElement)"), "Tab stays in the full window"
    assert {CANVAS, STRIP, "Step", "Undo"} <= seen
    tab_to(page, CANVAS)
    press("Escape")
    expect(studio).to_have_class("pixels-studio")
    expect(canvas).to_be_focused()

    before = panel.generations()
    press("Control+Enter")
    (edited,) = json.loads(panel.received(before))["exemplars"]
    assert edited["placement"] == {
        "x": pytest.approx(0.5 + 10 / SIZE[0], abs=0.001),
        "y": pytest.approx(0.5 - 1 / SIZE[1], abs=0.001),
        "scale": pytest.approx(1.05**2, abs=0.001),
        "rotation": 1,
        "flip": True,
    }
    painted = as_edit_map(decoded(edited["edit_map"]))
    assert painted[120, 150] < 0.02, "the dab is there"
    assert painted[145, 155] > 0.98, "the line was undone twice, and the dab brought back once"


def test_a_line_with_keys(studio: Studio) -> None:
    studio.press("Paint exemplar")
    studio.press("All source")
    studio.canvas.focus()
    press = studio.page.keyboard.press
    press(" ")
    for _ in range(8):
        press("Shift+ArrowRight")
    press("Shift+ ")
    painted = as_edit_map(decoded(studio.exemplar()["edit_map"]))
    assert painted[120, 160:240].max() == 0
    assert painted[20].min() == 1


def test_the_view_is_moved_with_keys(studio: Studio) -> None:
    studio.press("Paint exemplar")
    before = studio.seen()
    studio.canvas.focus()
    studio.page.keyboard.press("Control+ArrowLeft")
    after = studio.seen()
    assert np.abs(after[:, 40:] - before[:, :-40]).max() <= 2


def test_escape_is_the_host_s_outside_of_the_full_window(studio: Studio) -> None:
    studio.page.evaluate("() => { addEventListener('keydown', event => { window.last = event.key; }); }")
    studio.canvas.focus()
    studio.page.keyboard.press("Escape")
    assert studio.page.evaluate("window.last") == "Escape", "hosts interrupt a generation with it"


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, which finds what keeps people from using a page."""
    npm = shutil.which("npm")
    if not npm:
        skip_or_fail("no npm, which fetches axe-core")
    folder = tmp_path_factory.mktemp("axe")
    fetched = subprocess.run([str(npm), "pack", AXE], cwd=folder, capture_output=True, text=True, check=False)
    if fetched.returncode:
        skip_or_fail(f"no {AXE}: {fetched.stderr.strip().splitlines()[-1]}")
    with tarfile.open(next(folder.glob("*.tgz"))) as packed:
        member = packed.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(panel: Panel, exemplar: Path, axe: str, theme: str, address: str) -> None:
    page = panel.page
    page.goto(f"{address}?__theme={theme}", wait_until="commit")
    with_map(panel, exemplar)
    studio = Studio(panel)
    panel.add()
    page.evaluate("() => { for (const fold of document.querySelectorAll('.pixels-panel details')) fold.open = true; }")
    page.evaluate(axe)
    for tool in ("Move", "Paint exemplar"):
        studio.press(tool)
        found = page.evaluate("async () => (await axe.run('.pixels-panel')).violations")
        violations = [(each["impact"], each["help"], [node["html"] for node in each["nodes"]]) for each in found]
        assert violations == []
