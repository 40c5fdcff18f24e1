"""Models for depth and words inside a WebUI: from its `models` folder, on its device, by its rules of memory."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import torch
from modules import devices
from modules.paths_internal import models_path
from modules.shared import opts

from pixels_ext.vision import Seeing, Weights
from pixels_ext.webui.protocols import Processing, ScriptRunner
from pixels_ext.webui.settings import setting

FOLDER = "pixels"
"""Below the host's `models`."""
_NEEDED = 1.5e9
"""Bytes on the device, for the usual models and what they compute."""
_ATTRIBUTE = "pixels_seeing"
"""Attribute of the host's script runner, which lives from one reload of the page's scripts to the next."""


def get_vision_models(runner: ScriptRunner | None, p: Processing | None = None) -> Seeing:
    """The models that maps are made with, by the settings for `p`; for one script runner (`p.scripts`) the same ones
    until a setting changes. Where there is no runner, or one that takes no attribute, nothing is kept."""
    weights = Weights(
        depth=_model_name("pixels_depth_model", p),
        words=_model_name("pixels_words_model", p),
        folder=Path(models_path) / FOLDER,
        download=setting("pixels_download", p)[0] is True,
    )
    known = getattr(runner, "__dict__", {}).get(_ATTRIBUTE)
    if not isinstance(known, Seeing) or known.weights != weights:
        keep = bool(getattr(opts, "interrogate_keep_models_in_memory", False))
        known = Seeing(weights, devices.device, keep, _free_memory, devices.torch_gc)
        with suppress(AttributeError, TypeError):
            setattr(runner, _ATTRIBUTE, known)
    return known


def _model_name(setting_name: str, p: Processing) -> str:
    """Of a model. What is no name is said when the model is asked for: no other edit depends on it."""
    return str(setting(setting_name, p)[0])


def _free_memory() -> None:
    """What the hosts do before they ask a model about a picture themselves."""
    try:
        from backend import memory_management
    except ImportError:  # not of the Forge family
        from modules import lowvram

        lowvram.send_everything_to_cpu()
    else:
        if torch.device(devices.device).type != "cpu":
            memory_management.free_memory(_NEEDED, devices.device)
