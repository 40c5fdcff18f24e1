"""Depth, estimated from one picture by a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pixels_ext.fields import declare
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import OF, MapSource, Means, Scene


@dataclass(frozen=True, kw_only=True)
class Depth(MapSource):
    """Nearness as the map: what is near keeps the source, what is far becomes the exemplar."""

    source: ClassVar[str] = "depth"
    title: ClassVar[str] = "Depth"
    asks_model: ClassVar[bool] = True
    about: ClassVar[str] = (
        "What is far becomes the exemplar, what is near keeps the source (or the other way, inverted)."
    )

    of: str = declare(OF)

    def check_use(self, source_size: tuple[int, int], means: Means) -> None:
        means.vision.check("depth")

    def make(self, scene: Scene) -> Map:
        return scene.on_canvas(self.of, scene.means.vision.depth(scene.whole(self.of)))
