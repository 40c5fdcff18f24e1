"""Edit maps made usable: turned round, levelled, grown and softened (the paper's "growing and blurring")."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import conv1d, pad

from pixels_ext.request import Shaping

Map = NDArray[np.float32]
"""Edit map, float32 `[H, W]` in [0, 1]: 0 = exemplar, 1 = source."""


def shaped(edit_map: Map, shaping: Shaping) -> Map:
    """`edit_map` after invert, black and white point, grow and blur, in this order. Lengths are per cent of the
    shorter side, so that a map looks alike at every size."""
    percent = min(edit_map.shape) / 100
    result = 1 - edit_map if shaping.invert else edit_map
    result = levelled(result, shaping.black_point, shaping.white_point)
    result = grown(result, shaping.grow * percent)
    return blurred(result, shaping.blur * percent)


def levelled(edit_map: Map, black_point: float, white_point: float) -> Map:
    """Stretch the greys between the two points to [0, 1] and clip the rest."""
    return ((edit_map - np.float32(black_point)) / np.float32(white_point - black_point)).clip(0, 1)


def grown(edit_map: Map, radius: float) -> Map:
    """Grow the dark area by `radius` pixels on every side, in the shape of an octagon; shrink it if negative."""
    lightest = np.maximum if radius < 0 else np.minimum
    # A regular octagon is two straight strokes and two diagonal ones, one after the other.
    straight = round(abs(radius) * (math.sqrt(2) - 1))
    diagonal = round((abs(radius) - straight) / 2)
    result = edit_map
    for length, (down, across) in ((straight, (0, 1)), (straight, (1, 0)), (diagonal, (1, 1)), (diagonal, (1, -1))):
        result = _stroke(result, length, down, across, lightest)
    return result


def blurred(edit_map: Map, sigma: float) -> Map:
    """Gaussian blur with a standard deviation of `sigma` pixels; what is more than 3 sigma away has no influence, so
    wide areas of pure black and white stay pure. Beyond the border the map goes on as it is at the border."""
    if sigma < 0.1:
        return edit_map
    reach = math.ceil(3 * sigma)
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, dtype=torch.float32) / sigma) ** 2)
    kernel = (kernel / kernel.sum())[None, None]
    result = torch.tensor(edit_map)
    for _ in range(2):
        padded = pad(result[:, None], (reach, reach), mode="replicate")
        result = conv1d(padded, kernel)[:, 0].T.contiguous()
    return result.numpy().clip(0, 1)


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
