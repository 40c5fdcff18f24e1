"""PIXELS: exemplar-based image editing by latent surgery, with an edit map that says how much each pixel may change.

Layers, each importing only those before it: `core` (the paper in tensors), `imaging` (images and masks), `maps` (one
file per map type), `vision` (depth and segmentation models), `request` (an edit as JSON), `edit` (from a request to
tensors). On top, `webui` runs edits in AUTOMATIC1111 and Forge, and `diffusers_host` in diffusers, with `cli`.
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

_MODULES = {
    "RequestError": "errors",
    "Schedule": "core.schedule",
    "LatentSurgery": "core.surgery",
    "surgical_latent": "core.surgery",
}


def __getattr__(name: str) -> Any:
    # Imported on first use: `python -m pixels_ext` imports this file before it can say which package is missing.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'request')}"), name)
