"""The mask that is painted in a WebUI's Inpaint tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pixels_ext.errors import RequestError
from pixels_ext.imaging.images import as_edit_map, resize_map
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import MapSource, Means, Scene


@dataclass(frozen=True, kw_only=True)
class InpaintMask(MapSource):
    """What is painted becomes the exemplar. Then the host inpaints nothing itself: the mask is the edit map."""

    source: ClassVar[str] = "inpaint mask"
    title: ClassVar[str] = "Inpaint mask"
    about: ClassVar[str] = "The mask of the WebUI's Inpaint tabs, greys kept: what is painted becomes the exemplar."

    @property
    def looks_at_mask(self) -> bool:
        return True

    def check_use(self, source_size: tuple[int, int], means: Means) -> None:
        if means.inpaint_mask is None:
            expected = "a mask painted or uploaded in one of the WebUI's Inpaint tabs, or another source"
            raise RequestError("source", "is 'inpaint mask', but there is none", expected)

    def make(self, scene: Scene) -> Map:
        assert scene.means.inpaint_mask is not None, "check_use comes first"
        return resize_map(as_edit_map(scene.means.inpaint_mask, white_edits=True), scene.size)
