"""Models from a folder, a single file or the hub, on the device that the user asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers.loaders import single_file_utils

from pixels_ext.diffusers_host.extras import NOTHING, Extras, add_loras, place, use_tiles
from pixels_ext.diffusers_host.families import (
    FAMILIES,
    Family,
    RefinedSdxl,
    Sdxl,
    family_of,
    family_of_checkpoint,
    family_saved_as,
)
from pixels_ext.diffusers_host.families.flow import Flow
from pixels_ext.diffusers_host.families.kandinsky import Kandinsky22
from pixels_ext.diffusers_host.families.stable_diffusion import StableDiffusion
from pixels_ext.diffusers_host.memory import is_out_of_memory
from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.diffusers_host.model_files import is_folder, is_there, is_weight_file
from pixels_ext.errors import RequestError, describe, first_line

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "fp32", "fp16", "bf16")
_DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
_KINDS = ", ".join(family.title for family in FAMILIES)
PrecisionOf = Callable[[type[Family]], torch.dtype]


def load_family(
    model: str, device: str = "auto", precision: str = "auto", config: str | None = None, extras: Extras = NOTHING
) -> Family:
    """A model of any kind in `FAMILIES`, with what comes with it, ready on its device.

    `model`: a diffusers folder, a `.safetensors` or `.ckpt` file, or a hub id. `precision`: "auto" on CUDA is
    that half precision in which the kind of model is known to work (`Family.half`), and full elsewhere; most
    autoencoders work in full precision always, since half overflows. `config`: for single
    files, a diffusers folder or hub id with the configuration (without it diffusers asks the hub), and for flow models
    with everything but the transformer. Raises `RequestError` for a device, precision or extra that does not exist
    here, `ModelError` when loading fails.
    """
    target = _device(device)
    check_precision(precision, target)

    def precision_of(kind: type[Family]) -> torch.dtype:
        return chosen_precision(precision, target.type, kind)

    options: dict[str, Any] = {}
    if extras.variant and not is_weight_file(model):
        options["variant"] = extras.variant
    family = _family("model", model, config, extras.prior, precision_of, options)
    if extras.loras and not hasattr(family.pipeline, "load_lora_weights"):
        raise RequestError("lora", f"is given for a {family.title} model, which takes none", "no LoRA")
    if extras.prior and not isinstance(family, Kandinsky22):
        raise RequestError("prior", f"is given for a {family.title} model", "no prior, or a Kandinsky 2.2 decoder")
    add_loras(family.pipeline, extras.loras)
    if extras.refiner:
        family = _refined(family, extras.refiner, precision_of, options)
    if family.whole_autoencoder and family.autoencoder.dtype != torch.float32:
        family.autoencoder.to(torch.float32)
    if extras.vae_tiling:
        use_tiles(family.autoencoder)
    for pipeline in (family.pipeline, *family.scheduled[1:]):
        place(pipeline, target, extras.offload)
    return family


def _refined(base: Family, refiner: str, precision_of: PrecisionOf, options: dict[str, Any]) -> Family:
    """`base` with a refiner, which shares its autoencoder."""
    if not isinstance(base, Sdxl):
        raise RequestError("refiner", f"is given for a {base.title} model", "no refiner, or an SDXL model")
    other = _family("refiner", refiner, None, None, precision_of, options | {"vae": base.autoencoder})
    if not isinstance(other, Sdxl):
        raise ModelError("refiner", f"{refiner!r} is a {other.title} model", "an SDXL refiner")
    return RefinedSdxl(base.pipeline, other.pipeline)


def _family(
    field: str,
    model: str,
    config: str | None,
    prior: str | None,
    precision_of: PrecisionOf,
    options: dict[str, Any],
) -> Family:
    try:
        family = family_of(_open(model, config, prior, precision_of, options))
        channels, latent_channels = family.channels
    except Exception as error:  # hub, file and format errors come from four libraries
        if is_out_of_memory(error):
            raise
        raise ModelError(field, f"{model!r} cannot be loaded: {first_line(error)}", _expected(model)) from error
    if channels != latent_channels:
        found = f"{model!r} takes {channels} channels, as inpainting and depth models do"
        raise ModelError(field, found, "a plain checkpoint")
    return family


def _open(model: str, config: str | None, prior: str | None, precision_of: PrecisionOf, options: dict[str, Any]) -> Any:
    path = Path(model)
    if is_weight_file(model):
        if not is_there(path):
            raise FileNotFoundError("there is no such file")
        kind = _named(config) if config else _recognised(path)
        options = options | {"torch_dtype": precision_of(kind)}
        if config and issubclass(kind, Flow):
            return _open_transformer(path, config, kind, options)
        options |= {"config": config} if config else {}
        return _class_of(kind).from_single_file(str(path), **options, **_unchecked(kind))
    if is_there(path) and not is_folder(path):
        raise ValueError("it is neither a folder nor a .safetensors or .ckpt file")
    if is_folder(path) and not is_there(path / "model_index.json"):
        raise FileNotFoundError("there is no model_index.json in it")
    kind = _named(model)
    options = options | {"torch_dtype": precision_of(kind)}
    if issubclass(kind, Kandinsky22):
        return _open_kandinsky(model, prior, options)
    return _class_of(kind).from_pretrained(model, **options, **_unchecked(kind))


def _open_transformer(file: Path, config: str, kind: type[Family], options: dict[str, Any]) -> Any:
    """A flow model's transformer from `file`, everything else from `config`: most such files hold no more, because
    the text encoders are as large and the same for all."""
    name = diffusers.DiffusionPipeline.load_config(config)["transformer"][1]
    transformer = getattr(diffusers, name).from_single_file(
        str(file), config=config, subfolder="transformer", torch_dtype=options["torch_dtype"]
    )
    return _class_of(kind).from_pretrained(config, transformer=transformer, **options)


def _open_kandinsky(model: str, prior: str | None, options: dict[str, Any]) -> Any:
    """The decoder with its prior: one folder with both, or one of each."""
    combined = diffusers.KandinskyV22Img2ImgCombinedPipeline
    if prior is None and "Combined" in _class_name(model):
        return combined.from_pretrained(model, **options)
    if prior is None and is_there(model):
        raise FileNotFoundError("it has no prior, which --prior names")
    if prior is None:
        return combined.from_pretrained(model, **options)  # the hub knows which prior belongs to it
    decoder = diffusers.KandinskyV22Img2ImgPipeline.from_pretrained(model, **options)
    before = diffusers.KandinskyV22PriorPipeline.from_pretrained(prior, **options)
    return combined(**decoder.components, **{f"prior_{name}": part for name, part in before.components.items()})


def _unchecked(kind: type[Family]) -> dict[str, Any]:
    return {"safety_checker": None, "requires_safety_checker": False} if kind is StableDiffusion else {}


def _class_of(kind: type[Family]) -> Any:
    return getattr(diffusers, kind.pipeline_class)


def _class_name(folder: str) -> str:
    return str(diffusers.DiffusionPipeline.load_config(folder)["_class_name"])


def _named(folder: str) -> type[Family]:
    """The family of a folder or hub id, by what it was saved as."""
    name = _class_name(folder)
    family = family_saved_as(name)
    if family is None:
        raise ValueError(f"it is a {name}, and these kinds are known: {_KINDS}")
    return family


def _recognised(file: Path) -> type[Family]:
    """The family of a single file, by its weights."""
    layout = single_file_utils.infer_diffusers_model_type(single_file_utils.load_single_file_checkpoint(str(file)))
    family = family_of_checkpoint(layout)
    if family is None:
        raise ValueError(f"its layout is {layout}, and these kinds are known: {_KINDS}")
    return family


def _device(name: str) -> torch.device:
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(device for device in ("cuda", "mps", "cpu") if available[device]))
    if name not in available:
        raise RequestError("device", describe(name), f"one of: {', '.join(DEVICES)}")
    if not available[name]:
        raise RequestError("device", f"is {name!r}, which this machine does not offer", "auto, or a device that it has")
    return torch.device(name)


def check_precision(name: str, device: torch.device) -> None:
    """Raise `RequestError` for a precision that does not exist, or makes no sense on `device`."""
    if name not in PRECISIONS:
        raise RequestError("precision", describe(name), f"one of: {', '.join(PRECISIONS)}")
    if name == "fp16" and device.type == "cpu":
        raise RequestError("precision", "is 'fp16' on a CPU, where it is slow and inexact", "fp32, bf16 or auto")


def chosen_precision(name: str, device: str, kind: type[Family]) -> torch.dtype:
    """The precision that `name`, one of `PRECISIONS`, is for a model of this kind. `device`: "cuda", "mps" or "cpu"."""
    if name != "auto":
        return _DTYPES[name]
    return kind.half if device == "cuda" else torch.float32


def _expected(model: str) -> str:
    if is_weight_file(model) or is_there(model):
        return "a model that diffusers can read"
    return "a folder or file that exists, or a hub id that can be reached from here"
