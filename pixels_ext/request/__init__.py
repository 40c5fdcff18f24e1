"""The edit request that the panel, the API, X/Y/Z axes and the command line share."""

from pixels_ext.imaging.placement import Placement
from pixels_ext.imaging.shaping import Shaping
from pixels_ext.request.edit_request import EditRequest, Exemplar
from pixels_ext.request.json_form import ImageReader, ImageWriter, from_json, json_schema, to_json
from pixels_ext.request.paths import with_value

__all__ = [
    "EditRequest",
    "Exemplar",
    "ImageReader",
    "ImageWriter",
    "Placement",
    "Shaping",
    "from_json",
    "json_schema",
    "to_json",
    "with_value",
]
