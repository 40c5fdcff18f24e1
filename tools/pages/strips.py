"""Captioned images in a row, as the pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from pixels_ext.imaging.images import flatten

_GAP, _CAPTION, _FONT = 8, 18, 13
_PAPER, _INK, _FRAME = (255, 255, 255), (40, 40, 40), (190, 190, 190)

Tile = tuple[str, Image.Image]
"""A caption and its image."""


def strip(tiles: Sequence[Tile], size: tuple[int, int]) -> Image.Image:
    """The tiles side by side, fitted into `size = (width, height)` and framed, so that white shows. RGB."""
    small = [(caption, fitted(image, size)) for caption, image in tiles]
    height = max(image.height for _, image in small)
    width = sum(image.width + _GAP for _, image in small) + _GAP
    sheet = Image.new("RGB", (width, height + _CAPTION + _GAP), _PAPER)
    draw, font, left = ImageDraw.Draw(sheet), ImageFont.load_default(_FONT), _GAP
    for caption, image in small:
        draw.text((left, 1), caption, fill=_INK, font=font)
        sheet.paste(image, (left, _CAPTION))
        draw.rectangle((left, _CAPTION, left + image.width - 1, _CAPTION + image.height - 1), outline=_FRAME)
        left += image.width + _GAP
    return sheet


def fitted(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The image at the largest size that fits into `size`, RGB; what is transparent is white."""
    scale = min(size[0] / image.width, size[1] / image.height)
    wanted = (round(image.width * scale), round(image.height * scale))
    return flatten(image).resize(wanted, Image.Resampling.LANCZOS)


def save(image: Image.Image, file: Path) -> None:
    """As a JPEG that is small enough for a repository."""
    file.parent.mkdir(parents=True, exist_ok=True)
    image.save(file, quality=80, optimize=True)
