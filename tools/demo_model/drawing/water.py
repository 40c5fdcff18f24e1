"""Seas and lakes, with what they mirror."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, rgb
from .texture import grain

WATERS = ((30, 85, 130), (40, 120, 150), (25, 70, 100), (45, 150, 165))


def water(canvas: Canvas, top: float, *, calm: bool) -> None:
    """Paint water from the line `top` down; calm water mirrors what is already painted above it."""
    rng, rows, columns = canvas.rng, canvas.height, canvas.width
    near = np.clip((canvas.yy - top) / (1 - top + 0.01), 0, 1)
    ripple = 0.6 * grain(rng, rows, columns, 2, 12) + 0.4 * grain(rng, rows, columns, 1, 5)
    shore = int(top * rows)
    pixel_rows, pixel_columns = np.arange(rows)[:, None], np.arange(columns)[None]
    shift = ((ripple - 0.5) * (2 + 8 * near) * rows / 128).astype(int)
    mirrored = canvas.image[
        np.clip(2 * shore - pixel_rows + shift, 0, max(shore - 1, 0)),
        np.clip(pixel_columns + shift // 2, 0, columns - 1),
    ]
    share = ((0.75 if calm else 0.4) - 0.25 * near)[..., None]
    body = canvas.lit(canvas.pick(WATERS)) * (1 - 0.35 * near[..., None])
    surface = mirrored * share * 0.92 + body * (1 - share)
    surface = surface * (1 + (ripple - 0.5) * (0.18 if calm else 0.42) * (0.5 + near))[..., None]
    if canvas.light_x is not None:
        glitter = np.exp(-(((canvas.xx - canvas.light_x) / (0.03 + 0.12 * near)) ** 2)) * np.clip(
            ripple * 2 - 0.75, 0, 1
        )
        glow = rgb((255, 200, 120)) if canvas.time == "sunset" else rgb((230, 235, 245))
        surface = surface + glitter[..., None] * glow * 0.8
    canvas.paint(np.clip(surface, 0, 1), canvas.edge(np.broadcast_to(canvas.yy - top, (rows, columns))))


def whitecaps(canvas: Canvas, top: float) -> None:
    """Strew small breaking waves over the sea below `top`."""
    caps = grain(canvas.rng, canvas.height, canvas.width, 3, 12)
    near = np.clip((canvas.yy - top) / (1 - top), 0, 1)
    mask = np.clip((caps * (0.6 + 0.45 * near) - 0.78) * 6, 0, 0.7) * (canvas.yy > top)
    canvas.paint(canvas.lit(rgb((235, 242, 246))), mask)
