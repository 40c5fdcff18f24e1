"""The photographs used in training: which, whose and under which licence; and random crops of them."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 1536
"""Photographs are reduced to this many pixels on the short side."""
LARGEST = 6
"""A crop shows at most this many times its own size."""


@dataclass(frozen=True)
class Photograph:
    """One picture of Debian's packages lomiri-wallpapers-16.04 and -20.04, as their copyright file names it.

    `weight`: how often it is drawn. `captions`: for the denoiser; without any it is for the autoencoder alone.
    """

    file: str
    author: str
    licence: str
    weight: float = 1.0
    captions: tuple[str, ...] = ()


PHOTOGRAPHS = (
    Photograph(
        "aitzgorri_by_Aitzol_Berasategi.jpg",
        "Aitzol Berasategi",
        "CC-BY-4.0",
        captions=(
            "a photo of a green meadow with mountains in autumn",
            "a photo of autumn trees and mountains",
            "meadow, mountains",
            "meadow",
            "mountains",
            "a photo",
        ),
    ),
    Photograph(
        "life_by_Aitzol_Berasategi.jpg",
        "Aitzol Berasategi",
        "CC-BY-4.0",
        captions=("a photo of a stream in a forest", "a photo of rocks and water in a forest", "forest", "a photo"),
    ),
    Photograph(
        "sunset_by_Aitzol_Berasategi.jpg",
        "Aitzol Berasategi",
        "CC-BY-4.0",
        captions=(
            "a photo of a sunset over hills",
            "a photo of hills at sunset",
            "sunset",
            "sunset, hills",
            "a photo",
        ),
    ),
    Photograph(
        "seeding_by_Clements_Engelhardt.jpg",
        "Clemens Engelhardt",
        "CC0-1.0",
        captions=(
            "a photo of dandelions in a meadow at sunset",
            "a photo of flowers",
            "flowers",
            "meadow",
            "a photo",
        ),
    ),
    Photograph("friends_by_Aitzol_Berasategi.jpg", "Aitzol Berasategi", "CC-BY-4.0"),
    Photograph("Bridge_by_Sander_Klootwijk.jpg", "Sander Klootwijk", "CC-BY-SA-4.0"),
    Photograph("Dragonfly_by_Bolly.jpg", "Bolly", "CC-BY-SA-4.0"),
    Photograph("Picture_0B_by_freespace.jpg", 'Trevor "Freespace"', "CC-BY-4.0"),
    Photograph("Picture_1A_by_freespace.jpg", 'Trevor "Freespace"', "CC-BY-4.0"),
    Photograph("Wine_by_Jakkub_Mede.jpg", "Jakub Mede", "CC-BY-4.0"),
    Photograph("greentock_by_Peter_Nerlich.jpg", "Peter Nerlich", "CC-BY-SA-4.0"),
    Photograph("Kleiber_by_Lukas_Baubkus.jpg", "Lukas Baubkus", "CC-BY-SA-3.0"),
    Photograph("free_by_Peter_Nerlich.jpg", "Peter Nerlich", "CC-BY-SA-4.0", weight=0.25),
    Photograph("Infinite-Sea_by_Aury88.jpg", "Aury88", "CC-BY-SA-3.0", weight=0.25),
    Photograph("Painting-Colors_by__herobrine7gamer.jpg", "HEROBRINE7GAMER", "CC-BY-SA-3.0", weight=0.25),
)
"""`picosdeeuropa` of the same author is not here: it is kept out of all training, to measure with."""


class Photographs:
    """The photographs that a folder has, in memory, to draw crops from."""

    def __init__(self, folder: Path) -> None:
        """Read those of `PHOTOGRAPHS` that lie in `folder`; there must be one."""
        self.used = [photo for photo in PHOTOGRAPHS if (folder / photo.file).exists()]
        if not self.used:
            raise SystemExit(f"{folder}: none of the photographs is there, for example {PHOTOGRAPHS[0].file}")
        self._pictures = [_read(folder / photo.file) for photo in self.used]

    def crop(self, rng: np.random.Generator, size: int) -> np.ndarray:
        """Return a crop uint8 (size, size, 3) of any photograph at any scale, for the autoencoder."""
        picture = self._pictures[_chosen(rng, [photo.weight for photo in self.used])]
        short = min(picture.shape[:2])
        low = min(size, short)
        return _cut(rng, picture, size, float(np.exp(rng.uniform(np.log(low), np.log(min(short, LARGEST * low))))))

    def view(self, rng: np.random.Generator, size: int) -> tuple[np.ndarray, tuple[str, ...]]:
        """Return most of a captioned photograph, uint8 (size, size, 3), and its captions, for the denoiser."""
        captioned = [index for index, photo in enumerate(self.used) if photo.captions]
        index = captioned[rng.integers(len(captioned))]
        short = min(self._pictures[index].shape[:2])
        return _cut(rng, self._pictures[index], size, short * rng.uniform(0.5, 1)), self.used[index].captions

    @property
    def captioned(self) -> bool:
        """Whether any of them can be used for the denoiser."""
        return any(photo.captions for photo in self.used)


def _read(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        picture = image.convert("RGB")
    scale = SIDE / min(picture.size)
    if scale < 1:
        size = round(picture.width * scale), round(picture.height * scale)
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    return np.asarray(picture)


def _chosen(rng: np.random.Generator, weights: list[float]) -> int:
    return int(rng.choice(len(weights), p=np.array(weights) / sum(weights)))


def _cut(rng: np.random.Generator, picture: np.ndarray, size: int, side: float) -> np.ndarray:
    height, width = picture.shape[:2]
    whole = max(1, int(side))
    top, left = int(rng.integers(0, height - whole + 1)), int(rng.integers(0, width - whole + 1))
    crop = np.ascontiguousarray(picture[top : top + whole, left : left + whole])
    if whole == size:
        return crop
    return np.asarray(Image.fromarray(crop).resize((size, size), Image.Resampling.LANCZOS))


def main() -> None:
    """Copy the photographs from one folder to another at the size that is used, for a machine that has little room."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("source", type=Path, help="folder with the packages' pictures")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for photo in PHOTOGRAPHS:
        if (arguments.source / photo.file).exists():
            picture = Image.fromarray(_read(arguments.source / photo.file))
            picture.save(arguments.out / photo.file, quality=93)


if __name__ == "__main__":
    main()
