"""A radial gradient around a center."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pixels_ext.errors import RequestError
from pixels_ext.fields import Number, declare
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import MIN_FADE, MapContext, MapSpec


def _radius(label: str, help_: str, default: float) -> float:
    unit = "of the shorter side"
    declared: float = declare(
        Number(label=label, help=help_, default=default, minimum=0, maximum=3, step=0.01, unit=unit)
    )
    return declared


def _center(label: str, help_: str, unit: str) -> float:
    declared: float = declare(Number(label=label, help=help_, default=0.5, minimum=-2, maximum=3, step=0.01, unit=unit))
    return declared


@dataclass(frozen=True, kw_only=True)
class RadialMap(MapSpec):
    """Black inside the inner radius, white outside the outer one, and a gradient between."""

    map_type: ClassVar[str] = "radial"
    title: ClassVar[str] = "Radial gradient"
    about: ClassVar[str] = "The exemplar inside a circle, the source around it."

    center_x: float = _center(
        "Center x", "The circle's center, from the canvas's left edge (0) to its right edge (1).", "of the width"
    )
    center_y: float = _center(
        "Center y", "The circle's center, from the canvas's top edge (0) to its bottom edge (1).", "of the height"
    )
    inner: float = _radius("Inner radius", "Inside this radius the map is black (fully the exemplar).", 0.25)
    outer: float = _radius("Outer radius", "Outside this radius the map is white (fully the source).", 0.5)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.outer <= self.inner:
            raise RequestError("outer", f"is {self.outer:g}", f"a number above inner ({self.inner:g})")

    def make(self, context: MapContext) -> Map:
        width, height = context.size
        x, y = context.pixel_grid()
        distance = np.hypot(x - self.center_x * width, y - self.center_y * height)
        fade = max((self.outer - self.inner) * context.shorter_side, MIN_FADE)
        values: Map = ((distance - self.inner * context.shorter_side) / fade).clip(0, 1).astype(np.float32)
        return values
