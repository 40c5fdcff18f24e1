"""Loads models from a folder, a single file or the hub, and moves them to a device."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers.loaders import single_file_utils

from pixels_ext.diffusers_host.extras import (
    DEVICES,
    NO_EXTRAS,
    PRECISIONS,
    Extras,
    enable_vae_tiling,
    load_loras,
    place_on_device,
)
from pixels_ext.diffusers_host.families import (
    FAMILIES,
    Family,
    Sdxl,
    SdxlWithRefiner,
    family_of,
    family_of_checkpoint,
    family_of_class,
)
from pixels_ext.diffusers_host.families.flow import Flow
from pixels_ext.diffusers_host.families.kandinsky import Kandinsky22
from pixels_ext.diffusers_host.families.stable_diffusion import StableDiffusion
from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.diffusers_host.model_files import is_folder, is_weight_file, path_exists
from pixels_ext.diffusers_host.out_of_memory import is_out_of_memory
from pixels_ext.errors import RequestError, describe, first_line

_DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
_TITLES = ", ".join(family.title for family in FAMILIES)
DtypeOf = Callable[[type[Family]], torch.dtype]


def load_family(
    model: str, device: str = "auto", precision: str = "auto", config: str | None = None, extras: Extras = NO_EXTRAS
) -> Family:
    """Load a model of any of `FAMILIES` with its extras, and move it to its device.

    `model`: a diffusers folder, a `.safetensors` or `.ckpt` file, or a hub id. `precision`: "auto" is the family's half
    precision on CUDA (`Family.half_dtype`), otherwise fp32; most autoencoders always run in fp32, since they overflow
    in half precision. `config`: for single files, a diffusers folder or hub id with the configuration (without it,
    diffusers downloads one from the hub), and for flow models with all components but the transformer. Raises
    `RequestError` for a device, precision or extra that is not available, and `ModelError` when loading fails.
    """
    target = _pick_device(device)
    check_precision(precision, target)

    def dtype_of(kind: type[Family]) -> torch.dtype:
        return resolve_dtype(precision, target.type, kind)

    options: dict[str, Any] = {}
    if extras.variant and not is_weight_file(model):
        options["variant"] = extras.variant
    family = _load_family("model", model, config, extras.prior, dtype_of, options)
    if extras.loras and not hasattr(family.pipeline, "load_lora_weights"):
        raise RequestError("lora", f"is given for a {family.title} model, which does not support LoRAs", "no LoRA")
    if extras.prior and not isinstance(family, Kandinsky22):
        raise RequestError("prior", f"is given for a {family.title} model", "no prior, or a Kandinsky 2.2 decoder")
    load_loras(family.pipeline, extras.loras)
    if extras.refiner:
        family = _add_refiner(family, extras.refiner, dtype_of, options)
    if family.upcast_vae and family.autoencoder.dtype != torch.float32:
        family.autoencoder.to(torch.float32)
    if extras.vae_tiling:
        enable_vae_tiling(family.autoencoder)
    for pipeline in (family.pipeline, *family.scheduled_pipelines[1:]):
        place_on_device(pipeline, target, extras.offload)
    return family


def _add_refiner(base: Family, refiner: str, dtype_of: DtypeOf, options: dict[str, Any]) -> Family:
    """`base` with a refiner, which shares its autoencoder. Raises `RequestError` and `ModelError`."""
    if not isinstance(base, Sdxl):
        raise RequestError("refiner", f"is given for a {base.title} model", "no refiner, or an SDXL model")
    refiner_family = _load_family("refiner", refiner, None, None, dtype_of, options | {"vae": base.autoencoder})
    if not isinstance(refiner_family, Sdxl):
        raise ModelError("refiner", f"{refiner!r} is a {refiner_family.title} model", "an SDXL refiner")
    return SdxlWithRefiner(base.pipeline, refiner_family.pipeline)


def _load_family(
    field: str,
    model: str,
    config: str | None,
    prior: str | None,
    dtype_of: DtypeOf,
    options: dict[str, Any],
) -> Family:
    try:
        family = family_of(_load_pipeline(model, config, prior, dtype_of, options))
        channels, latent_channels = family.channels
    except Exception as error:  # four libraries raise hub, file and format errors
        if is_out_of_memory(error):
            raise
        raise ModelError(field, f"{model!r} cannot be loaded: {first_line(error)}", _expected_model(model)) from error
    if channels != latent_channels:
        found = f"{model!r} has {channels} input channels, like inpainting and depth models"
        raise ModelError(field, found, "a base model")
    return family


def _load_pipeline(
    model: str, config: str | None, prior: str | None, dtype_of: DtypeOf, options: dict[str, Any]
) -> Any:
    path = Path(model)
    if is_weight_file(model):
        if not path_exists(path):
            raise FileNotFoundError("there is no such file")
        kind = _family_of_folder(config) if config else _family_of_file(path)
        options = options | {"torch_dtype": dtype_of(kind)}
        if config and issubclass(kind, Flow):
            return _load_with_transformer(path, config, kind, options)
        options |= {"config": config} if config else {}
        return _class_of(kind).from_single_file(str(path), **options, **_without_safety_checker(kind))
    if path_exists(path) and not is_folder(path):
        raise ValueError("it is neither a folder nor a .safetensors or .ckpt file")
    if is_folder(path) and not path_exists(path / "model_index.json"):
        raise FileNotFoundError("there is no model_index.json in it")
    kind = _family_of_folder(model)
    options = options | {"torch_dtype": dtype_of(kind)}
    if issubclass(kind, Kandinsky22):
        return _load_kandinsky(model, prior, options)
    return _class_of(kind).from_pretrained(model, **options, **_without_safety_checker(kind))


def _load_with_transformer(file: Path, config: str, kind: type[Family], options: dict[str, Any]) -> Any:
    """A flow model with the transformer from `file` and all other components from `config`: most such files contain
    only the transformer, because the text encoders are large and shared between models."""
    name = diffusers.DiffusionPipeline.load_config(config)["transformer"][1]
    transformer = getattr(diffusers, name).from_single_file(
        str(file), config=config, subfolder="transformer", torch_dtype=options["torch_dtype"]
    )
    return _class_of(kind).from_pretrained(config, transformer=transformer, **options)


def _load_kandinsky(model: str, prior: str | None, options: dict[str, Any]) -> Any:
    """The decoder with its prior: from one folder with both, or from two."""
    combined = diffusers.KandinskyV22Img2ImgCombinedPipeline
    if prior is None and "Combined" in _class_name(model):
        return combined.from_pretrained(model, **options)
    if prior is None and path_exists(model):
        raise FileNotFoundError("it has no prior (give one with --prior)")
    if prior is None:
        return combined.from_pretrained(model, **options)  # the hub's metadata names its prior
    decoder = diffusers.KandinskyV22Img2ImgPipeline.from_pretrained(model, **options)
    prior_pipeline = diffusers.KandinskyV22PriorPipeline.from_pretrained(prior, **options)
    return combined(**decoder.components, **{f"prior_{name}": part for name, part in prior_pipeline.components.items()})


def _without_safety_checker(kind: type[Family]) -> dict[str, Any]:
    return {"safety_checker": None, "requires_safety_checker": False} if kind is StableDiffusion else {}


def _class_of(kind: type[Family]) -> Any:
    return getattr(diffusers, kind.pipeline_class)


def _class_name(folder: str) -> str:
    return str(diffusers.DiffusionPipeline.load_config(folder)["_class_name"])


def _family_of_folder(folder: str) -> type[Family]:
    """The family of a diffusers folder or hub id, by its pipeline class name."""
    name = _class_name(folder)
    family = family_of_class(name)
    if family is None:
        raise ValueError(f"it is a {name} (supported: {_TITLES})")
    return family


def _family_of_file(file: Path) -> type[Family]:
    """The family of a single-file checkpoint, by its weights."""
    model_type = single_file_utils.infer_diffusers_model_type(single_file_utils.load_single_file_checkpoint(str(file)))
    family = family_of_checkpoint(model_type)
    if family is None:
        raise ValueError(f"its model type is {model_type} (supported: {_TITLES})")
    return family


def _pick_device(name: str) -> torch.device:
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(device for device in ("cuda", "mps", "cpu") if available[device]))
    if name not in available:
        raise RequestError("device", describe(name), f"one of: {', '.join(DEVICES)}")
    if not available[name]:
        raise RequestError(
            "device", f"is {name!r}, which is not available on this machine", "auto, or an available device"
        )
    return torch.device(name)


def check_precision(name: str, device: torch.device) -> None:
    """Raise `RequestError` for an unknown precision, or one that is unusable on `device`."""
    if name not in PRECISIONS:
        raise RequestError("precision", describe(name), f"one of: {', '.join(PRECISIONS)}")
    if name == "fp16" and device.type == "cpu":
        raise RequestError("precision", "is 'fp16' on a CPU, where it is slow and inaccurate", "fp32, bf16 or auto")


def resolve_dtype(name: str, device: str, kind: type[Family]) -> torch.dtype:
    """The dtype for precision `name` (one of `PRECISIONS`) and a family. `device`: "cuda", "mps" or "cpu"."""
    if name != "auto":
        return _DTYPES[name]
    return kind.half_dtype if device == "cuda" else torch.float32


def _expected_model(model: str) -> str:
    if is_weight_file(model) or path_exists(model):
        return "a model that diffusers can read"
    return "an existing folder or file, or the hub id of a model that can be downloaded"
