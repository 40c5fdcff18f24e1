"""Depth and text models inside a WebUI: in its `models` folder, on its device, with its memory management."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import torch
from modules import devices, shared
from modules.paths_internal import models_path

from pixels_ext.vision import MODEL_KINDS, ModelLocations, VisionModels
from pixels_ext.webui.protocols import Processing, ScriptRunner
from pixels_ext.webui.settings import model_setting, setting

FOLDER = "pixels"
"""Below the host's `models`."""
_MEMORY_REQUIRED = 1.5e9
"""Bytes on the device, for the default models and their activations."""
_ATTRIBUTE = "pixels_vision_models"
"""Attribute of the host's script runner, which lives until the scripts are reloaded."""


def get_vision_models(runner: ScriptRunner | None, p: Processing | None = None) -> VisionModels:
    """The models that generate maps, by the settings for `p`; for one script runner (`p.scripts`) the same object until
    a setting changes. Without a runner, or with one that takes no attributes, nothing is cached."""
    locations = ModelLocations(
        names={kind: _model_name(kind, p) for kind in MODEL_KINDS},
        folder=Path(models_path) / FOLDER,
        allow_download=setting("pixels_download", p)[0] is True,
    )
    known = getattr(runner, "__dict__", {}).get(_ATTRIBUTE)
    if not isinstance(known, VisionModels) or known.locations != locations:
        keep = bool(getattr(shared.opts, "interrogate_keep_models_in_memory", False))
        known = VisionModels(locations, devices.device, keep, _free_memory, devices.torch_gc)
        with suppress(AttributeError, TypeError):
            setattr(runner, _ATTRIBUTE, known)
    return known


def _model_name(kind: str, p: Processing | None) -> str:
    """A wrong name is reported when the model is used: edits without it do not depend on it."""
    return str(setting(model_setting(kind), p)[0])


def _free_memory() -> None:
    """What the hosts do before they run a model on an image themselves."""
    try:
        from backend import memory_management
    except ImportError:  # not the Forge family
        from modules import lowvram

        lowvram.send_everything_to_cpu()
    else:
        if torch.device(devices.device).type != "cpu":
            memory_management.free_memory(_MEMORY_REQUIRED, devices.device)
