"""A gradient around a centre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pixels_ext.errors import RequestError
from pixels_ext.fields import Number, declare
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import SHARPEST, MapSpec, MapContext


def _radius(label: str, help_: str, default: float) -> float:
    unit = "of the shorter side"
    return declare(Number(label=label, help=help_, default=default, minimum=0, maximum=3, step=0.01, unit=unit))


def _centre(label: str, unit: str) -> float:
    help_ = "The gradient's centre, from the left or top edge (0) to the opposite one (1)."
    return declare(Number(label=label, help=help_, default=0.5, minimum=-2, maximum=3, step=0.01, unit=unit))


@dataclass(frozen=True, kw_only=True)
class RadialMap(MapSpec):
    """Black within the inner radius, white beyond the outer one, and every grey between."""

    map_type: ClassVar[str] = "radial"
    title: ClassVar[str] = "Radial gradient"
    about: ClassVar[str] = "The exemplar in the middle of a circle, the source around it."

    center_x: float = _centre("Center x", "of the width")
    center_y: float = _centre("Center y", "of the height")
    inner: float = _radius("Inner radius", "Within it it is all exemplar (black).", 0.25)
    outer: float = _radius("Outer radius", "Beyond it it is all source (white).", 0.5)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.outer <= self.inner:
            raise RequestError("outer", f"is {self.outer:g}", f"a number above inner ({self.inner:g})")

    def make(self, scene: MapContext) -> Map:
        width, height = scene.size
        x, y = scene.grid()
        distance = np.hypot(x - self.center_x * width, y - self.center_y * height)
        fade = max((self.outer - self.inner) * scene.shorter, SHARPEST)
        return ((distance - self.inner * scene.shorter) / fade).clip(0, 1).astype(np.float32)
