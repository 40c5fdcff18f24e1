"""A linear gradient from one point to another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pixels_ext.errors import RequestError
from pixels_ext.fields import Number, declare
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import MIN_FADE, MapContext, MapSpec

_START = "The gradient starts here. Before this point the map is black (fully the exemplar)."
_END = "The gradient ends here. After this point the map is white (fully the source)."


def _coordinate(label: str, help_: str, default: float, unit: str) -> float:
    field = Number(label=label, help=help_, default=default, minimum=-2, maximum=3, step=0.01, unit=unit)
    declared: float = declare(field)
    return declared


@dataclass(frozen=True, kw_only=True)
class LinearMap(MapSpec):
    """Black before the start, white after the end, and a gradient between; points in fractions of the canvas."""

    map_type: ClassVar[str] = "linear"
    title: ClassVar[str] = "Linear gradient"
    about: ClassVar[str] = "From the exemplar to the source along a line, as in a summer that turns into winter."

    start_x: float = _coordinate("Start x", _START, 0.3, "of the width")
    start_y: float = _coordinate("Start y", _START, 0.5, "of the height")
    end_x: float = _coordinate("End x", _END, 0.7, "of the width")
    end_y: float = _coordinate("End y", _END, 0.5, "of the height")

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.start_x, self.start_y) == (self.end_x, self.end_y):
            raise RequestError("end_x", "is the start point, as end_y is", "another point than the start")

    def make(self, context: MapContext) -> Map:
        width, height = context.size
        x, y = context.pixel_grid()
        across, down = (self.end_x - self.start_x) * width, (self.end_y - self.start_y) * height
        length = math.hypot(across, down)
        along = (x - self.start_x * width) * (across / length) + (y - self.start_y * height) * (down / length)
        return (along / max(length, MIN_FADE)).clip(0, 1).astype(np.float32)
