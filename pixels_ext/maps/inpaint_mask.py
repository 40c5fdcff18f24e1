"""A map from the mask that is painted in a WebUI's Inpaint tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pixels_ext.errors import RequestError
from pixels_ext.imaging.images import as_edit_map, resize_map
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import MapContext, MapProviders, MapSpec


@dataclass(frozen=True, kw_only=True)
class InpaintMaskMap(MapSpec):
    """The masked area becomes the exemplar. The host does not inpaint then: its mask is used as the edit map."""

    map_type: ClassVar[str] = "inpaint_mask"
    title: ClassVar[str] = "Inpaint mask"
    about: ClassVar[str] = (
        "The mask of the WebUI's Inpaint tabs, including its gray values: the masked area becomes the exemplar."
    )

    @property
    def uses_inpaint_mask(self) -> bool:
        return True

    def check_use(self, source_size: tuple[int, int], providers: MapProviders) -> None:
        if providers.inpaint_mask is None:
            expected = "a mask painted or uploaded in one of the WebUI's Inpaint tabs, or another type"
            raise RequestError("type", "is 'inpaint_mask', but there is none", expected)

    def make(self, context: MapContext) -> Map:
        assert context.providers.inpaint_mask is not None, "check_use comes first"
        return resize_map(as_edit_map(context.providers.inpaint_mask, white_edits=True), context.size)
