"""Contact sheets: rows of captioned images, stacked."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

_GAP, _CAPTION = 8, 16
_BACKGROUND, _TEXT = (255, 255, 255), (30, 30, 30)


def captioned_row(tiles: Sequence[tuple[str, Image.Image]], size: tuple[int, int]) -> Image.Image:
    """Images in a row with captions above, each scaled down to fit `size`, `(width, height)`. RGB."""
    width, height = size
    sheet = Image.new("RGB", (len(tiles) * (width + _GAP) + _GAP, height + _CAPTION + 2 * _GAP), _BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    for column, (caption, image) in enumerate(tiles):
        left = _GAP + column * (width + _GAP)
        tile = image.convert("RGB")
        tile.thumbnail(size, Image.Resampling.LANCZOS)
        sheet.paste(tile, (left, _GAP + _CAPTION))
        draw.text((left, _GAP), caption, fill=_TEXT)
    return sheet


def stack_rows(rows: Sequence[Image.Image]) -> Image.Image:
    """Rows (at least one) stacked vertically, left-aligned on white. RGB."""
    sheet = Image.new("RGB", (max(row.width for row in rows), sum(row.height for row in rows)), _BACKGROUND)
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    return sheet
