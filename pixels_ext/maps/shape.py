"""A map from a shape whose edge is moved and softened: the paper's "growing and blurring", by distance to the edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.fields import Choice, ImageField, Number, declare
from pixels_ext.imaging.images import as_edit_map, normalize_mode, resize_map
from pixels_ext.imaging.mask_ops import Map, signed_distance, smoothstep
from pixels_ext.maps.inpaint_mask import InpaintMaskMap
from pixels_ext.maps.map_spec import MapContext, MapProviders, MapSpec, check_aspect
from pixels_ext.maps.transparency import TransparencyMap

_UNIT = "% of the canvas's shorter side"


@dataclass(frozen=True, kw_only=True)
class ShapeMap(MapSpec):
    """The dark part of a map as a shape: grown by `offset`, with a smooth transition of `feather` on either side of its
    edge. `1 - smoothstep((distance + offset) / (2 feather) + 1/2)`."""

    map_type: ClassVar[str] = "shape"
    title: ClassVar[str] = "Shape"
    about: ClassVar[str] = "A shape that becomes the exemplar, grown or shrunk, with a soft edge of any width."

    shape_of: str = declare(
        Choice(
            label="Shape of",
            help="Where the shape comes from: the dark part of an image, the opaque part of the exemplar, or the mask "
            "of the Inpaint tabs.",
            default="image",
            choices=("image", "exemplar", "inpaint_mask"),
        )
    )
    image: Image.Image | None = declare(
        ImageField(
            label="Shape",
            help="The image whose part darker than middle gray is the shape, if it is the shape of an image. With the "
            "source's aspect ratio, at any size.",
            default=None,
            optional=True,
            convert=normalize_mode,
        )
    )
    offset: float = declare(
        Number(
            label="Offset",
            help="Move the edge outwards by this much; a negative value shrinks the shape.",
            default=0.0,
            minimum=-50,
            maximum=50,
            step=0.5,
            unit=_UNIT,
        )
    )
    feather: float = declare(
        Number(
            label="Feather",
            help="Soften the edge by this much on either side.",
            default=4.0,
            minimum=0,
            maximum=50,
            step=0.5,
            unit=_UNIT,
        )
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.shape_of == "image" and self.image is None:
            raise RequestError("image", "is missing", "an image of the shape, or another choice for shape_of")

    @property
    def uses_inpaint_mask(self) -> bool:
        return self.shape_of == "inpaint_mask"

    def check_use(self, source_size: tuple[int, int], providers: MapProviders) -> None:
        if self.shape_of == "inpaint_mask":
            InpaintMaskMap().check_use(source_size, providers)
        elif self.shape_of == "image" and self.image is not None:
            try:
                check_aspect(self.image, source_size)
            except RequestError as error:
                raise error.within("image") from None

    def make(self, context: MapContext) -> Map:
        distance = signed_distance(self._shape(context) < 0.5)
        percent = context.shorter_side / 100
        width = max(2 * self.feather * percent, 1.0)  # one pixel is the sharpest possible edge
        return 1 - smoothstep((distance + np.float32(self.offset * percent)) / np.float32(width) + np.float32(0.5))

    def _shape(self, context: MapContext) -> Map:
        if self.shape_of == "exemplar":
            return TransparencyMap().make(context)
        if self.shape_of == "inpaint_mask":
            return InpaintMaskMap().make(context)
        assert self.image is not None, "checked on creation"
        return resize_map(as_edit_map(self.image, context.white_edits), context.size)
