"""Trees and flowers."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, rgb
from .texture import noise

Array = np.ndarray
FLOWERS = ((235, 60, 60), (250, 215, 70), (245, 245, 245), (190, 110, 210), (255, 140, 60))


def pines(
    canvas: Canvas, base: float, count: int, size: float, colour: Array, *, depth: float, snowy: bool, spread: float
) -> None:
    """Paint `count` conifers about `size` high, their feet near the line `base`, the farther ones first."""
    rng = canvas.rng
    for foot in np.sort(rng.normal(base, spread, int(count * canvas.aspect))):
        high = size * rng.uniform(0.6, 1.3) * (0.9 + 0.15 * np.clip((foot - base) / spread, -2, 2))
        x = rng.uniform(-0.03, canvas.aspect + 0.03)
        wide = high * rng.uniform(0.2, 0.32)
        window = canvas.window(foot - high, foot, x - wide, x + wide)
        if window is None:
            continue
        yy, xx = canvas.yy[window[0]], canvas.xx[:, window[1]]
        down = np.clip((yy - (foot - high)) / high, 0, 1)
        tier = down * rng.integers(4, 8) % 1
        ragged = rng.random((yy.shape[0], xx.shape[1]), dtype=np.float32)
        half = wide * (down * 0.75 + 0.3 * tier * down + 0.02) * np.where(down > 0.93, 0.25, 1)
        mask = canvas.edge(half * (0.82 + 0.36 * ragged) - np.abs(xx - x))
        shade = 0.62 + 0.3 * (0.5 - (xx - x) / wide) + 0.4 * ragged - 0.2 * tier
        shade = (shade * rng.uniform(0.75, 1.2))[..., None]
        picture = canvas.distant(colour, depth) * shade
        if snowy:
            cover = np.clip(1.7 * (1 - tier) - 0.7 + 0.6 * (ragged - 0.5), 0, 0.95)[..., None]
            picture += cover * (canvas.lit(rgb((240, 245, 252))) * np.clip(shade, 0.75, 1.1) - picture)
        canvas.paint_window(window, picture, mask)


def broadleaf(canvas: Canvas, x: float, foot: float, size: float, colour: Array, depth: float = 0.0) -> None:
    """Paint one broad-leaved tree about `size` high with its foot at (x, foot)."""
    rng = canvas.rng
    window = canvas.window(foot - size * 1.25, foot, x - size * 0.8, x + size * 0.8)
    if window is None:
        return
    yy, xx = canvas.yy[window[0]], canvas.xx[:, window[1]]
    rows, columns = yy.shape[0], xx.shape[1]
    width = size * 0.05 * (1 + 0.8 * np.clip((yy - foot) / size + 0.3, 0, 1))
    trunk = canvas.edge(width - np.abs(xx - x - 0.02 * size * np.sin(yy * 40))) * (yy < foot) * (yy > foot - size * 0.6)
    canvas.paint_window(window, canvas.distant(rgb((80, 58, 40)), depth) * 0.9, trunk)
    leaves = noise(rng, rows, columns, cells=9, octaves=4, persistence=0.75)
    for _ in range(rng.integers(9, 16)):
        centre_x, centre_y = x + rng.normal(0, size * 0.2), foot - size * 0.72 + rng.normal(0, size * 0.13)
        radius = size * rng.uniform(0.12, 0.22)
        distance = np.hypot(xx - centre_x, (yy - centre_y) * 1.1)
        mask = canvas.edge(radius * (0.55 + 0.9 * leaves) - distance, 1.5)
        shade = 0.82 - (yy - centre_y) / radius * 0.28 - (xx - centre_x) / radius * 0.12 + 1.3 * (leaves - 0.5)
        shade = np.clip(shade, 0.32, 1.35)[..., None]
        canvas.paint_window(window, canvas.distant(colour, depth) * shade, mask)


def wood(canvas: Canvas, base: float, size: float, colour: Array, *, depth: float) -> None:
    """Paint the edge of a broad-leaved wood along the line `base`."""
    rng = canvas.rng
    for foot in np.sort(rng.normal(base, size * 0.15, int(9 * canvas.aspect / size * 0.25) + 2)):
        tone = np.clip(colour * rng.uniform(0.75, 1.25), 0, 1).astype(np.float32)
        broadleaf(canvas, rng.uniform(0, canvas.aspect), foot, size * rng.uniform(0.7, 1.2), tone, depth)


def flowers(canvas: Canvas, top: float) -> None:
    """Strew a meadow below `top` with flowers, larger towards the bottom."""
    rng = canvas.rng
    colour = canvas.lit(rgb(FLOWERS[rng.integers(len(FLOWERS))]))
    count = int(rng.integers(200, 700) * canvas.aspect)
    ys = top + 0.04 + (0.96 - top) * rng.random(count) ** 0.7
    xs = rng.random(count) * canvas.aspect
    for y, x in zip(ys, xs, strict=True):
        radius = max(0.004, 0.02 * (y - top) / (1 - top))
        window = canvas.window(y - radius, y + radius, x - radius, x + radius)
        if window is None:
            continue
        distance = np.hypot(canvas.xx[:, window[1]] - x, canvas.yy[window[0]] - y)
        canvas.paint_window(window, colour * rng.uniform(0.75, 1.05), 0.85 * canvas.edge(radius * 0.8 - distance))
