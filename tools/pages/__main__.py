"""Generate the parts of the documentation that come from code."""

from __future__ import annotations

import argparse

from pages import api_text, both_sides_drawing, example_edits, field_strips, fields_text, release_time_drawing
from pages.markdown_pages import ROOT

DOCS = ROOT / "docs"
TEXTS = {
    "fields.md": lambda _: fields_text.page(),
    "api.md": api_text.with_parts,
    "release-time.svg": lambda _: release_time_drawing.drawing(),
    "both-sides.svg": lambda _: both_sides_drawing.drawing(),
}
"""For each generated file in `docs/`, the function from its current text to its new text."""


def main() -> None:
    """Write the texts, and the images if asked."""
    arguments = argparse.ArgumentParser(prog="pages", description=__doc__)
    arguments.add_argument("--images", action="store_true", help="Make the images too.")
    images = arguments.parse_args().images
    for name, made in TEXTS.items():
        file = DOCS / name
        file.write_text(made(file.read_text("utf-8") if file.exists() else ""), "utf-8")
    if images:
        field_strips.one_thread()
        example_edits.make_hero(DOCS / example_edits.HERO)
        example_edits.make_guide(DOCS / "guide")
        field_strips.make_strips(DOCS / field_strips.FOLDER)


if __name__ == "__main__":
    main()
