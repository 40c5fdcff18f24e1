"""Releases: the tag is the version, and the notes are that version's section of the changelog."""

from __future__ import annotations

import pytest
import release

import pixels_ext

SOURCE = (release.ROOT / "pixels_ext" / "__init__.py").read_text("utf-8")
CHANGELOG = (
    "# Changelog\n\n## Unreleased\n\nnew\n\n## 0.1.10, 2026: third\n\nlater\n\n"
    "## 0.1.1, 2026: second\n\n- a\n\n**B**\n\n- c\n"
)


def test_the_tag_is_the_package_s_version() -> None:
    assert release.check_tag(f"v{pixels_ext.__version__}", SOURCE) == pixels_ext.__version__


@pytest.mark.parametrize("tag", ["", "v", pixels_ext.__version__, f"v{pixels_ext.__version__}.1", "v0.0.0"])
def test_another_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match=r"the tag is .* \(expected v"):
        release.check_tag(tag, SOURCE)


def test_a_source_without_a_version_is_refused() -> None:
    with pytest.raises(ValueError, match="the tag is"):
        release.check_tag("v1", "")


def test_the_notes_are_one_version_s_section() -> None:
    assert release.notes("0.1.1", CHANGELOG) == "- a\n\n**B**\n\n- c\n"
    assert release.notes("0.1.10", CHANGELOG) == "later\n"


@pytest.mark.parametrize("version", ["0.1", "0.1.2", "1"])
def test_a_version_without_notes_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="says nothing about"):
        release.notes(version, CHANGELOG)


def test_this_version_has_notes() -> None:
    assert release.notes(pixels_ext.__version__, (release.ROOT / "CHANGELOG.md").read_text("utf-8"))
