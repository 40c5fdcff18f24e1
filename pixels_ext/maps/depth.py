"""A map from the depth that a model estimates from one image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pixels_ext.fields import declare
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import INPUT, MapContext, MapProviders, MapSpec


@dataclass(frozen=True, kw_only=True)
class DepthMap(MapSpec):
    """Relative depth as the map: the background becomes the exemplar, the foreground keeps the source."""

    map_type: ClassVar[str] = "depth"
    title: ClassVar[str] = "Depth"
    needs_model: ClassVar[bool] = True
    about: ClassVar[str] = (
        "The background becomes the exemplar, the foreground keeps the source; if inverted, the other way around."
    )

    input: str = declare(INPUT)

    def check_use(self, source_size: tuple[int, int], providers: MapProviders) -> None:
        providers.vision.check("depth")

    def make(self, context: MapContext) -> Map:
        return context.to_canvas(self.input, context.providers.vision.ask("depth", context.input_image(self.input)))
