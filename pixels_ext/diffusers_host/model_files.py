"""Paths of model files: what kind they are, and the model's name."""

from __future__ import annotations

import os
from pathlib import Path

from pixels_ext import demo

_CHECKPOINT_SUFFIXES = (".safetensors", ".ckpt")
_WEIGHT_SUFFIXES = (*_CHECKPOINT_SUFFIXES, ".pt", ".pth", ".bin", ".sft", ".gguf")


def is_weight_file(model: str) -> bool:
    """Whether `model` is the path of a single-file checkpoint, not a folder or hub id."""
    return model.lower().endswith(_CHECKPOINT_SUFFIXES) and not is_folder(model)


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether `path` is a folder. False for invalid file names and where access is denied."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def path_exists(path: str | os.PathLike[str]) -> bool:
    """Whether `path` file_exists. False for invalid file names and where access is denied."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def model_name(model: str | os.PathLike[str] | None) -> str:
    """The name of a model or LoRA in image metadata: its file or folder name without the suffix of a weight file. Other
    parts after a period ("FLUX.1-dev") belong to the name."""
    if model is None:
        return ""
    path = Path(model)
    if path == demo.MODEL:
        return "PIXELS demo"
    name = path.name if path.name not in ("", "..") else path.resolve().name
    suffix = next(
        (suffix for suffix in _WEIGHT_SUFFIXES if name.lower().endswith(suffix) and name.lower() != suffix), ""
    )
    return name.removesuffix(name[len(name) - len(suffix) :])
