"""Render the procedural training set into one memory-mapped array.

python -m pixels_ext.standalone.demo.training.dataset --out DIR --count 8000
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from .captions import caption
from .landscapes import scene
from .photographs import CAPTIONS, Photographs, photo_caption

SIZE = 256
HELD_OUT_SEED = 10_000_000
"""Seeds from here on are never trained on."""


@dataclass(frozen=True)
class Subject:
    """What one training picture shows; for a photograph `kind` is its file's name."""

    kind: str
    time: str
    tags: tuple[str, ...]

    def caption(self, rng: np.random.Generator) -> str:
        """Return a caption, a new one each time."""
        if self.kind in CAPTIONS:
            return photo_caption(rng, self.kind)
        return caption(rng, self.kind, self.time, list(self.tags))


def _render(seed: int, size: int) -> tuple[np.ndarray, Subject]:
    painted = scene(seed, size, size)
    return painted.picture, Subject(painted.kind, painted.time, painted.tags)


def build(out: Path, count: int, photo_crops: int, processes: int) -> None:
    """Write pictures.npy uint8 (count + photo_crops, SIZE, SIZE, 3) and subjects.json; photographs come last."""
    out.mkdir(parents=True, exist_ok=True)
    shape = (count + photo_crops, SIZE, SIZE, 3)
    pictures = np.lib.format.open_memmap(out / "pictures.npy", mode="w+", dtype=np.uint8, shape=shape)
    subjects: list[Subject] = []
    with multiprocessing.Pool(processes) as pool:
        for picture, subject in pool.imap(partial(_render, size=SIZE), range(count), chunksize=32):
            pictures[len(subjects)] = picture
            subjects.append(subject)
    rng = np.random.default_rng(0)
    photographs = Photographs()
    for _ in range(photo_crops):
        picture, name = photographs.crop(rng, SIZE, whole=bool(rng.random() < 0.6))
        pictures[len(subjects)] = picture
        subjects.append(Subject(name, "", ()))
    pictures.flush()
    record = {"scenes": count, "subjects": [asdict(subject) for subject in subjects]}
    (out / "subjects.json").write_text(json.dumps(record), encoding="utf-8")


def load(folder: Path) -> tuple[np.ndarray, list[Subject], int]:
    """Return the pictures (memory-mapped), what they show, and how many of them are procedural scenes."""
    record = json.loads((folder / "subjects.json").read_text(encoding="utf-8"))
    subjects = [Subject(entry["kind"], entry["time"], tuple(entry["tags"])) for entry in record["subjects"]]
    return np.load(folder / "pictures.npy", mmap_mode="r"), subjects, int(record["scenes"])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for the data set (about 200 kB a picture)")
    parser.add_argument("--count", type=int, default=8000, help="procedural scenes; their seeds are 0, 1, 2, ...")
    parser.add_argument("--photo-crops", type=int, default=1100, help="crops of the four training photographs")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    build(arguments.out, arguments.count, arguments.photo_crops, arguments.processes)


if __name__ == "__main__":
    main()
