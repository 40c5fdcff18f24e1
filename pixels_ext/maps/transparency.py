"""A map from the exemplar's own alpha channel: a cut-out exemplar brings its map along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pixels_ext.imaging.compositing import coverage
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.maps.map_spec import MapContext, MapSpec


@dataclass(frozen=True, kw_only=True)
class TransparencyMap(MapSpec):
    """Opaque areas become the exemplar, transparent areas keep the source."""

    map_type: ClassVar[str] = "transparency"
    title: ClassVar[str] = "Exemplar's transparency"
    about: ClassVar[str] = "The opaque part of the exemplar replaces the source; its transparent part keeps the source."

    def make(self, context: MapContext) -> Map:
        return 1 - coverage(context.placed)
