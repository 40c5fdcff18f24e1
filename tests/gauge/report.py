"""From what was measured to tables, a plot and a sheet."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from gauge.drawing import plot
from gauge.measuring import DECODED, DISSOLVE, PASTE, Cell, Found, cells
from gauge.sheets import sheet
from gauge.trends import FRECHET, REFERENCES, SEAM, Evidence, Trend, against_others, by_what_is_held, trends

COLUMNS = (
    SEAM,
    "surprise",
    "surprise edge",
    FRECHET,
    "look exemplar",
    "colour exemplar",
    "texture exemplar",
    "look source",
    "colour source",
    "texture source",
    "grey to source",
    "look both",
    "colour both",
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
    said = [*trends(evidence), *against_others(evidence), *by_what_is_held(why)]
    (out / "trends.md").write_text(f"{len(evidence.rows)} pairs\n\n" + _told(said))
    plot(evidence, out / "quality.png")
    rows = [Image.open(file) for file in sorted(out.glob("pair_*.png"))[:_ROWS_SHOWN]]
    sheet(rows).save(out / "quality.jpg", quality=85)
    print(f"{len(evidence.rows)} pairs; tables, plot and sheet are in {out}")


def _read(file: Path) -> Found:
    with np.load(file) as stored:
        features = {name: stored[name] for name in stored.files if name not in ("rows", "inside")}
        return Found(json.loads(str(stored["rows"])), features, stored["inside"])


def _table(evidence: Evidence) -> str:
    """Means over pairs, a line for each method and strength."""
    lines = ["| | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for cell in ROWS:
        means = [evidence.mean(cell, measure) for measure in COLUMNS]
        name = f"{cell[0]}, {cell[1]:g}" if cell[1] else cell[0]
        lines.append(f"| {name} | " + " | ".join(f"{mean:.3g}" for mean in means) + " |")
    return "\n".join(lines) + "\n"


def _told(said: Iterable[Trend]) -> str:
    lines = ["| | measure | found, 95 % interval | |", "|---|---|---|---|"]
    lines += [f"| {each.claim} | {each.measure} | {each} | {each.verdict} |" for each in said]
    return "\n".join(lines) + "\n"
