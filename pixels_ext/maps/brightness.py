"""Brightness through a tone curve: the paper's "simple histogram transformations" of a picture into a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.fields import Boolean, Integer, declare
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import INPUT, MapSpec, MapContext


@dataclass(frozen=True, kw_only=True)
class BrightnessMap(MapSpec):
    """Luminance as the map: dark becomes the exemplar. Levels and gamma are part of the shaping that every map has."""

    map_type: ClassVar[str] = "brightness"
    title: ClassVar[str] = "Brightness"
    about: ClassVar[str] = "Dark places become the exemplar, bright ones keep the source (or the other way, inverted)."

    input: str = declare(INPUT)
    equalize: bool = declare(
        Boolean(label="Equalize", help="Spread the greys so that each is equally frequent.", default=False)
    )
    posterize: int = declare(
        Integer(
            label="Posterize",
            help="Reduce to this many greys, from black to white (2 or more); 0 keeps all.",
            default=0,
            minimum=0,
            maximum=32,
        )
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.posterize == 1:
            raise RequestError("posterize", "is 1", "0, or a whole number from 2 to 32")

    def make(self, scene: MapContext) -> Map:
        grey = np.asarray(_picture(self.input, scene).convert("L"))
        if self.equalize:
            grey = cv2.equalizeHist(grey)
        values = grey.astype(np.float32) / np.float32(255)
        if not self.posterize:
            return values
        steps = np.float32(self.posterize - 1)
        return np.minimum(np.floor(values * np.float32(self.posterize)), steps) / steps


def _picture(of: str, scene: MapContext) -> Image.Image:
    return scene.canvas if of == "source" else scene.placed.convert("RGB")
