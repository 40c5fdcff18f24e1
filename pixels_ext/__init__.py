"""PIXELS: edit a picture from example pictures, with a grey map that says how much each place may change.

The engine knows tensors and pictures and no host. `pixels_ext.webui` is its room in the WebUI, `pixels_ext.diffusers_host`
the one on diffusers, with the command line.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pixels_ext.core.schedule import Schedule
    from pixels_ext.core.surgery import LatentSurgery, surgical_latent
    from pixels_ext.errors import RequestError
    from pixels_ext.request import EditRequest, Exemplar, Placement, Shaping

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

_HOMES = {
    "RequestError": "errors",
    "Schedule": "core.schedule",
    "LatentSurgery": "core.surgery",
    "surgical_latent": "core.surgery",
}


def __getattr__(name: str) -> Any:
    # Not above: `python -m pixels_ext` imports this before it can say which package is missing.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'request')}"), name)
