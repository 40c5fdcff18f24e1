"""Ground: mountains, grass, snow, dunes and sand."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, rgb
from .texture import drop, grain, noise, outline

Array = np.ndarray
ROCKS = ((110, 105, 105), (125, 105, 90), (85, 95, 90), (95, 110, 75), (120, 122, 128))
SNOW = (240, 245, 253)


def in_perspective(canvas: Canvas, field: Array, top: float) -> Array:
    """Return `field` (height, width) with its rows crowded towards the line `top`, as ground seen at a low angle."""
    depth = np.clip((canvas.yy[:, 0] - top) / max(1 - top, 0.05), 0, 1) ** 0.45
    return field[(depth * (canvas.height - 1)).astype(int)]


def mountains(canvas: Canvas, base: float, height: float, *, snowy: bool, depth: float) -> None:
    """Paint a range whose foot is at `base` and whose peaks rise `height` above it, in haze by `depth`."""
    rng, rows, columns = canvas.rng, canvas.height, canvas.width
    line = outline(rng, columns, canvas.aspect, cells=int(rng.integers(2, 5)), octaves=7, sharp=True)
    top = (base - height * (0.25 + 0.75 * line))[None]
    mask = canvas.edge(canvas.yy - top) * (canvas.yy < base + 0.03)
    field = noise(rng, rows, columns, cells=5, octaves=6, persistence=0.65)
    crease = 1 - np.abs(2 * noise(rng, rows, columns, cells=5, octaves=5, persistence=0.6) - 1)
    side = rng.choice([-1, 1])
    relief = 0.74 + 0.38 * _facets(line, below=canvas.yy - top, height=height, bend=field, side=side)
    relief = relief + 4.0 * side * drop(field, 0, max(1, rows // 64)) + 0.35 * (crease - 0.75)
    relief = np.clip(relief, 0.3, 1.25).astype(np.float32)[..., None]
    colour = canvas.distant(canvas.pick(ROCKS, 0.03), depth) * relief
    if snowy:
        below = canvas.yy - top
        depth_of_snow = (height * rng.uniform(0.3, 0.8) - below + 0.3 * (field - 0.5)) * 14
        cover = np.clip(depth_of_snow, 0, 1).astype(np.float32)[..., None]
        colour += cover * (np.clip(canvas.distant(rgb(SNOW), depth * 0.7) * (0.7 + 0.32 * relief), 0, 1) - colour)
    thickness = 0.8 if canvas.time == "fog" else 0.45
    fade = (np.clip((canvas.yy - top) / (height + 0.01), 0, 1) * thickness * depth)[..., None]
    canvas.paint(colour * (1 - fade) + canvas.haze * fade, mask)


def _facets(line: Array, *, below: Array, height: float, bend: Array, side: int) -> Array:
    """Return -0.5..0.5 (height, width): which faces of a range look to the light, which comes from `side`.

    Ridges run down from the peaks of the skyline `line` (width,), bent by the field `bend` (height, width); the ground
    `below` the skyline, in picture heights, belongs to the nearest peak, and is lit on one side of its ridge.
    """
    width = line.size
    reach = width // 10
    peaks = [k for k in range(1, width - 1) if line[k] == line[max(0, k - reach) : k + reach + 1].max()]
    if not peaks:
        return np.zeros_like(bend)
    sway = np.clip(below / max(height, 0.05), 0, 1) * (bend - 0.5) * width * 0.5
    place = np.arange(width)[None] + sway
    distance = place[..., None] - np.array(peaks)
    nearest = np.take_along_axis(distance, np.abs(distance).argmin(-1)[..., None], -1)[..., 0]
    return np.tanh(-side * nearest / (0.02 * width)) * 0.5


def grass(canvas: Canvas, top: Array | float, colour: Array, *, contrast: float = 0.3) -> None:
    """Paint grass below the line `top` ((width,) or one height)."""
    rng, rows, columns = canvas.rng, canvas.height, canvas.width
    start = float(np.min(top))
    near = np.clip((canvas.yy - start) / (1 - start + 0.01), 0, 1)
    patches = in_perspective(canvas, noise(rng, rows, columns, cells=6, octaves=5, persistence=0.8, stretch=2), start)
    blades = grain(rng, rows, columns, coarse_rows=3)
    shade = 1 + contrast * 2.2 * (patches - 0.5) + contrast * (0.25 + near) * (blades - 0.5)
    picture = canvas.lit(colour) * (shade * (1 - 0.22 * near))[..., None]
    yellow = canvas.lit(rgb((165, 155, 70))) * shade[..., None]
    picture += (yellow - picture) * np.clip(patches * 2.4 - 1.1, 0, 0.5)[..., None]
    _ground(canvas, picture, top, start)


def snow_field(canvas: Canvas, top: Array | float) -> None:
    """Paint drifted snow below the line `top`."""
    rng, rows, columns = canvas.rng, canvas.height, canvas.width
    start = float(np.min(top))
    drift = in_perspective(canvas, noise(rng, rows, columns, cells=3, octaves=4, persistence=0.5, stretch=2), start)
    step = max(2, rows // 40)
    hollow = np.clip(0.5 + 3.2 * drop(drift, 0, step) + 1.2 * (drift - 0.5), 0, 1)[..., None]
    sparkle = (0.05 * (grain(rng, rows, columns) - 0.5))[..., None]
    shadow, bright = rgb((172, 190, 222)), rgb((250, 251, 255))
    picture = canvas.lit(shadow + (bright - shadow) * hollow + sparkle)
    if canvas.time == "night":
        picture = np.clip(picture * 1.3, 0, 1)
    _ground(canvas, picture, top, start)


def _ground(canvas: Canvas, picture: Array, top: Array | float, start: float) -> None:
    edge = np.broadcast_to(np.asarray(top, np.float32), (canvas.width,))[None]
    depth = (0.32 * np.clip(1 - (canvas.yy - start) / 0.2, 0, 1))[..., None]
    canvas.paint(np.clip(picture, 0, 1) * (1 - depth) + canvas.haze * depth, canvas.edge(canvas.yy - edge))


def dunes(canvas: Canvas) -> None:
    """Paint rows of sand dunes from the horizon to the bottom."""
    rng, rows, columns, horizon = canvas.rng, canvas.height, canvas.width, canvas.horizon
    sand = canvas.pick(((215, 160, 95), (225, 180, 120), (205, 135, 80), (232, 196, 130)), 0.03)
    count = int(rng.integers(3, 7))
    side = rng.choice([-1, 1])
    for index in range(count):
        near = index / count
        line = outline(
            rng, columns, canvas.aspect, cells=int(rng.integers(1, 4)), octaves=2, persistence=0.3, sharp=index > 0
        )
        top = horizon + (1 - horizon) * near * 0.95 + (line - 0.5) * 0.2 * (0.35 + near)
        slope = np.gradient(np.convolve(np.pad(top, 4, "edge"), np.ones(9) / 9, "valid")) * rows
        face = np.clip(0.88 + 0.42 * side * slope, 0.45, 1.12)[None]
        body = noise(rng, rows, columns, cells=10, octaves=5, persistence=0.75, stretch=2)
        phase = (canvas.yy - top[None]) * rows * (0.55 - 0.25 * near) + 9 * body
        ripple = 0.035 * np.sin(phase) * (0.3 + near)
        fade = 0.75 + 0.25 * np.clip(1 - (canvas.yy - top[None]) / 0.3, 0, 1)
        light = (face * fade + 0.14 * (body - 0.5) + ripple)[..., None]
        canvas.paint(np.clip(canvas.distant(sand, 0.38 * (1 - near)) * light, 0, 1), canvas.edge(canvas.yy - top[None]))


def sand(canvas: Canvas, top: Array) -> None:
    """Paint a beach's sand below the waterline `top` (width,), wet near it, and the foam along it."""
    rng, rows, columns = canvas.rng, canvas.height, canvas.width
    patches = noise(rng, rows, columns, cells=6, octaves=6, persistence=0.75, stretch=2)
    colour = canvas.lit(canvas.pick(((226, 202, 155), (214, 190, 150), (235, 215, 175)), 0.04))
    picture = colour * (1 + 0.24 * (patches - 0.5) + 0.1 * (grain(rng, rows, columns) - 0.5))[..., None]
    picture *= (0.66 + 0.34 * np.clip((canvas.yy - top[None]) / 0.08, 0, 1))[..., None]
    canvas.paint(np.clip(picture, 0, 1), canvas.edge(canvas.yy - top[None]))
    foam = noise(rng, rows, columns, cells=20, octaves=3)
    white = canvas.lit(rgb((248, 250, 252)))
    for offset, width, floor in ((0.008, 0.012, 0.1), (0.055 + 0.03 * rng.random(), 0.008, 0.35)):
        line = top + 0.02 * outline(rng, columns, canvas.aspect, cells=4, octaves=3) - offset
        canvas.paint(white, np.exp(-(((canvas.yy - line[None]) / width) ** 2)) * np.clip(1.5 * foam - floor, 0, 0.95))
