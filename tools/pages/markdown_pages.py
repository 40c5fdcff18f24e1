"""A Markdown page as GitHub shows it: its headings' anchors, its links and images, and its blocks of code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
_HTML = re.compile(r"<img src=\"([^\"]+)\"")


@dataclass(frozen=True)
class Block:
    """A block of code. `language`: what stands behind the fence, empty for an indented one. `line`: where it begins."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Page:
    """A page of the repository."""

    path: Path

    @property
    def name(self) -> str:
        """Its path from the repository's root."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def _tokens(self) -> list[Token]:
        return MarkdownIt("commonmark").enable("table").parse(self.text)

    @cached_property
    def anchors(self) -> set[str]:
        """What `#...` may name on it."""
        found, times = set[str](), dict[str, int]()
        for heading, inline in zip(self._tokens, self._tokens[1:], strict=False):
            if heading.type == "heading_open":
                anchor = slug("".join(part.content for part in inline.children or []))
                count = times[anchor] = times.get(anchor, -1) + 1
                found.add(f"{anchor}-{count}" if count else anchor)
        return found

    @cached_property
    def links(self) -> list[str]:
        """Where its links and images point, as written."""
        return [str(each.attrs["href"]) for each in self._inside if "href" in each.attrs] + self.images

    @cached_property
    def images(self) -> list[str]:
        """The images that it shows, as written."""
        return [str(each.attrs["src"]) for each in self._inside if each.type == "image"] + _HTML.findall(self.text)

    @cached_property
    def codes(self) -> list[str]:
        """The pieces of code within its sentences."""
        return [each.content for each in self._inside if each.type == "code_inline"]

    @property
    def _inside(self) -> list[Token]:
        return [child for token in self._tokens for child in token.children or []]

    def blocks(self) -> Iterator[Block]:
        """Its blocks of code."""
        for token in self._tokens:
            if token.type in ("fence", "code_block"):
                yield Block(token.info.strip(), token.content, (token.map or [0])[0] + 1)


def pages() -> list[Page]:
    """Every page of the repository, the README first; without folders of development tools."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    found = [*ROOT.glob("*.md"), *(page for folder in folders for page in folder.rglob("*.md"))]
    return [Page(path) for path in sorted(found, key=lambda path: (path != ROOT / "README.md", path))]


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
