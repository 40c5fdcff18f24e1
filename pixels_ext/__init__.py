"""PIXELS: edit a picture from example pictures, with a grey map that says how much each place may change.

The engine knows tensors and pictures and no host. `pixels_ext.webui` is its room in the WebUI, `pixels_ext.standalone`
the one on diffusers, with the command line.
"""

from pixels_ext.errors import RequestError
from pixels_ext.request import EditRequest, Exemplar, Placement, Shaping
from pixels_ext.schedule import Schedule
from pixels_ext.surgery import LatentSurgery, surgical_latent

__version__ = "0.1.0"

__all__ = [
    "EditRequest",
    "Exemplar",
    "LatentSurgery",
    "Placement",
    "RequestError",
    "Schedule",
    "Shaping",
    "surgical_latent",
]
