"""Models from a folder, a single file or the hub, on the device that the user asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionImg2ImgPipeline

from pixels_ext.errors import RequestError, describe

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "fp32", "fp16", "bf16")
_DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
_WEIGHT_FILES = (".safetensors", ".ckpt")


class ModelError(RuntimeError):
    """A model could not be loaded. One sentence: what was tried, what went wrong, what to do."""


def load_pipeline(model: str, device: str = "auto", precision: str = "auto", config: str | None = None) -> Any:
    """A Stable-Diffusion-1-type img2img pipeline, ready on its device.

    `model`: a diffusers folder, a `.safetensors` or `.ckpt` file, or a hub id. `precision` "auto" is half precision on
    CUDA and full elsewhere; the autoencoder always works in full precision, where half overflows. `config`: for single
    files, a diffusers folder or hub id with the configuration (without it diffusers asks the hub). Raises
    `RequestError` for a device or precision that does not exist here, `ModelError` when loading fails.
    """
    target = _device(device)
    dtype = _dtype(precision, target)
    try:
        pipeline = _open(model, dtype, config)
    except Exception as error:  # hub, file and format errors come from four libraries
        raise ModelError(
            f"model: {model!r} cannot be loaded ({_reason(error)}), expected {_expected(model)}."
        ) from error
    channels = pipeline.unet.config.in_channels
    if channels != pipeline.vae.config.latent_channels:
        raise ModelError(
            f"model: {model!r} takes {channels} channels (an inpainting or depth model), expected a plain checkpoint."
        )
    pipeline.to(target)
    if pipeline.vae.dtype != torch.float32:
        pipeline.vae.to(torch.float32)
    return pipeline


def _open(model: str, dtype: torch.dtype, config: str | None) -> Any:
    path = Path(model)
    if path.suffix in _WEIGHT_FILES:
        if not path.is_file():
            raise FileNotFoundError("no such file")
        extra = {"config": config} if config else {}
        return StableDiffusionImg2ImgPipeline.from_single_file(
            str(path), torch_dtype=dtype, safety_checker=None, **extra
        )
    if path.exists() and not (path / "model_index.json").is_file():
        raise FileNotFoundError("no model_index.json in it")
    return StableDiffusionImg2ImgPipeline.from_pretrained(
        model, torch_dtype=dtype, safety_checker=None, requires_safety_checker=False
    )


def _device(name: str) -> torch.device:
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(device for device in ("cuda", "mps", "cpu") if available[device]))
    if name not in available:
        raise RequestError("device", describe(name), f"one of: {', '.join(DEVICES)}")
    if not available[name]:
        raise RequestError("device", f"is {name!r}, which this machine does not offer", "auto, or a device that it has")
    return torch.device(name)


def _dtype(name: str, device: torch.device) -> torch.dtype:
    if name == "auto":
        return torch.float16 if device.type == "cuda" else torch.float32
    if name not in _DTYPES:
        raise RequestError("precision", describe(name), f"one of: {', '.join(PRECISIONS)}")
    if name == "fp16" and device.type == "cpu":
        raise RequestError("precision", "is 'fp16' on a CPU, where it is slow and inexact", "fp32, bf16 or auto")
    return _DTYPES[name]


def _expected(model: str) -> str:
    if Path(model).suffix in _WEIGHT_FILES or Path(model).exists():
        return "a Stable Diffusion 1 checkpoint that diffusers can read"
    return "a folder or file that exists, or a hub id that can be reached from here"


def _reason(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:160].rstrip(".")
