"""Edit maps from images, gradients, masks and models: one file per map type, and the table of all types.

The request and its schema, the panel, the command line and the X/Y/Z axes are all made from `MAP_TYPES`. A new type is
a new file beside this one, and a new entry in the table.
"""

from __future__ import annotations

from PIL import Image

from pixels_ext.maps.brightness import BrightnessMap
from pixels_ext.maps.depth import DepthMap
from pixels_ext.maps.difference import DifferenceMap
from pixels_ext.maps.image import ImageMap
from pixels_ext.maps.inpaint_mask import InpaintMaskMap
from pixels_ext.maps.linear import LinearMap
from pixels_ext.maps.map_spec import MapContext, MapProviders, MapSpec, NoVisionModels, VisionProvider
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
    """A request's edit map as a `MapSpec`: an image by itself becomes an `ImageMap`."""
    return ImageMap(image=edit_map) if isinstance(edit_map, Image.Image) else edit_map


__all__ = ["MAP_TYPES", "MapContext", "MapProviders", "MapSpec", "NoVisionModels", "VisionProvider", "as_map_spec"]
