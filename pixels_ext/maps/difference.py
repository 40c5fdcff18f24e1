"""How far apart source and exemplar look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixels_ext.fields import Number, declare
from pixels_ext.imaging.mask_ops import Map, blurred
from pixels_ext.maps.map_spec import MapSpec, MapContext

_LIGHT = np.float32(100 / 255)
"""Unit of the lightness in OpenCV's 8-bit CIELAB, which tells the colours of 8-bit pictures apart well enough."""


@dataclass(frozen=True, kw_only=True)
class DifferenceMap(MapSpec):
    """Distance of the colours in CIELAB; where they differ it becomes the exemplar, elsewhere the source stays."""

    map_type: ClassVar[str] = "difference"
    title: ClassVar[str] = "Difference"
    about: ClassVar[str] = "Where the placed exemplar looks different from the source it comes through."

    max_difference: float = declare(
        Number(
            label="Maximum difference",
            help="The distance of two colours (CIELAB; 2 is just visible, 100 is black to white) that counts as full.",
            default=30.0,
            minimum=1,
            maximum=150,
            step=1,
        )
    )
    smoothing: float = declare(
        Number(
            label="Smoothing",
            help="Differences are averaged over this much first, so that noise does not show.",
            default=1.0,
            minimum=0,
            maximum=25,
            step=0.5,
            unit="% of the canvas's shorter side",
        )
    )

    def make(self, scene: MapContext) -> Map:
        source, exemplar = _lab(scene.canvas), _lab(scene.placed)  # where it is transparent, the source stays anyway
        apart = np.asarray(cv2.subtract(source, exemplar, dtype=cv2.CV_32F))
        light, *colour = (cv2.multiply(part, part) for part in cv2.split(apart))
        distance = np.sqrt(light * _LIGHT**2 + sum(colour)) / np.float32(self.max_difference)
        return 1 - blurred(distance.clip(0, 1), self.smoothing * scene.shorter / 100)


def _lab(picture: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2Lab), dtype=np.uint8)
