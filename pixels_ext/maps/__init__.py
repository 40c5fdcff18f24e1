"""Edit maps from anywhere: one file for each way of making one, and one table of them.

The request, its schema, the panel, the command line and the sweeps are all made from `MAP_TYPES`; a new way is a new file
and a new line here.
"""

from __future__ import annotations

from PIL import Image

from pixels_ext.maps.brightness import BrightnessMap
from pixels_ext.maps.depth import DepthMap
from pixels_ext.maps.difference import DifferenceMap
from pixels_ext.maps.image import ImageMap
from pixels_ext.maps.inpaint_mask import InpaintMaskMap
from pixels_ext.maps.linear import LinearMap
from pixels_ext.maps.map_spec import MapSpec, MapProviders, NoVisionModels, MapContext, VisionProvider
from pixels_ext.maps.radial import RadialMap
from pixels_ext.maps.shape import ShapeMap
from pixels_ext.maps.text import TextMap
from pixels_ext.maps.transparency import TransparencyMap

MAP_TYPES: tuple[type[MapSpec], ...] = (
    ImageMap,
    InpaintMaskMap,
    TransparencyMap,
    ShapeMap,
    LinearMap,
    RadialMap,
    BrightnessMap,
    DifferenceMap,
    DepthMap,
    TextMap,
)


def as_map_spec(edit_map: Image.Image | MapSpec) -> MapSpec:
    """A request's edit map as a way of making one: a bare picture is a `Given`."""
    return ImageMap(image=edit_map) if isinstance(edit_map, Image.Image) else edit_map


__all__ = ["MAP_TYPES", "MapSpec", "MapProviders", "NoVisionModels", "MapContext", "VisionProvider", "as_map_spec"]
