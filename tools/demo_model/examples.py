"""Draw the example scenes and edit maps that are shipped beside the photographs.

    PYTHONPATH=tools python -m demo_model.examples

A map is a grey picture of its source's shape: white keeps the source, black becomes the exemplar.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from pixels_ext.demo import IMAGES

from .drawing.landscapes import scene

WIDTH, HEIGHT = 512, 384
SCENES = {
    "snow.jpg": (20_000_001, "snow", "day"),
    "beach.jpg": (20_000_105, "beach", "day"),
    "desert.jpg": (20_000_201, "desert", "day"),
    "lake_sunset.jpg": (20_000_300, "lake", "sunset"),
}
"""File name: seed (held out of training), subject and light."""
AITZGORRI_SIZE = (768, 511)
AITZGORRI_SKYLINE = (
    (0, 110), (40, 128), (90, 105), (150, 88), (205, 82), (258, 74), (285, 80), (335, 72), (410, 61), (440, 68),
    (470, 80), (505, 82), (580, 72), (650, 77), (690, 98), (745, 120), (767, 125),
)  # fmt: skip
"""Where sky ends in aitzgorri.jpg, traced by hand, in pixels."""


def ramp(width: int, height: int, start: float = 0.25, end: float = 0.75) -> Image.Image:
    """Return white at the left turning black at the right, pure outside `start`..`end` of the width."""
    part = np.clip((np.arange(width) / (width - 1) - start) / (end - start), 0, 1)
    smooth = part * part * (3 - 2 * part)
    row = np.rint(255 * (1 - smooth)).astype(np.uint8)
    return Image.fromarray(np.tile(row, (height, 1)))


def sky_only(blur: float = 8.0) -> Image.Image:
    """Return a map that replaces the sky of aitzgorri.jpg, soft along the mountains."""
    image = Image.new("L", AITZGORRI_SIZE, 255)
    ImageDraw.Draw(image).polygon([(0, -60), *AITZGORRI_SKYLINE, (767, -60)], fill=0)
    return image.filter(ImageFilter.GaussianBlur(blur))


def ground_only(width: int, height: int, top: float = 0.52, bottom: float = 0.72) -> Image.Image:
    """Return a map that keeps everything above `top` and replaces everything below `bottom`."""
    return ramp(height, width, top, bottom).transpose(Image.Transpose.ROTATE_270)


def blob(width: int, height: int) -> Image.Image:
    """Return a map that replaces a soft ellipse in the middle."""
    yy, xx = np.mgrid[0:height, 0:width]
    distance = np.hypot((xx / width - 0.5) / 0.34, (yy / height - 0.58) / 0.34)
    part = np.clip((distance - 0.55) / 0.6, 0, 1)
    return Image.fromarray(np.rint(255 * part * part * (3 - 2 * part)).astype(np.uint8))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=IMAGES)
    out: Path = parser.parse_args().out
    for name, (seed, kind, time) in SCENES.items():
        Image.fromarray(scene(seed, HEIGHT, WIDTH, kind, time).picture).save(out / name, quality=90, optimize=True)
    maps = {
        "map_left_to_right_4x3.png": ramp(WIDTH, HEIGHT),
        "map_ground_4x3.png": ground_only(WIDTH, HEIGHT),
        "map_blob_4x3.png": blob(WIDTH, HEIGHT),
        "map_left_to_right_aitzgorri.png": ramp(*AITZGORRI_SIZE),
        "map_sky_aitzgorri.png": sky_only(),
    }
    for name, image in maps.items():
        image.save(out / name, optimize=True)


if __name__ == "__main__":
    main()
