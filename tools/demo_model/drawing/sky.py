"""Skies: gradient, stars, sun or moon, and clouds."""

from __future__ import annotations

import numpy as np

from .canvas import Canvas, Rgb, rgb
from .texture import drop, noise

SKIES: dict[str, tuple[tuple[Rgb, Rgb], ...]] = {
    "day": (
        ((60, 120, 205), (175, 210, 240)),
        ((40, 100, 190), (200, 225, 245)),
        ((90, 150, 220), (220, 235, 245)),
        ((110, 160, 210), (195, 215, 230)),
    ),
    "sunset": (
        ((60, 60, 120), (250, 150, 70)),
        ((90, 50, 100), (255, 120, 60)),
        ((40, 70, 130), (255, 190, 110)),
        ((120, 90, 140), (250, 170, 150)),
    ),
    "night": (((12, 18, 58), (52, 74, 138)), ((16, 20, 66), (64, 80, 146)), ((10, 14, 44), (40, 60, 112))),
    "cloudy": (((120, 130, 140), (200, 205, 210)), ((90, 100, 115), (170, 180, 190))),
    "fog": (((180, 188, 195), (215, 220, 222)), ((160, 175, 185), (220, 222, 220))),
}
LIGHTS: dict[str, tuple[float, float, float]] = {
    "day": (1.0, 0.99, 0.96),
    "sunset": (0.8, 0.6, 0.47),
    "night": (0.24, 0.31, 0.5),
    "cloudy": (0.74, 0.76, 0.78),
    "fog": (0.8, 0.82, 0.83),
}
CLOUDS: dict[str, Rgb] = {
    "day": (252, 252, 255),
    "sunset": (255, 170, 130),
    "night": (58, 70, 116),
    "cloudy": (165, 172, 180),
    "fog": (220, 220, 220),
}


def paint_sky(canvas: Canvas, cloud_chance: float = 0.6) -> None:
    """Paint the sky down to below the horizon; sets the canvas's light, haze and tags."""
    rng, horizon = canvas.rng, canvas.horizon
    skies = SKIES[canvas.time]
    top, bottom = skies[rng.integers(len(skies))]
    top_colour, bottom_colour = canvas.pick((top,), 0.03), canvas.pick((bottom,), 0.03)
    light = np.array(LIGHTS[canvas.time], np.float32) * (1 + rng.normal(0, 0.06))
    canvas.light = np.clip(light, 0, 1.05).astype(np.float32)
    ramp = np.clip(canvas.yy / horizon, 0, 1) ** rng.uniform(0.7, 1.5)
    canvas.image[:] = top_colour + (bottom_colour - top_colour) * ramp[..., None]
    if canvas.time == "night":
        _stars_and_moon(canvas)
    elif canvas.time in ("sunset", "day") and rng.random() < (0.75 if canvas.time == "sunset" else 0.25):
        _sun(canvas)
    if canvas.time == "cloudy" or (canvas.time != "fog" and rng.random() < cloud_chance):
        _clouds(canvas)
    row = min(int(canvas.height * horizon * 0.95), canvas.height - 1)
    canvas.haze = np.clip(canvas.image[row].mean(0), 0, 1)


def _stars_and_moon(canvas: Canvas) -> None:
    rng = canvas.rng
    count = int(rng.integers(30, 120) * canvas.aspect)
    rows = rng.integers(0, max(1, int(canvas.height * canvas.horizon)), count)
    columns = rng.integers(0, canvas.width, count)
    canvas.image[rows, columns] += rng.uniform(0.2, 0.9, count)[:, None].astype(np.float32)
    if rng.random() < 0.6:
        canvas.light_x = rng.uniform(0.1, 0.9) * canvas.aspect
        y, radius = rng.uniform(0.08, canvas.horizon * 0.6), rng.uniform(0.03, 0.07)
        distance = np.hypot(canvas.xx - canvas.light_x, canvas.yy - y)
        canvas.image += (0.25 * np.exp(-distance / 0.09))[..., None] * rgb((200, 210, 255))
        canvas.paint(rgb((250, 248, 225)), canvas.edge(radius - distance))
        canvas.tags.append("moon")


def _sun(canvas: Canvas) -> None:
    rng, horizon = canvas.rng, canvas.horizon
    low = canvas.time == "sunset"
    canvas.light_x = rng.uniform(0.1, 0.9) * canvas.aspect
    y = rng.uniform(horizon * 0.6, horizon) if low else rng.uniform(0.05, horizon * 0.5)
    radius = rng.uniform(0.025, 0.06)
    distance = np.hypot(canvas.xx - canvas.light_x, canvas.yy - y)
    glow = rgb((255, 150, 60)) if low else rgb((255, 250, 220))
    canvas.image += (0.55 * np.exp(-distance / 0.16))[..., None] * glow
    np.minimum(canvas.image, 1, out=canvas.image)
    canvas.paint(rgb((255, 228, 155)) if low else rgb((255, 253, 235)), canvas.edge(radius - distance, 2))
    canvas.tags.append("sun")


def _clouds(canvas: Canvas) -> None:
    rng, horizon = canvas.rng, canvas.horizon
    overcast = canvas.time == "cloudy"
    cover = rng.uniform(0.3, 0.45) if overcast else rng.uniform(0.42, 0.58)
    field = noise(
        rng, canvas.height, canvas.width, cells=int(rng.integers(3, 7)), octaves=6, stretch=rng.choice([1.3, 2.0, 3.5])
    )
    mask = np.clip((field - cover) * rng.uniform(4, 9), 0, 1) * np.clip(
        (horizon * 1.02 - canvas.yy) / horizon * 2.2, 0, 1
    )
    step = max(2, canvas.height // 40)
    relief = np.clip(0.78 + 2.0 * drop(field, step, 0), 0.5, 1.1)
    colour = np.broadcast_to(rgb(CLOUDS[canvas.time]), (canvas.height, 1, 3))
    if canvas.time == "sunset":
        colour = colour * (0.55 + 0.45 * np.clip(canvas.yy / horizon, 0, 1))[..., None]
    canvas.paint(colour * relief[..., None], mask * rng.uniform(0.6, 0.95))
    np.clip(canvas.image, 0, 1, out=canvas.image)
    if mask.mean() > 0.06:
        canvas.tags.append("clouds")


def paint_fog(canvas: Canvas) -> None:
    """Lay a bank of fog around the horizon."""
    bank = np.clip(0.8 - np.abs(canvas.yy - canvas.horizon - 0.03) * 1.5, 0.08, 0.85)
    drift = 0.6 + 0.8 * (noise(canvas.rng, canvas.height, canvas.width, cells=2, octaves=4, stretch=2) - 0.3)
    canvas.paint(canvas.haze, np.clip(bank * drift, 0, 0.9))
