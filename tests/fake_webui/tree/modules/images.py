"""Images on their way to the sampler."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from PIL import Image, ImageOps

FILTER = Image.Resampling.LANCZOS


def read(file: IO[bytes] | Path) -> Image.Image:
    """Open an image. As in the hosts, that it is truncated only shows when its pixels are read."""
    image = Image.open(file)
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        return image


def flatten(img: Image.Image, bgcolor: str) -> Image.Image:
    if img.mode != "RGBA":
        return img.convert("RGB")
    below = Image.new("RGBA", img.size, bgcolor)
    return Image.alpha_composite(below, img).convert("RGB")


def resize_image(resize_mode: int, im: Image.Image, width: int, height: int) -> Image.Image:
    """0: stretch; 1: cover and crop; 2: contain and fill with the border."""
    if resize_mode == 0:
        return im.resize((width, height), FILTER)
    by_width = width, im.height * width // im.width
    by_height = im.width * height // im.height, height
    wider = width / height > im.width / im.height
    across, down = by_width if wider == (resize_mode == 1) else by_height
    scaled = im.resize((across, down), FILTER)
    left, top = width // 2 - across // 2, height // 2 - down // 2
    result = Image.new("RGB", (width, height))
    result.paste(scaled, (left, top))
    if resize_mode == 2:
        if top > 0:
            result.paste(scaled.crop((0, 0, across, 1)).resize((width, top)), (0, 0))
            result.paste(scaled.crop((0, down - 1, across, down)).resize((width, top)), (0, top + down))
        if left > 0:
            result.paste(scaled.crop((0, 0, 1, down)).resize((left, height)), (0, 0))
            result.paste(scaled.crop((across - 1, 0, across, down)).resize((left, height)), (left + across, 0))
    return result
