"""Edits as the command line makes them, with a model that is loaded once, when the first edit is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import torch
from PIL import Image

from pixels_ext.cli.parameters import parameters
from pixels_ext.diffusers_host import Editor
from pixels_ext.diffusers_host.extras import NO_EXTRAS, Extras
from pixels_ext.diffusers_host.model_files import model_name
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.request import EditRequest

from .store import Told


@dataclass
class InProcess:
    """A `Door`. The fields are those of `pixels_ext.diffusers_host.loading.load_family`."""

    model: str
    device: str = "auto"
    precision: str = "auto"
    config: str | None = None
    extras: Extras = NO_EXTRAS

    def told(self) -> Told:
        own = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        device = own if self.device == "auto" else self.device
        model = identified(self.model)
        return {"door": "in process", "model": model, "precision": self.precision, "device": device}

    def edit(self, source: Image.Image, request: EditRequest, settings: Settings) -> tuple[Image.Image, str]:
        settings = self._editor.family.with_default_sampler(replace(settings, size=source.size))
        picture = self._editor.edit(source, request, settings).image
        return picture, parameters(settings, request, source, picture, {"Model": model_name(self.model)})

    @cached_property
    def _editor(self) -> Editor:
        editor = Editor.load(self.model, self.device, self.precision, self.config, self.extras)
        editor.family.configure_progress_bar("", quiet=True)
        return editor


def identified(model: str) -> str:
    """A model's name, with its size if it lies on this machine, wherever that is."""
    path = Path(model)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else []
    return f"{path.name}, {sum(file.stat().st_size for file in files)} bytes" if files else model
