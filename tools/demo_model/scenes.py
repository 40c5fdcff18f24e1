"""The drawn training pictures on disk: shards of scenes, drawn by worker processes, and what each scene shows."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from .drawing.captions import SUBJECTS, TIMES, caption, telling
from .drawing.landscapes import Scene, scene

HELD_OUT_SEED = 10_000_000
"""Seeds from here on are never trained on."""
SHARD = 100
"""Scenes in one file."""
HARD = {0: ("mountains", None), 1: (None, "night"), 2: ("mountains", None), 3: (None, "night")}
"""Last digit of a seed to what its scene shows for certain: what is learnt last is drawn more often."""


FAMILY = 10
"""Scenes in a family: one sky over other lands, one land at other times."""


@dataclass(frozen=True)
class Subject:
    """What one scene shows. `family`: the number it shares with scenes that differ in a word or two, or None."""

    kind: str
    time: str
    tags: tuple[str, ...]
    family: int | None = None

    def caption(self, rng: np.random.Generator) -> str:
        """Return a caption, a new one each time."""
        return caption(rng, self.kind, self.time, list(self.tags))

    def caption_against(self, rng: np.random.Generator, other: Subject) -> str:
        """Return a caption that is true of this scene and not of `other`."""
        return telling(rng, self.kind, self.time, other.kind, other.time)


def draw(folder: Path, size: int, count: int, workers: int, over: Callable[[], bool]) -> None:
    """Draw shards of scenes of `size` pixels into `folder` until there are `count` scenes or `over` says so.

    Shards that are there already are kept. One shard at least is drawn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [index for index in range(-(-count // SHARD)) if not _paths(folder, index)[1].exists()]
    if not wanted or (over() and wanted[0] > 0):
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        jobs = ((folder, size, index, min(SHARD, count - index * SHARD)) for index in wanted)
        for _ in pool.imap_unordered(_draw_shard, jobs):
            if over():
                break


def _draw_shard(job: tuple[Path, int, int, int]) -> None:
    folder, size, index, count = job
    seeds = range(index * SHARD, index * SHARD + count)
    drawn: Sequence[tuple[Scene, int | None]]
    if index % 2:
        drawn = [(painted, seed) for seed in seeds[::FAMILY] for painted in family(seed, size)][:count]
    else:
        drawn = [(scene(seed, size, size, *HARD.get(seed % 10, (None, None))), None) for seed in seeds]
    subjects = [asdict(Subject(painted.kind, painted.time, painted.tags, number)) for painted, number in drawn]
    pictures, record = _paths(folder, index)
    with pictures.with_suffix(".part").open("wb") as file:  # a file: numpy adds .npy to paths
        np.save(file, np.stack([painted.picture for painted, _ in drawn]))
    pictures.with_suffix(".part").replace(pictures)
    record.with_suffix(".tmp").write_text(json.dumps(subjects), encoding="utf-8")
    record.with_suffix(".tmp").replace(record)  # comes last: a shard with a record is whole


def family(seed: int, size: int) -> list[Scene]:
    """Paint `FAMILY` scenes: one at all times, then others under the first one's sky, then two that differ in both."""
    rng = np.random.default_rng((8, seed))
    kinds, times = rng.permutation(list(SUBJECTS)), rng.permutation(list(TIMES))
    shown = [(kinds[0], time) for time in times]
    shown += [(kind, times[0]) for kind in kinds[1 : FAMILY - 1 - len(times)]]
    shown += [(kinds[-2], times[1]), (kinds[-1], times[2])]
    return [scene(seed, size, size, str(kind), str(time), land_seed=seed) for kind, time in shown]


def _paths(folder: Path, index: int) -> tuple[Path, Path]:
    return folder / f"scenes-{index:05d}.npy", folder / f"scenes-{index:05d}.json"


def subject(record: dict) -> Subject:
    """Return the subject that was written as `record`."""
    return Subject(record["kind"], record["time"], tuple(record["tags"]), record.get("family"))


@dataclass(frozen=True)
class Shard:
    """Scenes of one file: pictures uint8 (n, size, size, 3), memory-mapped, and what they show."""

    pictures: np.ndarray
    subjects: list[Subject]


def shards(folder: Path) -> list[Shard]:
    """Return the whole shards in `folder`, in order."""
    found = []
    for record in sorted(folder.glob("scenes-*.json")):
        entries = json.loads(record.read_text(encoding="utf-8"))
        subjects = [subject(entry) for entry in entries]
        found.append(Shard(np.load(record.with_suffix(".npy"), mmap_mode="r"), subjects))
    return found
