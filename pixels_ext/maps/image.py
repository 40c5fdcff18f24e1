"""A map that the user drew: a grey picture, or the transparency of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.fields import Choice, ImageField, declare
from pixels_ext.imaging.images import alpha_of, as_edit_map, resized_map
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import MapSpec, MapProviders, MapContext, check_aspect


@dataclass(frozen=True, kw_only=True)
class ImageMap(MapSpec):
    """A picture over the source. A bare picture in a request means the same, with its greys."""

    map_type: ClassVar[str] = "image"
    title: ClassVar[str] = "Image, gray or alpha"
    about: ClassVar[str] = "A grey picture over the source, uploaded or painted: white keeps the source."

    image: Image.Image = declare(
        ImageField(label="Map", help="Any size, with the source's aspect. What is transparent keeps the source.")
    )
    channel: str = declare(
        Choice(
            label="Channel",
            help="Read the greys, or only how opaque the picture is: what is opaque becomes the exemplar.",
            default="gray",
            choices=("gray", "alpha"),
        )
    )

    def check_use(self, source_size: tuple[int, int], means: MapProviders) -> None:
        try:
            check_aspect(self.image, source_size)
        except RequestError as error:
            raise error.below("image") from None

    def make(self, scene: MapContext) -> Map:
        if self.channel == "alpha":
            return resized_map(1 - alpha_of(self.image), scene.size)
        return resized_map(as_edit_map(self.image, scene.white_edits), scene.size)
