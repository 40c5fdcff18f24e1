"""`docs/release-time.svg`: from the gray of a map to the moment of release, and the five thresholds."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from pixels_ext.core.thresholds import THRESHOLDS, release_time

STEPS = 10
GRAYS = (1.0, 0.8, 0.6, 0.4, 0.2, 0.0)
_WIDTH, _HEIGHT = 900, 384
_LEFT, _TOP, _ROW, _STEP = 120, 76, 38, 34
_PLOT_LEFT, _PLOT_TOP, _PLOT = 566, 76, 228
_INK, _QUIET, _LOCKED, _FREE = "#222", "#666", "#8aa6c4", "#e8a33d"
_LINES = {"linear": "#222", "log": "#c0392b", "cubic": "#2465a8", "quadratic": "#5b9bd5", "sigmoid": "#777"}


def drawing() -> str:
    """The whole image as SVG."""
    body = "\n".join([*_rows(), *_plot()])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" font-family="sans-serif" font-size="13">\n'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>\n{body}\n</svg>\n'
    )


def _text(x: float, y: float, words: str, color: str = _INK, anchor: str = "start", more: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="{color}" text-anchor="{anchor}"{more}>{words}</text>'


def _rows() -> Iterator[str]:
    """A row for each gray: at which of the steps its pixels are locked, by the linear threshold."""
    yield _text(
        20, 24, f"Each gray of the map has its moment (linear threshold, {STEPS} steps)", more=' font-weight="bold"'
    )
    yield _text(20, 58, "map", _QUIET)
    yield _text(_LEFT, 58, "noise", _QUIET)
    yield _text(_LEFT + STEPS * _STEP, 58, "image", _QUIET, "end")
    for row, gray in enumerate(GRAYS):
        top = _TOP + row * _ROW
        release = release_time(torch.tensor(gray), "linear", STEPS)
        shade = round(gray * 255)
        color = f"#{shade:02x}{shade:02x}{shade:02x}"
        yield f'<rect x="20" y="{top}" width="34" height="28" fill="{color}" stroke="{_QUIET}"/>'
        yield _text(64, top + 19, f"{gray:g}")
        for step in range(STEPS):
            fill = _LOCKED if bool(release > step / STEPS) else _FREE
            yield f'<rect x="{_LEFT + step * _STEP}" y="{top}" width="{_STEP - 3}" height="28" rx="3" fill="{fill}"/>'
    bottom = _TOP + len(GRAYS) * _ROW
    for step in range(STEPS):
        yield _text(_LEFT + step * _STEP + (_STEP - 3) / 2, bottom + 8, str(step), _QUIET, "middle")
    yield _text(_LEFT + STEPS * _STEP / 2, bottom + 26, "step", _QUIET, "middle")
    for line, (fill, words) in enumerate(
        (
            (_LOCKED, "locked: the source, noised as much as this step is"),
            (_FREE, "released: the model’s; a black area begins as the exemplar"),
        )
    ):
        top = bottom + 36 + line * 19
        yield f'<rect x="20" y="{top}" width="14" height="14" rx="3" fill="{fill}"/>'
        yield _text(42, top + 12, words)


def _plot() -> Iterator[str]:
    """Release time over the map's value, for each threshold."""
    yield _text(_PLOT_LEFT - 36, 24, "The threshold is a tone curve", more=' font-weight="bold"')
    x0, y0 = _PLOT_LEFT, _PLOT_TOP + _PLOT
    yield f'<rect x="{x0}" y="{_PLOT_TOP}" width="{_PLOT}" height="{_PLOT}" fill="none" stroke="{_QUIET}"/>'
    yield _text(x0, y0 + 18, "0 black", _QUIET)
    yield _text(x0 + _PLOT, y0 + 18, "white 1", _QUIET, "end")
    yield _text(x0 + _PLOT / 2, y0 + 34, "value of the map", _QUIET, "middle")
    yield _text(x0 - 8, y0, "0", _QUIET, "end")
    yield _text(x0 - 8, _PLOT_TOP + 12, "1", _QUIET, "end")
    turned = f' transform="rotate(-90 {x0 - 22} {_PLOT_TOP + _PLOT / 2:g})"'
    yield _text(x0 - 22, _PLOT_TOP + _PLOT / 2, "released at", _QUIET, "middle", turned)
    values = torch.linspace(0, 1, 77)
    for line, name in enumerate(sorted(THRESHOLDS, key=list(_LINES).index)):
        points = zip(values.tolist(), release_time(values, name, STEPS).tolist(), strict=True)
        path = " ".join(f"{x0 + m * _PLOT:.1f},{y0 - r * _PLOT:.1f}" for m, r in points)
        color = _LINES[name]
        yield f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>'
        top = _PLOT_TOP + 18 + line * 22
        yield f'<rect x="{x0 + _PLOT + 14}" y="{top - 6}" width="16" height="3" fill="{color}"/>'
        yield _text(x0 + _PLOT + 36, top, name)
