"""How far apart source and exemplar look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixels_ext.fields import Number, declare
from pixels_ext.imaging.mask_ops import Map, gaussian_blur
from pixels_ext.maps.map_spec import MapSource, Scene

_LIGHT = np.float32(100 / 255)
"""Unit of the lightness in OpenCV's 8-bit CIELAB, which tells the colours of 8-bit pictures apart well enough."""


@dataclass(frozen=True, kw_only=True)
class Difference(MapSource):
    """Distance of the colours in CIELAB; where they differ it becomes the exemplar, elsewhere the source stays."""

    source: ClassVar[str] = "difference"
    title: ClassVar[str] = "Difference"
    about: ClassVar[str] = "Where the placed exemplar looks different from the source it comes through."

    full: float = declare(
        Number(
            label="Full difference",
            help="The distance of two colours (CIELAB; 2 is just visible, 100 is black to white) that counts as full.",
            default=30.0,
            minimum=1,
            maximum=150,
            step=1,
        )
    )
    smooth: float = declare(
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

    def make(self, scene: Scene) -> Map:
        source, exemplar = _lab(scene.canvas), _lab(scene.placed)  # where it is transparent, the source stays anyway
        apart = np.asarray(cv2.subtract(source, exemplar, dtype=cv2.CV_32F))
        light, *colour = (cv2.multiply(part, part) for part in cv2.split(apart))
        distance = np.sqrt(light * _LIGHT**2 + sum(colour)) / np.float32(self.full)
        return 1 - gaussian_blur(distance.clip(0, 1), self.smooth * scene.shorter / 100)


def _lab(picture: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2Lab), dtype=np.uint8)
