"""Random crops of the example photographs that are shipped with the project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from .. import PICTURES

# picosdeeuropa.jpg is not here: it is kept out of all training, to measure with.
CAPTIONS = {
    "aitzgorri.jpg": (
        "a photo of a green meadow with mountains in autumn",
        "a photo of autumn trees and mountains",
        "meadow, mountains",
        "meadow",
        "mountains",
        "a photo",
    ),
    "life.jpg": ("a photo of a stream in a forest", "a photo of rocks and water in a forest", "forest", "a photo"),
    "sunset.jpg": (
        "a photo of a sunset over hills",
        "a photo of hills at sunset",
        "sunset",
        "sunset, hills",
        "a photo",
    ),
    "seeding.jpg": (
        "a photo of dandelions in a meadow at sunset",
        "a photo of flowers",
        "flowers",
        "meadow",
        "a photo",
    ),
}


class Photographs:
    """The photographs used in training, in memory, to draw crops from."""

    def __init__(self, folder: Path = PICTURES) -> None:
        self._pictures = [Image.open(folder / name).convert("RGB") for name in CAPTIONS]
        self._names = list(CAPTIONS)

    def crop(self, rng: np.random.Generator, size: int, whole: bool = False) -> tuple[np.ndarray, str]:
        """Return a crop uint8 (size, size, 3) and its file's name; `whole` takes most of the picture's height."""
        index = int(rng.integers(len(self._pictures)))
        picture = self._pictures[index]
        short = min(picture.size)
        low = short * 0.75 if whole else min(size, short)
        side = float(np.exp(rng.uniform(np.log(low), np.log(short))))
        left, top = rng.uniform(0, picture.width - side), rng.uniform(0, picture.height - side)
        box = (left, top, left + side, top + side)
        crop = np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC, box=box, reducing_gap=2.0))
        if rng.random() < 0.5:
            crop = crop[:, ::-1]
        return crop, self._names[index]


def photo_caption(rng: np.random.Generator, name: str) -> str:
    """Return one of the captions of the photograph in the file `name`."""
    options = CAPTIONS[name]
    return options[rng.integers(len(options))]
