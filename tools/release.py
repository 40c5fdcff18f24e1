"""Build a release: `python tasks.py release v0.2.0` checks the tag and fills `build/release`. Nothing is published."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build" / "release"
_VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)


def check_tag(tag: str, source: str) -> str:
    """The version in `source`, the text of `pixels_ext/__init__.py`. Raises `ValueError` if `tag` is another."""
    found = _VERSION.search(source)
    if not found or tag != f"v{found[1]}":
        raise ValueError(f"the tag is {tag!r} (expected v{found[1] if found else '...'}, the version in pixels_ext)")
    return found[1]


def notes(version: str, changelog: str) -> str:
    """The section of a version in the changelog, without its heading. Raises `ValueError` if there is none."""
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)
    found = next((section for section in sections if re.match(rf"{re.escape(version)}(?![\w.])", section)), None)
    text = found.partition("\n")[2].strip() if found else ""
    if not text:
        raise ValueError(f"CHANGELOG.md says nothing about {version} (expected a section '## {version}, DATE')")
    return text + "\n"


def main() -> None:
    """Check the tag, then write the wheel, the source archive and `notes.md`."""
    if len(sys.argv) != 2:
        sys.exit("usage: python tasks.py release TAG")
    try:
        version = check_tag(sys.argv[1], (ROOT / "pixels_ext" / "__init__.py").read_text("utf-8"))
        text = notes(version, (ROOT / "CHANGELOG.md").read_text("utf-8"))
    except ValueError as error:
        sys.exit(f"release: {error}")
    OUT.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "pip", "--quiet", "install", "build"], check=True)
    subprocess.run([sys.executable, "-m", "build", "--outdir", str(OUT), str(ROOT)], check=True)
    (OUT / "notes.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
