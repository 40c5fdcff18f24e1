"""`docs/both-sides.svg`: the release times along a line through a map, by the paper's rule and with a kept exemplar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from pixels_ext.core.release import ExemplarMaps, release_map, source_release

STEPS, CELLS = 20, 64
_WIDTH, _HEIGHT = 900, 250
_LEFT, _TOP, _PLOT_WIDTH, _PLOT_HEIGHT, _GAP, _MAP = 44, 62, 152, 110, 18, 14
_INK, _QUIET, _SOURCE, _EXEMPLAR = "#222", "#666", "#8aa6c4", "#c58bb0"


def _hard() -> Tensor:
    return (torch.arange(CELLS) >= CELLS // 2).float()


def _soft() -> Tensor:
    return torch.linspace(-0.15, 1.15, CELLS).clamp(0, 1)


PANELS: tuple[tuple[str, Tensor, float, dict[str, Any]], ...] = (
    ("the paper", _hard(), 1, {}),
    ("hold 1", _hard(), 1, {"hold": 1}),
    ("the paper", _soft(), 1, {}),
    ("hold 0.7, lay_up_to 0.5", _soft(), 1, {"hold": 0.7, "lay_up_to": 0.5}),
    ("limit 0.7", _soft(), 0.7, {}),
)
"""Caption, map along the line, limit and settings."""


def drawing() -> str:
    """The whole image as SVG."""
    body = "\n".join(line for index, _ in enumerate(PANELS) for line in _panel(index))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" font-family="sans-serif" font-size="13">\n'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>\n{body}\n' + "\n".join(_legend()) + "\n</svg>\n"
    )


def _panel(index: int) -> Iterator[str]:
    """One map: each cell's release time as a bar of its owner's color, above the map."""
    caption, gray, limit, settings = PANELS[index]
    left, bottom = _LEFT + index * (_PLOT_WIDTH + _GAP), _TOP + _PLOT_HEIGHT
    edit_map = gray.expand(1, 1, CELLS, CELLS)
    limited = None if limit == 1 else 1 - limit * (1 - edit_map)
    maps = ExemplarMaps(edit_map, "linear", limited, **settings)
    release = release_map([maps], STEPS)[0, 0, CELLS // 2]
    placed = source_release(maps, STEPS)[0, 0, CELLS // 2] == 0
    yield _text(left, _TOP - 10, caption)
    cell = _PLOT_WIDTH / CELLS
    for x, (time, is_exemplar, value) in enumerate(zip(release.tolist(), placed.tolist(), gray.tolist(), strict=True)):
        at, height, shade = left + x * cell, time * _PLOT_HEIGHT, round(value * 255)
        color = _EXEMPLAR if is_exemplar else _SOURCE
        yield _bar(at, bottom - height, cell, height, color)
        yield _bar(at, bottom + 6, cell, _MAP, f"#{shade:02x}{shade:02x}{shade:02x}")
    for top, height in ((_TOP, _PLOT_HEIGHT), (bottom + 6, _MAP)):
        yield (f'<rect x="{left}" y="{top}" width="{_PLOT_WIDTH}" height="{height}" fill="none" stroke="{_QUIET}"/>')


def _legend() -> Iterator[str]:
    yield _text(_LEFT, 24, "How long each cell is locked, along a line through the map", ' font-weight="bold"')
    yield _text(_LEFT - 6, _TOP + 12, "end", f' text-anchor="end" fill="{_QUIET}"')
    yield _text(_LEFT - 6, _TOP + _PLOT_HEIGHT, "start", f' text-anchor="end" fill="{_QUIET}"')
    yield _text(_LEFT - 6, _TOP + _PLOT_HEIGHT + 18, "map", f' text-anchor="end" fill="{_QUIET}"')
    top = _TOP + _PLOT_HEIGHT + 40
    words = ((_EXEMPLAR, "locked to the exemplar"), (_SOURCE, "locked to the source"), ("#fff", "the model’s"))
    for number, (color, text) in enumerate(words):
        left = _LEFT + number * 220
        yield f'<rect x="{left}" y="{top}" width="14" height="14" rx="3" fill="{color}" stroke="{_QUIET}"/>'
        yield _text(left + 22, top + 12, text)


def _bar(x: float, y: float, width: float, height: float, color: str) -> str:
    # A little wider than a cell, so that no line shows between two.
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{width + 0.2:.2f}" height="{height:.2f}" fill="{color}"/>'


def _text(x: float, y: float, words: str, more: str = "") -> str:
    color = "" if "fill=" in more else f' fill="{_INK}"'
    return f'<text x="{x:g}" y="{y:g}"{color}{more}>{words}</text>'
