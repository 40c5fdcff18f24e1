"""Brightness through a tone curve: the paper's "simple histogram transformations" of a picture into a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np
from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.fields import Toggle, Whole, declare
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import OF, MapSource, Scene


@dataclass(frozen=True, kw_only=True)
class Brightness(MapSource):
    """Luminance as the map: dark becomes the exemplar. Levels and gamma are part of the shaping that every map has."""

    source: ClassVar[str] = "brightness"
    title: ClassVar[str] = "Brightness"
    about: ClassVar[str] = "Dark places become the exemplar, bright ones keep the source (or the other way, inverted)."

    of: str = declare(OF)
    equalise: bool = declare(
        Toggle(label="Equalise", help="Spread the greys so that each is equally frequent.", default=False)
    )
    posterise: int = declare(
        Whole(
            label="Posterise",
            help="Reduce to this many greys, from black to white (2 or more); 0 keeps all.",
            default=0,
            minimum=0,
            maximum=32,
        )
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.posterise == 1:
            raise RequestError("posterise", "is 1", "0, or a whole number from 2 to 32")

    def make(self, scene: Scene) -> Map:
        grey = np.asarray(_picture(self.of, scene).convert("L"))
        if self.equalise:
            grey = cv2.equalizeHist(grey)
        values = grey.astype(np.float32) / np.float32(255)
        if not self.posterise:
            return values
        steps = np.float32(self.posterise - 1)
        return np.minimum(np.floor(values * np.float32(self.posterise)), steps) / steps


def _picture(of: str, scene: Scene) -> Image.Image:
    return scene.canvas if of == "source" else scene.placed.convert("RGB")
