"""A shape with its edge moved and made soft: the paper's "growing and blurring", by the distance to the edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.fields import Choice, Number, ImageField, declare
from pixels_ext.imaging.images import as_edit_map, resized_map
from pixels_ext.imaging.mask_ops import Map, signed_distance, smooth_step
from pixels_ext.maps.inpaint_mask import InpaintMaskMap
from pixels_ext.maps.map_spec import MapSpec, MapProviders, MapContext, check_aspect
from pixels_ext.maps.transparency import TransparencyMap

_SHORTER = "% of the canvas's shorter side"


@dataclass(frozen=True, kw_only=True)
class ShapeMap(MapSpec):
    """The dark part of a map as a shape: grown by `offset`, with a smooth fall-off of `feather` on either side of its
    edge. `1 - smooth_step((distance + offset) / (2 feather) + 1/2)`."""

    map_type: ClassVar[str] = "shape"
    title: ClassVar[str] = "Shape"
    about: ClassVar[str] = "A shape that becomes the exemplar, grown or shrunk, with a soft edge of any width."

    shape_of: str = declare(
        Choice(
            label="Shape of",
            help="A picture's dark part, the exemplar where it is opaque, or the mask of the Inpaint tabs.",
            default="image",
            choices=("image", "exemplar", "inpaint_mask"),
        )
    )
    image: Image.Image | None = declare(
        ImageField(
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
        if self.shape_of == "image" and self.image is None:
            raise RequestError("image", "is missing", "a picture of the shape, or another choice for shape_of")

    @property
    def uses_inpaint_mask(self) -> bool:
        return self.shape_of == "inpaint_mask"

    def check_use(self, source_size: tuple[int, int], means: MapProviders) -> None:
        if self.shape_of == "inpaint_mask":
            InpaintMaskMap().check_use(source_size, means)
        elif self.shape_of == "image" and self.image is not None:
            try:
                check_aspect(self.image, source_size)
            except RequestError as error:
                raise error.below("image") from None

    def make(self, scene: MapContext) -> Map:
        distance = signed_distance(self._dark(scene) < 0.5)
        percent = scene.shorter / 100
        width = max(2 * self.feather * percent, 1.0)  # an edge of one pixel is the sharpest there is
        return 1 - smooth_step((distance + np.float32(self.offset * percent)) / np.float32(width) + np.float32(0.5))

    def _dark(self, scene: MapContext) -> Map:
        if self.shape_of == "exemplar":
            return TransparencyMap().make(scene)
        if self.shape_of == "inpaint_mask":
            return InpaintMaskMap().make(scene)
        assert self.image is not None, "checked when it was made"
        return resized_map(as_edit_map(self.image, scene.white_edits), scene.size)
