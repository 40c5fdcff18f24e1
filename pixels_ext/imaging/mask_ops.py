"""Operations on edit maps: levels, gamma, limit, dilate, blur and combine; and the distance to a shape's edge.

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
"""Standard deviation in pixels above which three box blurs are as good as a Gaussian, and much faster."""
_COARSE_FROM, _COARSE = 32.0, 4
"""Standard deviation in pixels above which blurring the map at 1/4 of its size makes no visible difference."""
_ROUNDING = 1e-5


def _soft_intersect(first: Map, second: Map) -> Map:
    return 1 - (1 - first) * (1 - second)


COMBINATIONS: dict[str, Callable[[Map, Map], Map]] = {
    "intersect": np.maximum,
    "union": np.minimum,
    "soft_union": np.multiply,
    "soft_intersect": _soft_intersect,
}
"""Ways to combine two maps: an intersection edits where both maps do, a union where either does."""


def levels(edit_map: Map, black_point: float, white_point: float) -> Map:
    """Stretch the values between the two points (`black_point < white_point`) to [0, 1] and clip the rest."""
    # Two different points may be the same in single precision: then everything above is white.
    between = max(np.float32(white_point - black_point), np.finfo(np.float32).tiny)
    return ((edit_map - np.float32(black_point)) / between).clip(0, 1)


def gamma(edit_map: Map, value: float) -> Map:
    """`edit_map ** (1 / value)`: above 1 grays become lighter, below 1 darker; black and white stay."""
    return edit_map if value == 1 else edit_map ** np.float32(1 / value)


def limit(edit_map: Map, value: float) -> Map:
    """Limit the change: `1 - value (1 - edit_map)`. At `value` 1 the map stays as it is, at 0 it is all white."""
    return edit_map if value == 1 else 1 - np.float32(value) * (1 - edit_map)


def dilate(edit_map: Map, radius: float) -> Map:
    """Grow the dark (edited) area by `radius` pixels on every side, with a regular octagon; erode it if negative."""
    pick = np.maximum if radius < 0 else np.minimum
    # A regular octagon is a dilation along both axes and then along both diagonals.
    straight = round(abs(radius) * (math.sqrt(2) - 1))
    diagonal = round((abs(radius) - straight) / 2)
    result = edit_map
    for length, (down, across) in ((straight, (0, 1)), (straight, (1, 0)), (diagonal, (1, 1)), (diagonal, (1, -1))):
        result = _dilate_along(result, length, down, across, pick)
    return result


def gaussian_blur(edit_map: Map, sigma: float) -> Map:
    """Gaussian blur with a standard deviation of `sigma` pixels; above 4 pixels it is three box blurs, so that the time
    hardly depends on `sigma`. Pixels more than about 3 sigma away have no influence, so large areas of pure black and
    white stay pure. Border pixels are replicated."""
    if sigma < 0.1:
        return edit_map
    result: Any = np.ascontiguousarray(edit_map, dtype=np.float32)
    if sigma <= _EXACT_UP_TO:
        size = 2 * math.ceil(3 * sigma) + 1
        result = cv2.GaussianBlur(result, (size, size), sigma, borderType=cv2.BORDER_REPLICATE)
    else:
        result = _three_box_blurs(result, sigma, 1 if sigma <= _COARSE_FROM else _COARSE)
    return snap_extremes(result)


def signed_distance(inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance in pixels from every pixel of `[H, W]` to the edge of a shape: positive inside, negative outside, within
    about 2 %. Where there is no edge at all, every distance is the image's diagonal."""
    far = np.float32(math.hypot(*inside.shape))
    if inside.all() or not inside.any():
        return np.full(inside.shape, far if inside.all() else -far, dtype=np.float32)
    filled = inside.astype(np.uint8)
    within, without = (cv2.distanceTransform(part, cv2.DIST_L2, cv2.DIST_MASK_5) for part in (filled, 1 - filled))
    # OpenCV measures from pixel to pixel; the edge is half a pixel before the first pixel of the other side.
    return np.where(inside, within - 0.5, 0.5 - without).astype(np.float32)


def snap_extremes(values: Map) -> Map:
    """Round values within 1e-5 of 0 or 1: a mean of ones may be slightly below 1 in float32, but only exactly 1 stays
    locked to the source at every step."""
    return np.where(values > 1 - _ROUNDING, np.float32(1), np.where(values < _ROUNDING, np.float32(0), values))


def smoothstep(values: NDArray[np.float32]) -> Map:
    """`3 t^2 - 2 t^3` with `t` = `values` clipped to [0, 1]; its slope is 0 at both ends."""
    t = values.clip(0, 1)
    return t * t * (3 - 2 * t)


def _three_box_blurs(edit_map: Map, sigma: float, coarse: int) -> Map:
    """Three box blurs, made at `1 / coarse` of the size."""
    height, width = edit_map.shape
    boxes = _box_widths(sigma / coarse)
    border = coarse * (sum(box // 2 for box in boxes) + 1)
    # Padded once for all three blurs, and before the size changes, so that the border is not interpolated.
    end = [border + -side % coarse for side in (height, width)]
    result: Any = cv2.copyMakeBorder(edit_map, border, end[0], border, end[1], cv2.BORDER_REPLICATE)
    full = result.shape[::-1]
    result = cv2.resize(result, (full[0] // coarse, full[1] // coarse), interpolation=cv2.INTER_AREA)
    for box in boxes:
        result = cv2.blur(result, (box, box))
    return cv2.resize(result, full)[border : border + height, border : border + width]


def _box_widths(sigma: float) -> list[int]:
    """Three odd widths whose box blurs in sequence have the variance `sigma ** 2`."""
    ideal = math.sqrt(12 * sigma**2 / 3 + 1)
    narrow = int(ideal) - (int(ideal) + 1) % 2
    count = round((12 * sigma**2 - 3 * narrow**2 - 12 * narrow - 9) / (-4 * narrow - 4))
    return [narrow] * count + [narrow + 2] * (3 - count)


def _dilate_along(values: Map, length: int, down: int, across: int, pick: np.ufunc) -> Map:
    """The minimum (or maximum) within `length` pixels to either side along one direction, with windows that double."""
    if length == 0:
        return values
    height, width = values.shape
    window, done = np.pad(values, length, mode="edge"), 1
    while done < 2 * length + 1:
        step = min(done, 2 * length + 1 - done)
        window, done = pick(window, np.roll(window, (-step * down, -step * across), (0, 1))), done + step
    top, left = length - length * down, length - length * across
    return window[top : top + height, left : left + width]
