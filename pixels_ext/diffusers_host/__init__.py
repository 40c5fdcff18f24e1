"""PIXELS without a WebUI: edits with diffusers, from Python or (through `pixels_ext.cli`) the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pixels_ext.diffusers_host.settings import Settings

if TYPE_CHECKING:
    from pixels_ext.diffusers_host.editor import Editor, EditResult

__all__ = ["EditResult", "Editor", "Settings"]


def __getattr__(name: str) -> Any:
    # Imported on first use: the editor imports diffusers, which `--help` and other light commands do not need.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pixels_ext.diffusers_host import editor

    return getattr(editor, name)
