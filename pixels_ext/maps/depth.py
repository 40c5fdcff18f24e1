"""Depth, estimated from one picture by a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pixels_ext.fields import declare
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import INPUT, MapSpec, MapProviders, MapContext


@dataclass(frozen=True, kw_only=True)
class DepthMap(MapSpec):
    """Nearness as the map: what is near keeps the source, what is far becomes the exemplar."""

    map_type: ClassVar[str] = "depth"
    title: ClassVar[str] = "Depth"
    needs_model: ClassVar[bool] = True
    about: ClassVar[str] = (
        "What is far becomes the exemplar, what is near keeps the source (or the other way, inverted)."
    )

    input: str = declare(INPUT)

    def check_use(self, source_size: tuple[int, int], means: MapProviders) -> None:
        means.vision.check("depth")

    def make(self, scene: MapContext) -> Map:
        return scene.on_canvas(self.input, scene.providers.vision.depth(scene.input_image(self.input)))
