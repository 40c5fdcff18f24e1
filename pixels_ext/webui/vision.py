"""Models for depth and words inside a WebUI: from its `models` folder, on its device, by its rules of memory."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from modules import devices
from modules.paths_internal import models_path
from modules.shared import opts

from pixels_ext.vision import VisionModels, ModelLocations
from pixels_ext.webui.settings import setting

FOLDER = "pixels"
"""Below the host's `models`."""
_NEEDED = 1.5e9
"""Bytes on the device, for the usual models and what they compute."""
_SEEING = "pixels_seeing"
"""Attribute of the host's script runner, which lives from one reload of the page's scripts to the next."""


def seeing(runner: Any, p: Any = None) -> VisionModels:
    """The models that maps are made with, by the settings for `p`; for one script runner (`p.scripts`) the same ones
    until a setting changes. Where there is no runner, or one that takes no attribute, nothing is kept."""
    locations = ModelLocations(
        names={"depth": _name("pixels_depth_model", p), "text": _name("pixels_words_model", p)},
        folder=Path(models_path) / FOLDER,
        allow_download=setting("pixels_download", p)[0] is True,
    )
    known = getattr(runner, "__dict__", {}).get(_SEEING)
    if not isinstance(known, VisionModels) or known.locations != locations:
        keep = bool(getattr(opts, "interrogate_keep_models_in_memory", False))
        known = VisionModels(locations, devices.device, keep, _make_room, devices.torch_gc)
        with suppress(AttributeError, TypeError):
            setattr(runner, _SEEING, known)
    return known


def _name(setting_name: str, p: Any) -> str:
    """Of a model. What is no name is said when the model is asked for: no other edit depends on it."""
    return str(setting(setting_name, p)[0])


def _make_room() -> None:
    """What the hosts do before they ask a model about a picture themselves."""
    try:
        from backend import memory_management
    except ImportError:  # not of the Forge family
        from modules import lowvram

        lowvram.send_everything_to_cpu()
    else:
        if torch.device(devices.device).type != "cpu":
            memory_management.free_memory(_NEEDED, devices.device)
