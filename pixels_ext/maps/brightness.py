"""A map from brightness through a tone curve: the paper's "simple histogram transformations" of an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.fields import Boolean, Integer, declare
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import INPUT, MapContext, MapSpec


@dataclass(frozen=True, kw_only=True)
class BrightnessMap(MapSpec):
    """Luminance as the map: dark becomes the exemplar. Levels and gamma belong to the shaping that every map has."""

    map_type: ClassVar[str] = "brightness"
    title: ClassVar[str] = "Brightness"
    about: ClassVar[str] = (
        "Dark areas become the exemplar, bright areas keep the source; if inverted, the other way around."
    )

    input: str = declare(INPUT)
    equalize: bool = declare(
        Boolean(
            label="Equalize",
            help="Equalize the histogram, so that all gray levels are equally frequent.",
            default=False,
        )
    )
    posterize: int = declare(
        Integer(
            label="Posterize",
            help="Reduce the map to this many gray levels, from black to white (2 or more). 0 keeps all levels.",
            default=0,
            minimum=0,
            maximum=32,
        )
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.posterize == 1:
            raise RequestError("posterize", "is 1", "0, or a whole number from 2 to 32")

    def make(self, context: MapContext) -> Map:
        gray = np.asarray(_image(self.input, context).convert("L"))
        if self.equalize:
            gray = np.asarray(cv2.equalizeHist(gray))
        values = gray.astype(np.float32) / np.float32(255)
        if not self.posterize:
            return values
        steps = np.float32(self.posterize - 1)
        levels: Map = np.minimum(np.floor(values * np.float32(self.posterize)), steps) / steps
        return levels


def _image(name: str, context: MapContext) -> Image.Image:
    return context.canvas if name == "source" else context.placed.convert("RGB")
