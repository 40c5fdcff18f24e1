"""From what was measured to tables, a plot and a sheet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from markdown_table import table
from PIL import Image

from quality.contact_sheets import sheet
from quality.drawing import plot
from quality.measure_pairs import DECODED, DISSOLVE, MAIN, PASTE, Cell, Found, cells
from quality.trends import (
    CUBIC,
    FRECHET,
    LOG,
    QUADRATIC,
    REFERENCES,
    SEAM,
    SIGMOID,
    Evidence,
    Trend,
    by_distance,
    by_half,
    by_method,
    by_strength,
    by_threshold,
    by_what_is_held,
    by_what_is_left,
)

COLUMNS = (
    SEAM,
    "denoising loss",
    "denoising loss edge",
    FRECHET,
    "perceptual exemplar",
    "color exemplar",
    "texture exemplar",
    "perceptual source",
    "color source",
    "gray to source",
    "color both",
)
ROWS: tuple[Cell, ...] = (*REFERENCES, (PASTE, 0.0), (DECODED, 0.0), (DISSOLVE, 0.0), *cells())
"""In the order of the table."""
_ROWS_SHOWN = 10


def report(out: Path) -> None:
    """Write `table.md`, `trends.md`, `quality.png` (where matplotlib is) and `quality.jpg` from what lies in `out`."""
    evidence, why = (
        Evidence([_read(file) for file in sorted(out.glob(each))]) for each in ("pairs_*.npz", "why_*.npz")
    )
    (out / "table.md").write_text(_table(evidence))
    (out / "trends.md").write_text("\n".join(_trends(evidence, why)))
    plot(evidence, out / "quality.png")
    rows = [Image.open(file) for file in sorted(out.glob("pair_*.png"))[:_ROWS_SHOWN]]
    sheet(rows).save(out / "quality.jpg", quality=85)
    print(f"{len(evidence.rows)} pairs; tables, plot and sheet are in {out}")


def _trends(evidence: Evidence, why: Evidence) -> Iterator[str]:
    yield f"{len(evidence.rows)} pairs. ✓ as the paper leads one to expect, ✗ the other way round, · neither (95 %).\n"
    yield _grid("strength 0.9 against 0.3", by_strength(evidence))
    all_of_them = {LOG: 1, SIGMOID: 0, QUADRATIC: -1, CUBIC: -1}
    yield _grid(f"against linear, strength {MAIN:g}", by_threshold(evidence, MAIN, all_of_them))
    yield _grid("against linear, strength 0.9", by_threshold(evidence, 0.9, {LOG: 1, CUBIC: -1}))
    yield _grid("rank correlation with the distance, linear", by_distance(evidence))
    yield _grid("linear, more than what goes in", by_what_is_left(evidence))
    yield _grid(f"log against linear, strength {MAIN:g}", by_half(evidence))
    yield _grid(f"against PIXELS linear, strength {MAIN:g}", by_method(evidence))
    yield _grid(f"against linear when both are held, strength {MAIN:g}, {len(why.rows)} pairs", by_what_is_held(why))


def _read(file: Path) -> Found:
    with np.load(file) as stored:
        features = {name: stored[name] for name in stored.files if name not in ("rows", "inside")}
        return Found(json.loads(str(stored["rows"])), features, stored["inside"])


def _table(evidence: Evidence) -> str:
    """Means over pairs, a line for each method and strength."""
    rows = []
    for cell in ROWS:
        means = [evidence.mean(cell, measure) for measure in COLUMNS]
        name = f"{cell[0]}, {cell[1]:g}" if cell[1] else cell[0]
        rows.append([name, *(f"{mean:.3g}" if mean > 1e-3 else "0" for mean in means)])
    return table(["", *COLUMNS], rows) + "\n"


def _grid(title: str, said: Iterable[Trend]) -> str:
    """A line for each measure, a column for each change."""
    found = {(each.measure, each.change): str(each) for each in said}
    changes, measures = (list(dict.fromkeys(each)) for each in zip(*((c, m) for m, c in found), strict=True))
    return table([title, *changes], [[m, *(found.get((m, c), "") for c in changes)] for m in measures]) + "\n"
