"""PIXELS without a WebUI: on diffusers, from Python and from the command line."""

from pixels_ext.standalone.editor import Editor, EditResult
from pixels_ext.standalone.settings import Settings

__all__ = ["EditResult", "Editor", "Settings"]
