"""Files with weights, by their names."""

from __future__ import annotations

import os
from pathlib import Path

from pixels_ext import demo

_WEIGHT_FILES = (".safetensors", ".ckpt")
_NAMED = (*_WEIGHT_FILES, ".pt", ".pth", ".bin", ".sft", ".gguf")


def is_weight_file(model: str) -> bool:
    """Whether `model` names a single file with weights, and no folder or hub id."""
    return model.lower().endswith(_WEIGHT_FILES) and not is_folder(model)


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether there is a folder of this name. No for names that no file can have, and where nobody may look."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def is_there(path: str | os.PathLike[str]) -> bool:
    """Whether there is anything of this name. No for names that no file can have, and where nobody may look."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def model_name(model: str | os.PathLike[str] | None) -> str:
    """The name under which pictures tell of a model or LoRA: that of its file or folder, without what says which kind
    of file it is. Whatever else has a full stop in it ("FLUX.1-dev") is part of the name."""
    if model is None:
        return ""
    path = Path(model)
    if path == demo.MODEL:
        return "PIXELS demo"
    name = path.name if path.name not in ("", "..") else path.resolve().name
    kind = next((kind for kind in _NAMED if name.lower().endswith(kind) and name.lower() != kind), "")
    return name.removesuffix(name[len(name) - len(kind) :])
