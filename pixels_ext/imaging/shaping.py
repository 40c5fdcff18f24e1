"""Edit maps made usable: turned round, levelled, grown and softened (the paper's "growing and blurring")."""

from __future__ import annotations

from pixels_ext.imaging.mask_ops import Map, blurred, grown, levelled, weakened, with_gamma
from pixels_ext.request import Shaping


def shaped(edit_map: Map, shaping: Shaping) -> Map:
    """`edit_map` after invert, black and white point, gamma, grow, blur and strength, in this order. Lengths are per
    cent of the shorter side, so that a map looks alike at every size."""
    percent = min(edit_map.shape) / 100
    result = 1 - edit_map if shaping.invert else edit_map
    result = levelled(result, shaping.black_point, shaping.white_point)
    result = with_gamma(result, shaping.gamma)
    result = grown(result, shaping.grow * percent)
    result = blurred(result, shaping.blur * percent)
    return weakened(result, shaping.limit)
