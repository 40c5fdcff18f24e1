"""What may come with a model: refiner, prior, LoRAs, and how its memory is saved."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from pixels_ext.diffusers_host.memory import is_out_of_memory
from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.diffusers_host.model_files import is_folder, is_there
from pixels_ext.errors import RequestError, describe, first_line

OFFLOADS = ("none", "model", "sequential")


@dataclass(frozen=True)
class Lora:
    """A LoRA file and how strongly it works; 1 is as it was trained."""

    file: Path
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Extras:
    """`refiner`: an SDXL refiner, in the forms that a model comes in. `prior`: the prior of a Kandinsky decoder, a
    folder or hub id. `variant`: of the files in a folder, "fp16" for instance. `offload`: "model" keeps the parts of a
    model on the CPU and brings each to the device for its work, "sequential" each layer. `vae_tiling`: the autoencoder
    works in tiles. (Slices would change nothing: pictures are encoded and decoded one at a time.)
    """

    refiner: str | None = None
    prior: str | None = None
    loras: Sequence[Lora] = ()
    variant: str | None = None
    offload: str = "none"
    vae_tiling: bool = False


NOTHING = Extras()


def parsed_lora(text: str) -> Lora:
    """`FILE` or `FILE:WEIGHT`. Raises `RequestError` when there is no such file."""
    match = re.fullmatch(r"(.+):([-+]?\d*\.?\d+)", text, re.DOTALL)
    file, weight = (match[1], float(match[2])) if match and not is_there(text) else (text, 1.0)
    if not is_there(file) or is_folder(file):
        found = f"names {file!r}, which {'is a folder' if is_folder(file) else 'does not exist'}"
        raise RequestError("lora", found, "a file, or a file with :WEIGHT behind it")
    return Lora(Path(file), weight)


def add_loras(pipeline: Any, loras: Sequence[Lora]) -> None:
    """Load `loras` into `pipeline`. Raises `ModelError` for one that does not fit."""
    names = [f"lora_{index}" for index in range(len(loras))]
    for name, lora in zip(names, loras, strict=True):
        try:
            pipeline.load_lora_weights(str(lora.file.parent), weight_name=lora.file.name, adapter_name=name)
            fits = any(name in adapters for adapters in pipeline.get_list_adapters().values())
        except Exception as error:  # diffusers, peft and safetensors each have their own
            if is_out_of_memory(error):
                raise
            raise _unfit(lora, first_line(error)) from error
        if not fits:  # diffusers only warns
            raise _unfit(lora, "nothing in it belongs to this model")
    if loras:
        pipeline.set_adapters(names, [lora.weight for lora in loras])


def _unfit(lora: Lora, why: str) -> ModelError:
    return ModelError("lora", f"{str(lora.file)!r} cannot be used: {why}", "a LoRA for this kind of model")


def use_tiles(autoencoder: Any) -> None:
    """Let `autoencoder` work in tiles. Raises `RequestError` where it cannot."""
    if not hasattr(autoencoder, "use_tiling"):
        raise RequestError("vae_tiling", f"is given for {type(autoencoder).__name__}, which has none", "it left out")
    autoencoder.enable_tiling()


def place(pipeline: Any, device: torch.device, offload: str) -> None:
    """Put `pipeline` on `device`, or beside it. Raises `RequestError` for a way that does not exist there."""
    if offload not in OFFLOADS:
        raise RequestError("offload", describe(offload), f"one of: {', '.join(OFFLOADS)}")
    if offload == "none":
        pipeline.to(device)
    elif device.type == "cpu":
        raise RequestError("offload", f"is {offload!r} on a CPU, where the model is already", "none")
    elif offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    else:
        pipeline.enable_sequential_cpu_offload(device=device)
