"""A map from the color difference between source and exemplar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixels_ext.fields import Number, declare
from pixels_ext.imaging.mask_ops import Map, gaussian_blur
from pixels_ext.maps.map_spec import MapContext, MapSpec

_LIGHTNESS_UNIT = np.float32(100 / 255)
"""Unit of the lightness in OpenCV's 8-bit CIELAB, which separates the colors of 8-bit images well enough."""


@dataclass(frozen=True, kw_only=True)
class DifferenceMap(MapSpec):
    """Color distance in CIELAB: where the images differ it becomes the exemplar, elsewhere the source stays."""

    map_type: ClassVar[str] = "difference"
    title: ClassVar[str] = "Difference"
    about: ClassVar[str] = "Areas where the placed exemplar differs from the source become the exemplar."

    max_difference: float = declare(
        Number(
            label="Maximum difference",
            help="Areas of at least this color distance are black (fully the exemplar). In CIELAB Delta E: about 2 is "
            "just visible, 100 is black to white.",
            default=30.0,
            minimum=1,
            maximum=150,
            step=1,
        )
    )
    smoothing: float = declare(
        Number(
            label="Smoothing",
            help="Blur the difference by this much, so that noise does not show in the map.",
            default=1.0,
            minimum=0,
            maximum=25,
            step=0.5,
            unit="% of the canvas's shorter side",
        )
    )

    def make(self, context: MapContext) -> Map:
        # Where the exemplar is transparent the source stays in any case.
        source, exemplar = _lab(context.canvas), _lab(context.placed)
        difference = np.asarray(cv2.subtract(source, exemplar, dtype=cv2.CV_32F))
        lightness, *color = (cv2.multiply(part, part) for part in cv2.split(difference))
        distance = np.sqrt(lightness * _LIGHTNESS_UNIT**2 + sum(color)) / np.float32(self.max_difference)
        return 1 - gaussian_blur(distance.clip(0, 1), self.smoothing * context.shorter_side / 100)


def _lab(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(np.asarray(image.convert("RGB")), cv2.COLOR_RGB2Lab), dtype=np.uint8)
