"""Training by the clock: the share of the time budget used, the learning rate that follows from it, and the log."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Mapping
from pathlib import Path


class Budget:
    """A stretch of wall-clock time that a training run may use."""

    def __init__(self, minutes: float) -> None:
        self._start = time.monotonic()
        self._seconds = minutes * 60

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    @property
    def fraction(self) -> float:
        """Share of the budget that is used, from 0."""
        return self.elapsed / self._seconds


def cosine(fraction: float, peak: float, floor: float, warm: float = 0.01) -> float:
    """Return a learning rate that rises to `peak` over the share `warm`, then falls to `floor` by a cosine."""
    if fraction < warm:
        return peak * max(fraction / warm, 0.02)
    part = min((fraction - warm) / (1 - warm), 1.0)
    return floor + (peak - floor) * 0.5 * (1 + math.cos(math.pi * part))


class Log:
    """A CSV of running means, one row every `every` seconds."""

    def __init__(self, path: Path, every: float = 20.0) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._every, self._last = path, every, 0.0
        self._sums: dict[str, float] = {}
        self._count = 0
        path.unlink(missing_ok=True)

    def add(self, step: int, elapsed: float, values: Mapping[str, float]) -> None:
        """Take one step's values into the running means, and write a row when it is time."""
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._count += 1
        if elapsed - self._last < self._every:
            return
        new = not self._path.exists()
        with self._path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(["step", "seconds", *self._sums])
            means = [f"{total / self._count:.5f}" for total in self._sums.values()]
            writer.writerow([step, f"{elapsed:.0f}", *means])
        print(
            step,
            f"{elapsed:.0f} s",
            *(f"{name} {mean}" for name, mean in zip(self._sums, means, strict=True)),
            flush=True,
        )
        self._sums = dict.fromkeys(self._sums, 0.0)
        self._count, self._last = 0, elapsed
