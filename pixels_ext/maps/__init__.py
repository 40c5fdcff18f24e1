"""Edit maps from anywhere: one file for each way of making one, and one table of them.

The request, its schema, the panel, the command line and the sweeps are all made from `SOURCES`; a new way is a new file
and a new line here.
"""

from __future__ import annotations

from PIL import Image

from pixels_ext.maps.brightness import Brightness
from pixels_ext.maps.depth import Depth
from pixels_ext.maps.difference import Difference
from pixels_ext.maps.image import Given
from pixels_ext.maps.inpaint_mask import InpaintMask
from pixels_ext.maps.linear import Linear
from pixels_ext.maps.map_spec import MapSource, Means, NoVision, Scene, Vision
from pixels_ext.maps.radial import Radial
from pixels_ext.maps.shape import Shape
from pixels_ext.maps.text import Words
from pixels_ext.maps.transparency import Transparency

SOURCES: tuple[type[MapSource], ...] = (
    Given,
    InpaintMask,
    Transparency,
    Shape,
    Linear,
    Radial,
    Brightness,
    Difference,
    Depth,
    Words,
)


def as_source(edit_map: Image.Image | MapSource) -> MapSource:
    """A request's edit map as a way of making one: a bare picture is a `Given`."""
    return Given(image=edit_map) if isinstance(edit_map, Image.Image) else edit_map


__all__ = ["SOURCES", "MapSource", "Means", "NoVision", "Scene", "Vision", "as_source"]
