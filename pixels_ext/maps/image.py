"""A map that is an image: its gray values, or its alpha channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.fields import Choice, ImageField, declare
from pixels_ext.imaging.images import alpha_channel, as_edit_map, normalize_mode, resize_map
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import MapContext, MapProviders, MapSpec, check_aspect


@dataclass(frozen=True, kw_only=True)
class ImageMap(MapSpec):
    """An image over the source. An image by itself in a request means the same, with channel "gray"."""

    map_type: ClassVar[str] = "image"
    title: ClassVar[str] = "Image, gray or alpha"
    about: ClassVar[str] = "A grayscale image over the source, uploaded or painted: white keeps the source."

    image: Image.Image = declare(
        ImageField(
            label="Map",
            help="An image of any size, with the source's aspect ratio. Transparent areas keep the source.",
            convert=normalize_mode,
        )
    )
    channel: str = declare(
        Choice(
            label="Channel",
            help="Read the gray values, or only the alpha channel: opaque areas become the exemplar.",
            default="gray",
            choices=("gray", "alpha"),
        )
    )

    def check_use(self, source_size: tuple[int, int], providers: MapProviders) -> None:
        try:
            check_aspect(self.image, source_size)
        except RequestError as error:
            raise error.within("image") from None

    def make(self, context: MapContext) -> Map:
        if self.channel == "alpha":
            return resize_map(1 - alpha_channel(self.image), context.size)
        return resize_map(as_edit_map(self.image, context.white_edits), context.size)
