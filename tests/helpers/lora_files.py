"""Random LoRAs for tiny models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from helpers.family_edits import editor
from helpers.tiny_models import MODELS
from torch import nn

RANK = 2
ATTENTION = ("to_q", "to_v")


def attention_layers(network: nn.Module) -> Iterator[tuple[str, nn.Linear]]:
    for name, module in network.named_modules():
        if isinstance(module, nn.Linear) and name.split(".")[-1] in ATTENTION:
            yield name, module


def save_lora(name: str, file: Path, seed: int) -> dict[str, torch.Tensor]:
    """Write a random LoRA for the model `name`, as diffusers saves them. Returns what it adds to each weight."""
    pipeline, generator = MODELS[name](), torch.Generator().manual_seed(seed)
    part = editor(name).family.denoiser_name
    layers, added = {}, {}
    for layer, module in attention_layers(getattr(pipeline, part)):
        down = torch.randn(RANK, module.in_features, generator=generator) * 0.3
        up = torch.randn(module.out_features, RANK, generator=generator) * 0.3
        layers |= {f"{layer}.lora_A.weight": down, f"{layer}.lora_B.weight": up}
        added[layer] = up @ down
    type(pipeline).save_lora_weights(file.parent, **{f"{part}_lora_layers": layers}, weight_name=file.name)
    return added
