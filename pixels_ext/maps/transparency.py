"""The exemplar's own transparency: a cut-out subject brings its map along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pixels_ext.imaging.compositing import coverage
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import MapSource, Scene


@dataclass(frozen=True, kw_only=True)
class Transparency(MapSource):
    """Opaque becomes the exemplar, transparent keeps the source."""

    source: ClassVar[str] = "transparency"
    title: ClassVar[str] = "Exemplar's transparency"
    about: ClassVar[str] = "Where the exemplar is opaque it comes through, where it is transparent the source stays."

    def make(self, scene: Scene) -> Map:
        return 1 - coverage(scene.placed)
