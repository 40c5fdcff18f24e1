"""PIXELS without a WebUI: on diffusers, from Python and from the command line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pixels_ext.diffusers_host.editor import Editor, EditResult
    from pixels_ext.diffusers_host.settings import Settings

__all__ = ["EditResult", "Editor", "Settings"]


def __getattr__(name: str) -> Any:
    # Not above: what watches over the command line lies in here too, and must work where diffusers is missing.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{'settings' if name == 'Settings' else 'editor'}"), name)
