"""Sheets that show whole edits: a row of captioned pictures, and rows below each other."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

_GAP, _CAPTION = 8, 16
_PAPER, _INK = (255, 255, 255), (30, 30, 30)


def overview(tiles: Sequence[tuple[str, Image.Image]], size: tuple[int, int]) -> Image.Image:
    """Captioned pictures in a row, each fitted into `size = (width, height)`. RGB."""
    width, height = size
    sheet = Image.new("RGB", (len(tiles) * (width + _GAP) + _GAP, height + _CAPTION + 2 * _GAP), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for column, (caption, picture) in enumerate(tiles):
        left = _GAP + column * (width + _GAP)
        tile = picture.convert("RGB")
        tile.thumbnail(size, Image.Resampling.LANCZOS)
        sheet.paste(tile, (left, _GAP + _CAPTION))
        draw.text((left, _GAP), caption, fill=_INK)
    return sheet


def stacked(rows: Sequence[Image.Image]) -> Image.Image:
    """Rows (at least one) below each other, flush left on white. RGB."""
    sheet = Image.new("RGB", (max(row.width for row in rows), sum(row.height for row in rows)), _PAPER)
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    return sheet
