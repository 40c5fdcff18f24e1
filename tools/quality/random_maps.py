"""Random edit maps: strokes, blobs, gradients and shapes, hard and soft, like those that people draw or have made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from pixels_ext.imaging.mask_ops import Map, gaussian_blur, levels, signed_distance, smoothstep

Draw = Callable[[np.random.Generator, int], Map]
LEAST = 0.08
"""The share of the picture that is black at least, and that is white at least: else there is nothing to adhere to."""
_BLACK_POINT, _WHITE_POINT = 0.02, 0.98
_SOFTEST = 0.2
"""Fall-off on either side of an edge, of the side, at most."""


def random_map(kind: str, seed: int, side: int) -> Map:
    """A map `[side, side]` of a kind in `KINDS`, float32 in [0, 1], the same for the same arguments.

    At least `LEAST` of it is black and as much white. Black and white points as in the engine. Raises `KeyError` for
    a kind that there is not.
    """
    draw, dice = KINDS[kind], np.random.default_rng((seed, *kind.encode()))
    while True:
        made = levels(draw(dice, side), _BLACK_POINT, _WHITE_POINT)
        if min((made == 0).mean(), (made == 1).mean()) >= LEAST:
            return made


def _softened(dark: NDArray[np.bool_], dice: np.random.Generator) -> Map:
    """A shape with an edge: hard for a third of them, else with a fall-off of any width."""
    side = dark.shape[0]
    width = max(1.0, 2 * side * _SOFTEST * max(0.0, dice.uniform(-0.5, 1)))
    return 1 - smoothstep(signed_distance(dark) / np.float32(width) + np.float32(0.5))


def _strokes(dice: np.random.Generator, side: int) -> Map:
    """One to three strokes of a round brush that wander over the picture."""
    dark = np.zeros((side, side), np.uint8)
    for _ in range(dice.integers(1, 4)):
        at, heading = dice.uniform(0.1, 0.9, 2), dice.uniform(0, 2 * np.pi)
        points = [at]
        for _ in range(dice.integers(3, 9)):
            heading += dice.normal(0, 0.7)
            points.append(points[-1] + 0.12 * np.array([np.cos(heading), np.sin(heading)]))
        line = np.round(np.stack(points) * side).astype(np.int32)[:, None]
        cv2.polylines(dark, [line], False, 1, thickness=max(1, round(side * dice.uniform(0.1, 0.3))))
    return _softened(dark > 0, dice)


def _blobs(dice: np.random.Generator, side: int) -> Map:
    """Smooth noise, dark below one of its quantiles and with a fall-off around it."""
    noise = dice.normal(size=(side, side)).astype(np.float32)
    field = gaussian_blur(noise, side * dice.uniform(0.08, 0.2))
    middle, spread = np.quantile(field, dice.uniform(0.3, 0.7)), float(field.std())
    return smoothstep(((field - middle) / (spread * dice.uniform(0.1, 2)) + 0.5).astype(np.float32))


def _gradients(dice: np.random.Generator, side: int) -> Map:
    """From one side to the other in any direction, or from a point outwards; straight, or smooth at both ends."""
    y, x = np.mgrid[0:side, 0:side] / side - 0.5
    if dice.random() < 0.7:
        angle = dice.uniform(0, 2 * np.pi)
        along = x * np.cos(angle) + y * np.sin(angle)
    else:
        along = np.hypot(x - dice.uniform(-0.3, 0.3), y - dice.uniform(-0.3, 0.3)) - 0.35
        along *= dice.choice((-1, 1), p=(0.25, 0.75))
    part = (along - dice.uniform(-0.15, 0.15)) / dice.uniform(0.15, 0.9) + 0.5
    made = part.astype(np.float32).clip(0, 1)
    return smoothstep(made) if dice.random() < 0.5 else made


def _shapes(dice: np.random.Generator, side: int) -> Map:
    """An ellipse, a turned rectangle or a polygon; the exemplar is inside of it, or sometimes all around."""
    dark = np.zeros((side, side), np.uint8)
    centre = tuple(float(at) for at in side * dice.uniform(0.3, 0.7, 2))
    size = tuple(float(length) for length in side * dice.uniform(0.25, 0.7, 2))
    turned = float(dice.uniform(0, 180))
    what = dice.integers(3)
    if what == 0:
        cv2.ellipse(dark, (centre, size, turned), 1, -1)
    elif what == 1:
        cv2.fillPoly(dark, [np.round(cv2.boxPoints((centre, size, turned))).astype(np.int32)], 1)
    else:
        angles = np.sort(dice.uniform(0, 2 * np.pi, dice.integers(5, 10)))
        reach = side * dice.uniform(0.15, 0.5, len(angles))
        corners = np.stack([np.cos(angles), np.sin(angles)], 1) * reach[:, None] + np.array(centre)
        cv2.fillPoly(dark, [np.round(corners).astype(np.int32)], 1)
    inside = dark > 0
    return _softened(~inside if dice.random() < 0.25 else inside, dice)


KINDS: Mapping[str, Draw] = MappingProxyType(
    {"strokes": _strokes, "blobs": _blobs, "gradients": _gradients, "shapes": _shapes}
)
