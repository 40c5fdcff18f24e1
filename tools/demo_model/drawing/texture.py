"""Random fields the procedural landscapes are made of: value noise in two dimensions, broken lines in one."""

from __future__ import annotations

import numpy as np
from PIL import Image

Array = np.ndarray


def resized(field: Array, height: int, width: int) -> Array:
    """Return `field` (rows, columns) float32 resampled smoothly to (height, width)."""
    picture = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))


def noise(
    rng: np.random.Generator,
    height: int,
    width: int,
    *,
    cells: float = 3,
    octaves: int = 5,
    persistence: float = 0.55,
    stretch: float = 1.0,
) -> Array:
    """Return value noise (height, width), about 0..1 around 0.5.

    `cells` is the number of grid cells along the height in the first octave; each octave doubles it.
    `stretch` above 1 makes the features that many times wider than high.
    """
    total = np.zeros((height, width), np.float32)
    amplitude, weight = 1.0, 0.0
    for _ in range(octaves):
        rows = int(cells) + 2
        columns = int(cells * width / height / stretch) + 2
        if rows > height or columns > width:
            break
        total += amplitude * resized(rng.random((rows, columns)), height, width)
        weight += amplitude
        amplitude *= persistence
        cells *= 2
    return total / max(weight, 1e-6)


def grain(rng: np.random.Generator, height: int, width: int, coarse_rows: int = 1, coarse_columns: int = 1) -> Array:
    """Return white noise (height, width) in 0..1, optionally smeared over a few rows or columns."""
    rows, columns = max(2, height // coarse_rows), max(2, width // coarse_columns)
    field = rng.random((rows, columns), dtype=np.float32)
    return field if (rows, columns) == (height, width) else resized(field, height, width)


def drop(field: Array, rows: int, columns: int) -> Array:
    """Return how much `field` rises above its neighbour `rows` up and `columns` to the left: a cheap relief."""
    height, width = field.shape
    padded = np.pad(field, ((rows, 0), (columns, 0)), "edge")
    return field - padded[:height, :width]


def outline(
    rng: np.random.Generator,
    width: int,
    aspect: float,
    *,
    cells: float = 3,
    octaves: int = 6,
    persistence: float = 0.5,
    sharp: bool = False,
) -> Array:
    """Return a random line (width,), scaled to exactly 0..1, over a canvas `aspect` heights wide.

    `sharp` keeps corners (rock); otherwise the line is smooth (hills).
    """
    x = np.linspace(0, aspect, width)
    total = np.zeros(width)
    amplitude = 1.0
    for _ in range(octaves):
        knots = rng.random(int(cells * aspect) + 3)
        position = x * cells + rng.random()
        index = position.astype(int)
        part = position - index
        if not sharp:
            part = part * part * (3 - 2 * part)
        total += amplitude * (knots[index] * (1 - part) + knots[np.minimum(index + 1, knots.size - 1)] * part)
        amplitude *= persistence
        cells *= 2
        if cells > width / aspect / 2:
            break
    low, high = total.min(), total.max()
    return ((total - low) / max(high - low, 1e-6)).astype(np.float32)
