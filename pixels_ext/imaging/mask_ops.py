"""What is done to grey maps: levelled, bent, grown, softened, combined; and the distance to a shape's edge.

A map is float32 `[H, W]` in [0, 1]: 0 = exemplar, 1 = source. Lengths here are in pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]
"""Edit map, float32 `[H, W]` in [0, 1]: 0 = exemplar, 1 = source."""

_EXACT_UP_TO = 4.0
"""Standard deviation in pixels from which three boxes are as good as a Gaussian, and much faster."""
_COARSE_FROM, _COARSE = 32.0, 4
"""Standard deviation in pixels from which it makes no difference to blur a picture of a quarter of the size."""
_DUST = 1e-5


def _screen(first: Map, second: Map) -> Map:
    return 1 - (1 - first) * (1 - second)


COMBINATIONS: dict[str, Callable[[Map, Map], Map]] = {
    "intersect": np.maximum,
    "union": np.minimum,
    "soft_union": np.multiply,
    "soft_intersect": _screen,
}
"""How two maps become one. Intersect and soft intersect edit where both do, union and soft union where either does."""


def levels(edit_map: Map, black_point: float, white_point: float) -> Map:
    """Stretch the greys between the two points to [0, 1] and clip the rest."""
    # Two points that differ may be one in single precision: then what is above it is white.
    between = max(np.float32(white_point - black_point), np.finfo(np.float32).tiny)
    return ((edit_map - np.float32(black_point)) / between).clip(0, 1)


def gamma(edit_map: Map, gamma: float) -> Map:
    """`edit_map ** (1 / gamma)`: above 1 the greys become lighter, below 1 darker. Black and white stay."""
    return edit_map if gamma == 1 else edit_map ** np.float32(1 / gamma)


def limit(edit_map: Map, strength: float) -> Map:
    """Lift the black end: at strength 1 nothing changes, at 0 the whole map is white."""
    return edit_map if strength == 1 else 1 - np.float32(strength) * (1 - edit_map)


def dilate(edit_map: Map, radius: float) -> Map:
    """Grow the dark area by `radius` pixels on every side, in the shape of an octagon; shrink it if negative."""
    lightest = np.maximum if radius < 0 else np.minimum
    # A regular octagon is two straight strokes and two diagonal ones, one after the other.
    straight = round(abs(radius) * (math.sqrt(2) - 1))
    diagonal = round((abs(radius) - straight) / 2)
    result = edit_map
    for length, (down, across) in ((straight, (0, 1)), (straight, (1, 0)), (diagonal, (1, 1)), (diagonal, (1, -1))):
        result = _stroke(result, length, down, across, lightest)
    return result


def gaussian_blur(edit_map: Map, sigma: float) -> Map:
    """Gaussian blur with a standard deviation of `sigma` pixels, above 4 pixels by three running averages, so that
    the time hardly depends on `sigma`. What is more than about 3 sigma away has no influence, so wide areas of pure
    black and white stay pure. Beyond the border the map goes on as it is at the border."""
    if sigma < 0.1:
        return edit_map
    result: Any = np.ascontiguousarray(edit_map, dtype=np.float32)
    if sigma <= _EXACT_UP_TO:
        reach = 2 * math.ceil(3 * sigma) + 1
        result = cv2.GaussianBlur(result, (reach, reach), sigma, borderType=cv2.BORDER_REPLICATE)
    else:
        result = _three_averages(result, sigma, 1 if sigma <= _COARSE_FROM else _COARSE)
    return snap_extremes(result)


def signed_distance(inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance in pixels from every pixel of `[H, W]` to the edge of a shape: positive inside, negative outside, within
    about 2 %. Without an edge in the picture everything is as far away as can be."""
    far = np.float32(math.hypot(*inside.shape))
    if inside.all() or not inside.any():
        return np.full(inside.shape, far if inside.all() else -far, dtype=np.float32)
    filled = inside.astype(np.uint8)
    within, without = (cv2.distanceTransform(part, cv2.DIST_L2, cv2.DIST_MASK_5) for part in (filled, 1 - filled))
    # From pixel to pixel; the edge lies half a pixel before the other side's first one.
    return np.where(inside, within - 0.5, 0.5 - without).astype(np.float32)


def snap_extremes(values: Map) -> Map:
    """Averages of ones are not always quite one; but only at exactly 1 a place is held to the end."""
    return np.where(values > 1 - _DUST, np.float32(1), np.where(values < _DUST, np.float32(0), values))


def smoothstep(values: NDArray[np.float32]) -> Map:
    """0 up to 0, 1 from 1 on, and between them `3 t^2 - 2 t^3`, which starts and ends without a kink."""
    t = values.clip(0, 1)
    return t * t * (3 - 2 * t)


def _three_averages(edit_map: Map, sigma: float, coarse: int) -> Map:
    """Three running averages, at `1 / coarse` of the size."""
    height, width = edit_map.shape
    boxes = _box_widths(sigma / coarse)
    reach = coarse * (sum(box // 2 for box in boxes) + 1)
    # Extended once for all three, and before the size changes: else the border would be pulled along.
    far = [reach + -side % coarse for side in (height, width)]
    result: Any = cv2.copyMakeBorder(edit_map, reach, far[0], reach, far[1], cv2.BORDER_REPLICATE)
    full = result.shape[::-1]
    result = cv2.resize(result, (full[0] // coarse, full[1] // coarse), interpolation=cv2.INTER_AREA)
    for box in boxes:
        result = cv2.blur(result, (box, box))
    return cv2.resize(result, full)[reach : reach + height, reach : reach + width]


def _box_widths(sigma: float) -> list[int]:
    """Three odd widths whose running averages, one after the other, have the variance `sigma ** 2`."""
    ideal = math.sqrt(12 * sigma**2 / 3 + 1)
    narrow = int(ideal) - (int(ideal) + 1) % 2
    count = round((12 * sigma**2 - 3 * narrow**2 - 12 * narrow - 9) / (-4 * narrow - 4))
    return [narrow] * count + [narrow + 2] * (3 - count)


def _stroke(values: Map, length: int, down: int, across: int, pick: np.ufunc) -> Map:
    """The smallest (or largest) value within `length` steps to either side in one direction, by doubling windows."""
    if length == 0:
        return values
    height, width = values.shape
    window, done = np.pad(values, length, mode="edge"), 1
    while done < 2 * length + 1:
        step = min(done, 2 * length + 1 - done)
        window, done = pick(window, np.roll(window, (-step * down, -step * across), (0, 1))), done + step
    top, left = length - length * down, length - length * across
    return window[top : top + height, left : left + width]
