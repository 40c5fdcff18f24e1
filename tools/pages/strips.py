"""Captioned pictures in a row, as the pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from pixels_ext.imaging.images import flatten

_GAP, _CAPTION, _FONT = 8, 18, 13
_PAPER, _INK, _FRAME = (255, 255, 255), (40, 40, 40), (190, 190, 190)

Tile = tuple[str, Image.Image]
"""A caption and its picture."""


def strip(tiles: Sequence[Tile], size: tuple[int, int]) -> Image.Image:
    """The tiles side by side, fitted into `size = (width, height)` and framed, so that white shows. RGB."""
    small = [(caption, fitted(picture, size)) for caption, picture in tiles]
    height = max(picture.height for _, picture in small)
    width = sum(picture.width + _GAP for _, picture in small) + _GAP
    sheet = Image.new("RGB", (width, height + _CAPTION + _GAP), _PAPER)
    draw, font, left = ImageDraw.Draw(sheet), ImageFont.load_default(_FONT), _GAP
    for caption, picture in small:
        draw.text((left, 1), caption, fill=_INK, font=font)
        sheet.paste(picture, (left, _CAPTION))
        draw.rectangle((left, _CAPTION, left + picture.width - 1, _CAPTION + picture.height - 1), outline=_FRAME)
        left += picture.width + _GAP
    return sheet


def fitted(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture at the largest size that fits into `size`, RGB; what is transparent is white."""
    scale = min(size[0] / picture.width, size[1] / picture.height)
    wanted = (round(picture.width * scale), round(picture.height * scale))
    return flatten(picture).resize(wanted, Image.Resampling.LANCZOS)


def save(picture: Image.Image, file: Path) -> None:
    """As a JPEG that is small enough for a repository."""
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.save(file, quality=80, optimize=True)
