"""The same images, maps and run for every backend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

COUNTS = (1, 8)
"""Exemplars of an edit."""
PLAIN = "img2img"
AGAIN = "img2img, once more"
"""The same as `PLAIN`: what the difference of two equal things looks like on this machine."""


@dataclass(frozen=True)
class Run:
    """One way of generating: a square of `size` pixels, `steps` x `strength` calls of the model, no guidance, so that
    every call is one pass of the network."""

    model: str
    size: int
    steps: int
    strength: float
    rounds: int

    def description(self) -> str:
        """In words, as the table heads it."""
        words = f"{self.model}, {self.size} px, {self.steps} steps at strength {self.strength:g}"
        return f"{words}, {self.rounds} round{'s' * (self.rounds > 1)}"


def by_turns(names: Iterable[str], rounds: int) -> Iterator[tuple[int, str]]:
    """Every round has every name once, in an order of its own, so that no kind always has the same turn, or always
    comes after the same other kind. Every second round goes backwards, so that a machine that slows down evenly cancels
    out. The first round's is the order given."""
    names = list(names)
    for number in range(rounds):
        first = 2 * (number // 2) % len(names)
        order = names[first:] + names[:first]
        yield from ((number, name) for name in (order[::-1] if number % 2 else order))


def sample_image(seed: int, size: int) -> Image.Image:
    """A soft colorful image, RGB."""
    few = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    return Image.fromarray(few).resize((size, size), Image.Resampling.BICUBIC)


def edit_map(index: int, count: int, size: int) -> Image.Image:
    """Map `index` of `count`: black along its own strip of the image, grays beside it, white at the far ends, so that
    some place is released at every step and some never is."""
    columns = np.arange(size) / size
    away = np.abs(columns - (index + 0.5) / count) - 0.5 / count
    grays = np.clip(away / 0.4, 0, 1) * 255
    return Image.fromarray(np.tile(grays.round().astype(np.uint8), (size, 1)))


def exemplars(count: int, size: int) -> list[tuple[Image.Image, Image.Image]]:
    """Pairs of exemplar and edit map."""
    return [(sample_image(2 + index, size), edit_map(index, max(count, 2), size)) for index in range(count)]


def named(count: int) -> str:
    """What the table calls an edit with so many exemplars."""
    return f"PIXELS, {count} exemplar{'s' * (count > 1)}"
