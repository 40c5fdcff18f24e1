"""The commands of this repository that stand in a page's blocks of shell, as a shell would read them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from pages.markdown_pages import Block, Page

_OURS = "-m pixels_ext "
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_ASSIGNMENT = re.compile(r"(\w+)=(.*)", re.DOTALL)


def commands(page: Page) -> Iterator[tuple[Block, list[str]]]:
    """Each block with a command of ours, and the command's arguments behind `python -m pixels_ext`.

    Variables hold from where they are set to the page's end. What is no command of ours is not looked at.
    """
    known: dict[str, str] = {}
    for block in page.blocks():
        if block.language not in ("", "bash", "sh"):
            continue
        for line in block.text.replace("\\\n", " ").splitlines():
            said = _VARIABLE.sub(lambda found: known.get(found[1] or found[2], found[0]), line.split(" # ")[0]).strip()
            assigned = _ASSIGNMENT.fullmatch(said)
            if assigned:
                known[assigned[1]] = shlex.split(assigned[2])[0]
            elif _OURS in said and said.split()[0].rpartition("/")[2].startswith("python"):
                yield block, shlex.split(said.partition(_OURS)[2])
