"""A map that the user drew: a grey picture, or the transparency of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.fields import Choice, Picture, declare
from pixels_ext.imaging.images import alpha_channel, as_edit_map, resize_map
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import MapSource, Means, Scene, check_picture


@dataclass(frozen=True, kw_only=True)
class Given(MapSource):
    """A picture over the source. A bare picture in a request means the same, with its greys."""

    source: ClassVar[str] = "picture"
    title: ClassVar[str] = "Picture, greys or alpha"
    about: ClassVar[str] = "A grey picture over the source, uploaded or painted: white keeps the source."

    image: Image.Image = declare(
        Picture(label="Map", help="Any size, with the source's aspect. What is transparent keeps the source.")
    )
    channel: str = declare(
        Choice(
            label="Channel",
            help="Read the greys, or only how opaque the picture is: what is opaque becomes the exemplar.",
            default="grey",
            choices=("grey", "alpha"),
        )
    )

    def check_use(self, source_size: tuple[int, int], means: Means) -> None:
        try:
            check_picture(self.image, source_size)
        except RequestError as error:
            raise error.below("image") from None

    def make(self, scene: Scene) -> Map:
        if self.channel == "alpha":
            return resize_map(1 - alpha_channel(self.image), scene.size)
        return resize_map(as_edit_map(self.image, scene.white_edits), scene.size)
