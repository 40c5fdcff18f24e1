"""Options for a loaded model: device and precision, refiner, prior, LoRAs, memory savings. Imports neither torch nor
diffusers, so that the command line can list the options without them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.diffusers_host.model_files import is_folder, path_exists
from pixels_ext.diffusers_host.out_of_memory import is_out_of_memory
from pixels_ext.errors import RequestError, describe, first_line

if TYPE_CHECKING:
    import torch

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "fp32", "fp16", "bf16")
OFFLOADS = ("none", "model", "sequential")


@dataclass(frozen=True)
class Lora:
    """A LoRA file and its weight; 1 is full strength."""

    file: Path
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Extras:
    """`refiner`: an SDXL refiner: folder, file or hub id. `prior`: the prior of a Kandinsky decoder: folder or hub id.
    `variant`: which weight files of a folder or hub id to load, such as "fp16". `offload`: "model" keeps the model on
    the CPU and moves each component to the device while it runs, "sequential" each layer. `vae_tiling`: encode and
    decode in tiles. (Slicing would change nothing: images are encoded and decoded one at a time.)
    """

    refiner: str | None = None
    prior: str | None = None
    loras: Sequence[Lora] = ()
    variant: str | None = None
    offload: str = "none"
    vae_tiling: bool = False


NO_EXTRAS = Extras()


def parse_lora(text: str) -> Lora:
    """Parse `FILE` or `FILE:WEIGHT`. Raises `RequestError` when there is no such file."""
    match = re.fullmatch(r"(.+):([-+]?\d*\.?\d+)", text, re.DOTALL)
    file, weight = (match[1], float(match[2])) if match and not path_exists(text) else (text, 1.0)
    if not path_exists(file) or is_folder(file):
        found = f"names {file!r}, which {'is a folder' if is_folder(file) else 'does not exist'}"
        raise RequestError("lora", found, "a file, or FILE:WEIGHT")
    return Lora(Path(file), weight)


def load_loras(pipeline: Any, loras: Sequence[Lora]) -> None:
    """Load `loras` into `pipeline`. Raises `ModelError` for one that does not fit the model."""
    names = [f"lora_{index}" for index in range(len(loras))]
    for name, lora in zip(names, loras, strict=True):
        try:
            pipeline.load_lora_weights(str(lora.file.parent), weight_name=lora.file.name, adapter_name=name)
            matches = any(name in adapters for adapters in pipeline.get_list_adapters().values())
        except Exception as error:  # diffusers, peft and safetensors each raise their own types
            if is_out_of_memory(error):
                raise
            raise _lora_error(lora, first_line(error)) from error
        if not matches:  # diffusers only warns
            raise _lora_error(lora, "none of its weights match this model")
    if loras:
        pipeline.set_adapters(names, [lora.weight for lora in loras])


def _lora_error(lora: Lora, why: str) -> ModelError:
    return ModelError("lora", f"{str(lora.file)!r} cannot be used: {why}", "a LoRA for this kind of model")


def enable_vae_tiling(autoencoder: Any) -> None:
    """Enable tiled encoding and decoding. Raises `RequestError` if `autoencoder` does not support it."""
    if not hasattr(autoencoder, "use_tiling"):
        raise RequestError(
            "vae_tiling", f"is given for {type(autoencoder).__name__}, which has no tiling", "no --vae-tiling"
        )
    autoencoder.enable_tiling()


def place_on_device(pipeline: Any, device: torch.device, offload: str) -> None:
    """Move `pipeline` to `device`, or set up offloading. Raises `RequestError` for an offload mode that is not
    available."""
    if offload not in OFFLOADS:
        raise RequestError("offload", describe(offload), f"one of: {', '.join(OFFLOADS)}")
    if offload == "none":
        pipeline.to(device)
    elif device.type == "cpu":
        raise RequestError("offload", f"is {offload!r} on a CPU, where the model already is", "none")
    elif offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    else:
        pipeline.enable_sequential_cpu_offload(device=device)
