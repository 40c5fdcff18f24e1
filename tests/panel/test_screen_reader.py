"""What Chromium hands to screen readers: names, values, headings, and what is said when something happens."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from panel.page import Panel
from panel.studio import Studio, with_map

CONTROLS = {"button", "checkbox", "combobox", "slider", "spinbutton", "textbox", "listbox", "application"}
Nodes = dict[str, dict[str, Any]]


def tree(panel: Panel) -> Nodes:
    """The accessibility tree of the page, by id."""
    session = panel.page.context.new_cdp_session(panel.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return {node["nodeId"]: node for node in nodes}


def said(node: dict[str, Any], what: str) -> str:
    return str(node.get(what, {}).get("value", ""))


def below(nodes: Nodes, top: dict[str, Any]) -> list[dict[str, Any]]:
    """All that is read within a node, in order."""
    found = [] if top.get("ignored") else [top]
    return found + [node for child in top["childIds"] if child in nodes for node in below(nodes, nodes[child])]


def named(nodes: Nodes, role: str, name: str) -> dict[str, Any]:
    return next(node for node in nodes.values() if said(node, "role") == role and said(node, "name") == name)


def test_every_control_has_a_unique_name_in_its_card(panel: Panel, exemplar: Path) -> None:
    for _ in range(2):
        with_map(panel, exemplar)
    studio = Studio(panel)
    studio.press("Paint exemplar")
    panel.page.evaluate(
        "() => { for (const fold of document.querySelectorAll('.pixels-panel details')) fold.open = true; }"
    )
    nodes = tree(panel)
    parts = [named(nodes, "region", "Studio"), *(named(nodes, "listitem", f"Exemplar {i}") for i in (1, 2))]
    for part in parts:
        controls = [node for node in below(nodes, part) if said(node, "role") in CONTROLS]
        assert len(controls) > 10
        assert [node["role"] for node in controls if not said(node, "name")] == []
        twice = Counter((said(node, "role"), said(node, "name")) for node in controls)
        assert [name for name, count in twice.items() if count > 1] == []
        assert [said(node, "name") for node in controls if said(node, "name") == said(node, "description")] == []
    headings = [node for part in parts for node in below(nodes, part) if said(node, "role") == "heading"]
    assert [said(node, "name") for node in headings] == ["Exemplar 1", "Exemplar 2"]
    expect(studio.node.get_by_label("Size")).to_have_attribute("aria-valuetext", "80 px")
    canvas = said(named(nodes, "application", "The edit before denoising"), "description")
    assert "Exemplar 1 of 2: center at 50% across, 50% down, scale 1" in canvas
    assert "Tool: Paint exemplar" in canvas


def test_key_actions_are_announced(studio: Studio) -> None:
    status = studio.node.locator("p[role=status]")
    studio.canvas.focus()
    for key, words in {
        "Shift+ArrowRight": "Exemplar 1: center at 53.1% across, 50% down, scale 1, rotated by 0°.",
        ".": "rotated by 1°.",
        "Control+z": "Undone, ",
        "Control+Shift+z": "Redone, 0 more to redo.",
        "h": "Exemplar 1, hidden here.",
        "b": "Paint exemplar.",
        "3": "Overlay.",
        "]": "The brush is 96 pixels wide.",
        "Delete": "Exemplar 1 was removed.",
    }.items():
        studio.page.keyboard.press(key)
        expect(status).to_contain_text(words)
