"""The surface a procedural landscape is painted on, with its light and its haze."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray
Rgb = tuple[int, int, int]


def rgb(colour: Rgb) -> Array:
    """Return an 8-bit colour as float32 (3,) in 0..1."""
    return np.array(colour, np.float32) / 255


@dataclass
class Canvas:
    """A picture being painted.

    Heights are fractions of the picture's height, from its top; widths have its unit too, so x runs from 0 to `aspect`.
    """

    rng: np.random.Generator
    height: int
    width: int
    image: Array = field(init=False)
    yy: Array = field(init=False)
    xx: Array = field(init=False)
    light: Array = field(init=False)
    haze: Array = field(init=False)
    horizon: float = 0.5
    time: str = "day"
    light_x: float | None = None
    tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = np.zeros((self.height, self.width, 3), np.float32)
        self.yy = ((np.arange(self.height, dtype=np.float32) + 0.5) / self.height)[:, None]
        self.xx = ((np.arange(self.width, dtype=np.float32) + 0.5) / self.height)[None, :]
        self.light = np.ones(3, np.float32)
        self.haze = np.ones(3, np.float32)

    @property
    def aspect(self) -> float:
        """Width divided by height."""
        return self.width / self.height

    def pick(self, colours: tuple[Rgb, ...], spread: float = 0.04) -> Array:
        """Return one of `colours`, varied a little, as float32 (3,) in 0..1."""
        colour = rgb(colours[self.rng.integers(len(colours))])
        shift = self.rng.normal(0, spread, 3) * (1, 0.8, 1) + self.rng.normal(0, spread * 0.6)
        return np.clip(colour + shift, 0.01, 1).astype(np.float32)

    def lit(self, colour: Array) -> Array:
        """Return `colour` under the scene's light."""
        return np.clip(colour * self.light, 0, 1)

    def distant(self, colour: Array, depth: float | Array) -> Array:
        """Return `colour` under the scene's light, lost in haze by `depth` 0..1."""
        return self.lit(colour) * (1 - depth) + self.haze * depth

    def edge(self, distance: Array, softness: float = 1.0) -> Array:
        """Return an antialiased mask 0..1 from a signed `distance` (positive inside), in picture heights."""
        return np.clip(distance * (self.height / softness) + 0.5, 0, 1)

    def paint(self, colour: Array, mask: Array) -> None:
        """Paint `colour` (broadcastable to the image) through `mask` (height, width) 0..1."""
        weight = mask[..., None].astype(np.float32)
        self.image += weight * (colour - self.image)

    def window(self, top: float, bottom: float, left: float, right: float) -> tuple[slice, slice] | None:
        """Return row and column slices of a box given in picture heights, or None where it is off the picture."""
        rows = slice(max(int(top * self.height), 0), min(int(bottom * self.height) + 2, self.height))
        columns = slice(max(int(left * self.height), 0), min(int(right * self.height) + 2, self.width))
        if rows.stop - rows.start < 2 or columns.stop - columns.start < 2:
            return None
        return rows, columns

    def paint_window(self, window: tuple[slice, slice], colour: Array, mask: Array) -> None:
        """Like `paint`, inside one window only; `mask` and `colour` have the window's size."""
        part = self.image[window]
        part += mask[..., None].astype(np.float32) * (np.clip(colour, 0, 1) - part)
