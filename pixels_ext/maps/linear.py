"""A gradient from one point to another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from pixels_ext.errors import RequestError
from pixels_ext.fields import Number, declare
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import SHARPEST, MapSpec, MapContext


def _coordinate(label: str, help_: str, default: float, unit: str) -> float:
    field = Number(label=label, help=help_, default=default, minimum=-2, maximum=3, step=0.01, unit=unit)
    return declare(field)


@dataclass(frozen=True, kw_only=True)
class LinearMap(MapSpec):
    """Black up to the start, white from the end on, and every grey between; points in fractions of the canvas."""

    map_type: ClassVar[str] = "linear"
    title: ClassVar[str] = "Linear gradient"
    about: ClassVar[str] = "From the exemplar to the source along a line, as in a summer that turns into winter."

    start_x: float = _coordinate("Start x", "Up to this point it is all exemplar (black).", 0.3, "of the width")
    start_y: float = _coordinate("Start y", "Up to this point it is all exemplar (black).", 0.5, "of the height")
    end_x: float = _coordinate("End x", "From this point on it is all source (white).", 0.7, "of the width")
    end_y: float = _coordinate("End y", "From this point on it is all source (white).", 0.5, "of the height")

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.start_x, self.start_y) == (self.end_x, self.end_y):
            raise RequestError("end_x", "is the start point, as end_y is", "another point than the start")

    def make(self, scene: MapContext) -> Map:
        width, height = scene.size
        x, y = scene.grid()
        across, down = (self.end_x - self.start_x) * width, (self.end_y - self.start_y) * height
        length = math.hypot(across, down)
        along = (x - self.start_x * width) * (across / length) + (y - self.start_y * height) * (down / length)
        return (along / max(length, SHARPEST)).clip(0, 1).astype("float32")
