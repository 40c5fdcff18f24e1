"""Houses and boats."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, rgb

WALLS = ((232, 222, 202), (240, 238, 232), (205, 180, 150), (190, 95, 75), (150, 110, 80))
ROOFS = ((165, 70, 50), (120, 60, 50), (90, 85, 90), (145, 90, 60))
HULLS = ((130, 60, 40), (50, 60, 95), (215, 215, 215), (175, 45, 40))


def house(canvas: Canvas, x: float, foot: float, size: float, *, snowy: bool) -> None:
    """Paint a house, its front `size` wide to each side of `x`, standing at height `foot`."""
    rng = canvas.rng
    wall_high, roof_high = size * rng.uniform(0.85, 1.15), size * rng.uniform(0.7, 1.0)
    window = canvas.window(foot - wall_high - roof_high * 1.5, foot, x - size * 1.4, x + size * 2.6)
    if window is None:
        return
    yy, xx = canvas.yy[window[0]], canvas.xx[:, window[1]]
    wall, roof = canvas.lit(canvas.pick(WALLS)), canvas.lit(canvas.pick(ROOFS))
    if snowy:
        roof = canvas.lit(rgb((238, 243, 252)))
    eaves, deep = foot - wall_high, size * rng.uniform(0.8, 1.2)
    long_side = np.abs(xx - (x + size + deep / 2))
    inside = np.minimum(np.minimum(deep / 2 + size * 0.02 - long_side, yy - eaves), foot - yy)
    canvas.paint_window(window, wall * 0.72, canvas.edge(inside))
    up = np.clip((eaves + 0.12 * size - yy) / roof_high, 0, 1)
    left, right = x + (size * 1.12) * (1 - up), x + size + deep * 1.08 - size * 0.1 * up - size * up * 0.85
    side_roof = np.minimum(
        np.minimum(xx - left, right - xx), np.minimum(yy - (eaves - roof_high), eaves + 0.12 * size - yy)
    )
    tiles = 0.82 + 0.1 * np.sin(yy * canvas.height * 1.3)
    canvas.paint_window(window, roof * np.broadcast_to(tiles, side_roof.shape)[..., None], canvas.edge(side_roof))
    front = np.minimum(size - np.abs(xx - x), foot - yy)
    gable = np.minimum(front, (yy - (eaves - roof_high)) * size / roof_high - np.abs(xx - x))
    canvas.paint_window(window, wall, canvas.edge(gable))
    slant = (yy - (eaves - roof_high * 1.1)) * size * 1.1 / roof_high - np.abs(xx - x)
    rim = np.minimum(np.minimum(slant, 0.24 * size - slant), eaves + 0.15 * size - yy)
    canvas.paint_window(window, roof * 0.8, canvas.edge(rim))
    glass = rgb((255, 214, 120)) if canvas.time in ("night", "sunset") else canvas.lit(rgb((70, 85, 100)))
    pane = size * 0.17
    middle = foot - wall_high * 0.6
    for centre in (x - size * 0.55, x + size * 0.55, x + size * 1.35, x + size * 1.35 + deep * 0.35):
        shape = np.minimum(pane - np.abs(xx - centre), pane * 1.2 - np.abs(yy - middle))
        canvas.paint_window(window, glass, canvas.edge(shape))
    door = np.minimum(np.minimum(pane - np.abs(xx - x), yy - (foot - wall_high * 0.6)), foot - yy)
    canvas.paint_window(window, canvas.lit(rgb((92, 58, 42))), canvas.edge(door))
    canvas.tags.append("house")


def boat(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Paint a sailing boat whose waterline is at (x, y) and whose hull reaches `size` to each side."""
    window = canvas.window(y - 2.2 * size, y + 0.9 * size, x - 1.1 * size, x + 1.1 * size)
    if window is None:
        return
    yy, xx = canvas.yy[window[0]], canvas.xx[:, window[1]]
    dark = np.clip(size * 0.9 - np.abs(xx - x), 0, 1) * np.clip(0.6 - (yy - y) / size, 0, 1) * (yy > y)
    canvas.paint_window(window, canvas.lit(rgb((20, 40, 60))), np.clip(dark * 6, 0, 0.45))
    hull = np.minimum(size * (1 - 0.5 * np.clip((yy - y) / (0.25 * size), 0, 1)) - np.abs(xx - x), yy - y)
    canvas.paint_window(window, canvas.lit(canvas.pick(HULLS)), canvas.edge(np.minimum(hull, y + 0.3 * size - yy)))
    up = np.clip((y - yy) / (2.0 * size), 0, 1)
    high = np.minimum(y - 0.1 * size - yy, yy - (y - 2.0 * size))
    white = canvas.lit(canvas.pick(((248, 245, 238), (235, 120, 80), (240, 225, 180)), 0.02))
    main = np.minimum(np.minimum((1 - up) * size * 0.9 - (xx - x), xx - x - 0.03 * size), high)
    jib = np.minimum(np.minimum((1 - up) * size * 0.6 - (x - xx), x - xx - 0.06 * size), high)
    canvas.paint_window(window, white, canvas.edge(main))
    canvas.paint_window(window, white * 0.88, canvas.edge(jib))
    canvas.tags.append("boat")
