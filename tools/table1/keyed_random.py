"""Random numbers by key."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_DIGITS = 56
"""Bits of a digest that a number is made of; a float holds 53."""


class Draws:
    """Numbers that follow from a key alone: the same on every machine and with every version of Python and numpy, so
    that a run can be gone on with, or done again, years later. (SHA-256 of the key and a counter.)"""

    def __init__(self, *key: object) -> None:
        self._key, self._count = "/".join(map(str, key)), 0

    def number(self, low: float = 0.0, high: float = 1.0) -> float:
        """The next number in [low, high)."""
        digest = hashlib.sha256(f"{self._key}/{self._count}".encode()).digest()
        self._count += 1
        return low + (high - low) * (int.from_bytes(digest[: _DIGITS // 8], "big") / 2**_DIGITS)

    def one_of(self, choices: Sequence[T]) -> T:
        """One of `choices`."""
        return choices[min(int(self.number() * len(choices)), len(choices) - 1)]


def shuffled(names: Sequence[str], *key: object) -> list[str]:
    """`names` in an order that follows from the key and the names alone, not from how they came."""
    return sorted(names, key=lambda name: Draws(*key, name).number())
