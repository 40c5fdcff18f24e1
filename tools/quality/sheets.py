"""Contact sheets: a row for each pair, with what went in and what each method made of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from pixels_ext.imaging.images import map_to_image
from quality.measuring import DISSOLVE, EXEMPLAR, MAIN, PASTE, SOURCE, SWEPT, Batch, Cell, Result
from quality.methods import METHODS

_TILE, _HEADER, _GAP = 128, 14, 2
_FIRST = "PIXELS linear"
_SHOWN: list[Cell] = [
    (SOURCE, 0.0),
    (EXEMPLAR, 0.0),
    (PASTE, 0.0),
    (DISSOLVE, 0.0),
    *((_FIRST, strength) for strength in sorted((MAIN, *SWEPT))),
    *((name, MAIN) for name in METHODS if name != _FIRST),
]


def strip(batch: Batch, made: dict[Cell, Result], number: int) -> Image.Image:
    """One pair in a row: source, exemplar, map, pastes, and the methods at the main strength, the default at all."""
    pictures = [Image.fromarray((made[cell].pictures[number] * 255 + 0.5).astype(np.uint8)) for cell in _SHOWN]
    pictures.insert(2, map_to_image(batch.pixel_maps[number]))
    row = Image.new("RGB", (len(pictures) * (_TILE + _GAP), _TILE + _GAP), "white")
    for column, picture in enumerate(pictures):
        row.paste(picture.resize((_TILE, _TILE), Image.Resampling.LANCZOS).convert("RGB"), (column * (_TILE + _GAP), 0))
    return row


def sheet(rows: Sequence[Image.Image]) -> Image.Image:
    """Rows from `strip` below each other, under their names."""
    names = [f"{name} {strength:g}" if strength else name for name, strength in _SHOWN]
    names.insert(2, "map")
    made = Image.new("RGB", (rows[0].width, _HEADER + sum(row.height for row in rows)), "white")
    draw = ImageDraw.Draw(made)
    for column, name in enumerate(names):
        draw.text((column * (_TILE + _GAP) + 2, 1), name, fill=(30, 30, 30))
    for number, row in enumerate(rows):
        made.paste(row, (0, _HEADER + number * row.height))
    return made
