"""Procedural landscapes with captions: the bulk of the demo model's training data, ours and without limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import land, objects, plants
from .canvas import Canvas
from .captions import caption
from .sky import paint_fog, paint_sky
from .texture import outline
from .water import water, whitecaps

GREENS = ((95, 135, 55), (120, 145, 60), (70, 120, 50), (140, 150, 75), (85, 130, 45))
PINES = ((35, 65, 40), (45, 75, 45), (30, 55, 45))
LEAVES = ((80, 120, 45), (95, 130, 50), (190, 110, 40), (205, 140, 50))
KINDS = ("snow", "snow", "beach", "sea", "forest", "desert", "meadow", "lake", "mountains", "hills")
TIMES = ("day", "day", "day", "day", "sunset", "sunset", "night", "cloudy", "fog")


@dataclass(frozen=True)
class Scene:
    """A painted landscape: `picture` uint8 (height, width, 3), `caption`, and the words that are true of it."""

    picture: np.ndarray
    caption: str
    kind: str
    time: str
    tags: tuple[str, ...]


def scene(
    seed: int, height: int, width: int, kind: str | None = None, time: str | None = None, land_seed: int | None = None
) -> Scene:
    """Paint the landscape of this `seed`; `kind` and `time` are drawn from it unless given.

    With `land_seed` what stands under the sky is drawn from that, and is the same land at every `time`.
    """
    rng = np.random.default_rng(seed)
    canvas = Canvas(rng, height, width)
    kind = kind or str(rng.choice(KINDS))
    canvas.time = time or str(rng.choice(TIMES))
    low, high = {"forest": (0.5, 0.7), "mountains": (0.56, 0.76)}.get(kind, (0.33, 0.58))
    canvas.horizon = rng.uniform(low, high)
    paint_sky(canvas)
    if land_seed is not None:
        canvas.rng = rng = np.random.default_rng(land_seed)
    _painters()[kind](canvas)
    if canvas.time == "fog":
        paint_fog(canvas)
    image = np.clip(canvas.image, 0, 1) ** rng.uniform(0.9, 1.1) + rng.normal(0, 0.006, canvas.image.shape)
    picture = (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)
    text = caption(rng, kind, canvas.time, canvas.tags)
    return Scene(picture, text, kind, canvas.time, tuple(canvas.tags))


def _painters() -> dict[str, Callable[[Canvas], None]]:
    return {
        "snow": _snow,
        "beach": _beach,
        "sea": _sea,
        "forest": _forest,
        "desert": _desert,
        "meadow": _meadow,
        "lake": _lake,
        "mountains": _mountains,
        "hills": _hills,
    }


def _background(canvas: Canvas, chance: float, *, snowy: bool | None = None) -> None:
    """Perhaps paint a range or two behind the subject."""
    rng = canvas.rng
    if rng.random() >= chance:
        return
    white = rng.random() < 0.5 if snowy is None else snowy
    if rng.random() < 0.5:
        land.mountains(canvas, canvas.horizon + 0.02, rng.uniform(0.15, 0.3), snowy=white, depth=0.55)
    land.mountains(canvas, canvas.horizon + 0.02, rng.uniform(0.1, 0.26), snowy=white, depth=0.25)
    canvas.tags.append("mountains")


def _rise(canvas: Canvas, offset: float = 0.0, swing: float = 0.08, cells: float = 2) -> np.ndarray:
    line = outline(canvas.rng, canvas.width, canvas.aspect, cells=cells, octaves=4, persistence=0.4)
    return canvas.horizon + offset - (line - 0.3) * swing


def _perhaps_house(canvas: Canvas, chance: float, *, snowy: bool = False) -> None:
    rng = canvas.rng
    if rng.random() < chance:
        size = rng.uniform(0.07, 0.15)
        foot = min(canvas.horizon + rng.uniform(0.1, 0.3), 0.93)
        objects.house(canvas, rng.uniform(0.15, 0.75) * canvas.aspect, foot, size, snowy=snowy)


def _perhaps_boat(canvas: Canvas, chance: float, top: float) -> None:
    rng = canvas.rng
    if rng.random() < chance:
        size = rng.uniform(0.05, 0.14)
        objects.boat(canvas, rng.uniform(0.15, 0.85) * canvas.aspect, top + rng.uniform(0.03, 0.18), size)


def _snow(canvas: Canvas) -> None:
    rng, horizon = canvas.rng, canvas.horizon
    _background(canvas, 0.55, snowy=True)
    green = canvas.pick(PINES, 0.03)
    land.snow_field(canvas, _rise(canvas))
    if rng.random() < 0.75:
        count, size = int(rng.integers(10, 45)), rng.uniform(0.08, 0.18)
        plants.pines(canvas, horizon + 0.03, count, size, green, depth=0.3, snowy=rng.random() < 0.7, spread=0.012)
    if rng.random() < 0.5:
        land.snow_field(canvas, _rise(canvas, 0.15, 0.14))
    _perhaps_house(canvas, 0.35, snowy=True)
    if rng.random() < 0.55:
        count, size = int(rng.integers(1, 8)), rng.uniform(0.22, 0.42)
        plants.pines(canvas, horizon + 0.25, count, size, green, depth=0.05, snowy=True, spread=0.06)
        canvas.tags.append("trees")


def _sea_floor(canvas: Canvas) -> None:
    rng = canvas.rng
    if rng.random() < 0.3:
        land.mountains(canvas, canvas.horizon + 0.005, rng.uniform(0.05, 0.16), snowy=False, depth=0.55)
        canvas.tags.append("mountains")
    water(canvas, canvas.horizon, calm=False)


def _beach(canvas: Canvas) -> None:
    rng = canvas.rng
    _sea_floor(canvas)
    _perhaps_boat(canvas, 0.25, canvas.horizon)
    wave = outline(rng, canvas.width, canvas.aspect, cells=2, octaves=4)
    tilt = (np.arange(canvas.width) / canvas.width - 0.5) * rng.uniform(-0.35, 0.35)
    line = rng.uniform(0.6, 0.8) + (wave - 0.5) * 0.12 + tilt
    land.sand(canvas, np.clip(line, canvas.horizon + 0.06, 0.97).astype(np.float32))
    canvas.tags.append("sea")


def _sea(canvas: Canvas) -> None:
    _sea_floor(canvas)
    whitecaps(canvas, canvas.horizon)
    _perhaps_boat(canvas, 0.55, canvas.horizon)


def _forest(canvas: Canvas) -> None:
    rng, horizon = canvas.rng, canvas.horizon
    _background(canvas, 0.25)
    land.grass(canvas, _rise(canvas), canvas.pick(GREENS) * 0.8)
    if rng.random() < 0.35:
        leaves = canvas.pick(LEAVES)
        plants.wood(canvas, horizon + 0.03, 0.2, leaves, depth=0.35)
        plants.wood(canvas, horizon + 0.16, 0.32, leaves, depth=0.15)
    else:
        green = canvas.pick(PINES, 0.03)
        plants.pines(canvas, horizon + 0.02, 45, rng.uniform(0.12, 0.2), green, depth=0.45, snowy=False, spread=0.01)
        plants.pines(canvas, horizon + 0.1, 32, rng.uniform(0.22, 0.32), green, depth=0.2, snowy=False, spread=0.02)
        count = int(rng.integers(6, 16))
        plants.pines(
            canvas, horizon + 0.25, count, rng.uniform(0.35, 0.55), green * 0.85, depth=0.05, snowy=False, spread=0.04
        )
    canvas.tags.append("trees")


def _desert(canvas: Canvas) -> None:
    if canvas.rng.random() < 0.3:
        land.mountains(canvas, canvas.horizon + 0.02, canvas.rng.uniform(0.08, 0.2), snowy=False, depth=0.45)
        canvas.tags.append("mountains")
    land.dunes(canvas)


def _meadow(canvas: Canvas) -> None:
    rng, horizon = canvas.rng, canvas.horizon
    _background(canvas, 0.5)
    land.grass(canvas, _rise(canvas), canvas.pick(GREENS))
    if rng.random() < 0.5:
        plants.wood(canvas, horizon + 0.03, rng.uniform(0.1, 0.18), canvas.pick(LEAVES), depth=0.25)
        land.grass(canvas, _rise(canvas, 0.07, 0.06), canvas.pick(GREENS))
    _perhaps_house(canvas, 0.35)
    if rng.random() < 0.7:
        plants.flowers(canvas, horizon + 0.06)
        canvas.tags.append("flowers")
    if rng.random() < 0.3:
        x, size = rng.uniform(0.2, 0.8) * canvas.aspect, rng.uniform(0.3, 0.5)
        plants.broadleaf(canvas, x, horizon + rng.uniform(0.1, 0.3), size, canvas.pick(LEAVES))
        canvas.tags.append("tree")


def _lake(canvas: Canvas) -> None:
    rng, horizon = canvas.rng, canvas.horizon
    _background(canvas, 0.65)
    land.grass(canvas, _rise(canvas, 0.0, 0.03), canvas.pick(GREENS) * 0.85)
    if rng.random() < 0.75:
        count, size = int(rng.integers(25, 55)), rng.uniform(0.07, 0.15)
        plants.pines(
            canvas, horizon + 0.02, count, size, canvas.pick(PINES, 0.03), depth=0.25, snowy=False, spread=0.007
        )
    top = horizon + rng.uniform(0.025, 0.05)
    water(canvas, top, calm=True)
    _perhaps_boat(canvas, 0.35, top)
    if rng.random() < 0.55:
        bank = rng.uniform(0.82, 0.95) + (outline(rng, canvas.width, canvas.aspect, octaves=4) - 0.5) * 0.12
        land.grass(canvas, bank.astype(np.float32), canvas.pick(GREENS) * 0.8, contrast=0.4)


def _mountains(canvas: Canvas) -> None:
    rng, horizon = canvas.rng, canvas.horizon
    snowy = rng.random() < 0.55
    if rng.random() < 0.6:
        land.mountains(canvas, horizon + 0.02, rng.uniform(0.34, 0.56), snowy=snowy, depth=0.55)
    land.mountains(canvas, horizon + 0.02, rng.uniform(0.32, 0.54), snowy=snowy, depth=0.12)
    if snowy and rng.random() < 0.5:
        land.snow_field(canvas, _rise(canvas))
        canvas.tags.append("snow")
    else:
        land.grass(canvas, _rise(canvas), canvas.pick(GREENS))
        _perhaps_house(canvas, 0.15)
    if rng.random() < 0.7:
        count, size = int(rng.integers(12, 45)), rng.uniform(0.08, 0.2)
        plants.pines(
            canvas, horizon + 0.06, count, size, canvas.pick(PINES, 0.03), depth=0.15, snowy=snowy, spread=0.02
        )
        canvas.tags.append("trees")


def _hills(canvas: Canvas) -> None:
    rng, horizon = canvas.rng, canvas.horizon
    _background(canvas, 0.3)
    green = canvas.pick(GREENS)
    count = int(rng.integers(2, 5))
    for index in range(count):
        tone = np.clip(green + rng.normal(0, 0.04, 3), 0.02, 1).astype(np.float32)
        offset = 0.04 + 0.34 * index / count
        land.grass(canvas, _rise(canvas, offset, 0.22, cells=1), tone)
        if rng.random() < 0.35:
            plants.wood(canvas, horizon + offset + 0.05, rng.uniform(0.08, 0.15), canvas.pick(LEAVES), depth=0.15)
    _perhaps_house(canvas, 0.7)
    if rng.random() < 0.4:
        x, size = rng.uniform(0.15, 0.85) * canvas.aspect, rng.uniform(0.3, 0.5)
        plants.broadleaf(canvas, x, rng.uniform(0.7, 0.9), size, canvas.pick(LEAVES))
        canvas.tags.append("tree")
