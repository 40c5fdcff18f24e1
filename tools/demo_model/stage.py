"""One stage of the training: a share of the time, a state that survives being killed, and a log."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

SAVE_EVERY = 75.0
"""Seconds between two saves, at most: a stop costs less than two minutes, slow steps included."""
SAVES = 20
"""Short stages are saved more often, this many times."""


class Stage:
    """A stretch of wall-clock time that may be used in several goes; `spent` goes on where the last go saved.

    What is trained is handed in as `parts`, objects with `state_dict` and `load_state_dict`, and is restored at once.
    """

    def __init__(self, folder: Path, minutes: float, parts: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path, self._parts, self._seconds = folder / "state.pt", dict(parts), minutes * 60
        self._save_every = min(SAVE_EVERY, self._seconds / SAVES)
        self.step, self._before = 0, 0.0
        self._log = Log(folder / "log.csv")
        if self._path.exists():
            self._restore()
        self._start = self._saved = time.monotonic()

    def _restore(self) -> None:
        state = torch.load(self._path, map_location="cpu", weights_only=True)
        for name, part in self._parts.items():
            part.load_state_dict(state["parts"][name])
        self.step, self._before = state["step"], state["spent"]
        torch.set_rng_state(state["rng"])
        if torch.cuda.is_available() and state.get("rng_cuda") is not None:
            torch.cuda.set_rng_state(state["rng_cuda"])
        self._log.cut(self.step)

    @property
    def spent(self) -> float:
        """Seconds used so far, earlier goes included."""
        return self._before + time.monotonic() - self._start

    @property
    def fraction(self) -> float:
        """Share of the time that is used, from 0."""
        return self.spent / self._seconds if self._seconds > 0 else 1.0

    def over(self) -> bool:
        """Whether the time is used up."""
        return self.fraction >= 1

    def stepped(self, values: Mapping[str, float]) -> None:
        """Count one step with its numbers; save when it is time."""
        self.step += 1
        self._log.add(self.step, self.spent, values)
        if time.monotonic() - self._saved > self._save_every:
            self.save()

    def save(self) -> None:
        """Write the state, whole or not at all."""
        parts = {name: part.state_dict() for name, part in self._parts.items()}
        state = {"parts": parts, "step": self.step, "spent": self.spent, "rng": torch.get_rng_state()}
        if torch.cuda.is_available():
            state["rng_cuda"] = torch.cuda.get_rng_state()
        fresh = self._path.with_suffix(".tmp")
        torch.save(state, fresh)
        fresh.replace(self._path)
        self._saved = time.monotonic()


def cosine(fraction: float, floor: float = 0.05) -> float:
    """Return the factor of the learning rates: 1 at the start of the time, falling to `floor` at its end."""
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * min(fraction, 1.0)))


def warm(step: int, steps: int = 40) -> float:
    """Return the factor of the learning rates in the first steps."""
    return min(1.0, (step + 1) / steps)


class Log:
    """A CSV of running means, one row every `every` seconds; also printed."""

    def __init__(self, path: Path, every: float = 20.0) -> None:
        self._path, self._every, self._last = path, every, -1.0
        self._sums: dict[str, float] = {}
        self._count = 0

    def cut(self, step: int) -> None:
        """Drop the rows after `step`, which are going to be made again."""
        if not self._path.exists():
            return
        with self._path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        with self._path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *(row for row in rows if int(row[0]) <= step)])

    def add(self, step: int, spent: float, values: Mapping[str, float]) -> None:
        """Take one step's values into the running means, and write a row when it is time."""
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._count += 1
        if self._last < 0:
            self._last = spent
        if spent - self._last < self._every:
            return
        new = not self._path.exists()
        means = {name: total / self._count for name, total in self._sums.items()}
        with self._path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(["step", "seconds", *means])
            writer.writerow([step, f"{spent:.0f}", *(f"{mean:.5f}" for mean in means.values())])
        print(step, f"{spent:.0f} s", *(f"{name} {mean:.4f}" for name, mean in means.items()), flush=True)
        self._sums, self._count, self._last = {}, 0, spent
