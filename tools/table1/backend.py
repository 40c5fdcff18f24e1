"""By which way an edit is made."""

from __future__ import annotations

from typing import Protocol

from PIL import Image

from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.request import EditRequest

from .store import Provenance


class Backend(Protocol):
    """Makes edits, each with a seed of its own."""

    def provenance(self) -> Provenance:
        """What beside the settings decides what its images look like: the model above all."""

    def edit(self, source: Image.Image, request: EditRequest, settings: Settings) -> tuple[Image.Image, str]:
        """The edit, RGB of the source's size, and its parameters in the WebUI's form. Raises `RequestError` or
        `ModelError`."""
