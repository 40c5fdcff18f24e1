"""A shape with its edge moved and made soft: the paper's "growing and blurring", by the distance to the edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.fields import Choice, Number, Picture, declare
from pixels_ext.imaging.images import as_edit_map, resize_map
from pixels_ext.imaging.mask_ops import Map, signed_distance, smoothstep
from pixels_ext.maps.inpaint_mask import InpaintMask
from pixels_ext.maps.map_spec import MapSource, Means, Scene, check_picture
from pixels_ext.maps.transparency import Transparency

_SHORTER = "% of the canvas's shorter side"


@dataclass(frozen=True, kw_only=True)
class Shape(MapSource):
    """The dark part of a map as a shape: grown by `offset`, with a smooth fall-off of `feather` on either side of its
    edge. `1 - smoothstep((distance + offset) / (2 feather) + 1/2)`."""

    source: ClassVar[str] = "shape"
    title: ClassVar[str] = "Shape"
    about: ClassVar[str] = "A shape that becomes the exemplar, grown or shrunk, with a soft edge of any width."

    shape_of: str = declare(
        Choice(
            label="Shape of",
            help="A picture's dark part, the exemplar where it is opaque, or the mask of the Inpaint tabs.",
            default="picture",
            choices=("picture", "exemplar", "inpaint mask"),
        )
    )
    image: Image.Image | None = declare(
        Picture(
            label="Shape",
            help="For the shape of a picture: what is darker than middle grey. With the source's aspect, at any size.",
            default=None,
            optional=True,
        )
    )
    offset: float = declare(
        Number(
            label="Offset",
            help="How far the edge is moved outwards; a negative value shrinks the shape.",
            default=0.0,
            minimum=-50,
            maximum=50,
            step=0.5,
            unit=_SHORTER,
        )
    )
    feather: float = declare(
        Number(
            label="Feather",
            help="How wide the fall-off is on either side of the edge.",
            default=4.0,
            minimum=0,
            maximum=50,
            step=0.5,
            unit=_SHORTER,
        )
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.shape_of == "picture" and self.image is None:
            raise RequestError("image", "is missing", "a picture of the shape, or another choice for shape of")

    @property
    def looks_at_mask(self) -> bool:
        return self.shape_of == "inpaint mask"

    def check_use(self, source_size: tuple[int, int], means: Means) -> None:
        if self.shape_of == "inpaint mask":
            InpaintMask().check_use(source_size, means)
        elif self.shape_of == "picture" and self.image is not None:
            try:
                check_picture(self.image, source_size)
            except RequestError as error:
                raise error.below("image") from None

    def make(self, scene: Scene) -> Map:
        distance = signed_distance(self._dark(scene) < 0.5)
        percent = scene.shorter / 100
        width = max(2 * self.feather * percent, 1.0)  # an edge of one pixel is the sharpest there is
        return 1 - smoothstep((distance + np.float32(self.offset * percent)) / np.float32(width) + np.float32(0.5))

    def _dark(self, scene: Scene) -> Map:
        if self.shape_of == "exemplar":
            return Transparency().make(scene)
        if self.shape_of == "inpaint mask":
            return InpaintMask().make(scene)
        assert self.image is not None, "checked when it was made"
        return resize_map(as_edit_map(self.image, scene.white_edits), scene.size)
