"""Tiny metric models with random weights for Table 1: a CLIP, and one with the interface of the Inception of 2015."""

from __future__ import annotations

from pathlib import Path

import torch
import transformers
from helpers.tiny_models import random
from torch import nn

FEATURES = 16
"""So many numbers does this Inception say of an image."""


class LooksLikeInception(nn.Module):
    """What the file of 2015 offers: `layers`, from `[n, 3, 299, 299]` in [-1, 1] to the pooled features."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = random(nn.Sequential(nn.AdaptiveAvgPool2d(8), nn.Conv2d(3, FEATURES, 3), nn.Tanh()), 7, 0.5)
        self.layers.append(nn.AdaptiveAvgPool2d(1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.layers(images / 128 - 1)


def save_clip(folder: Path) -> None:
    """A CLIP for images of 32 pixels, with its processor."""
    small = {"hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 2, "num_attention_heads": 2}
    vision = small | {"image_size": 32, "patch_size": 8, "projection_dim": 24}
    text = small | {"vocab_size": 9, "bos_token_id": 0, "eos_token_id": 1}
    config = transformers.CLIPConfig(text_config=text, vision_config=vision, projection_dim=24)
    random(transformers.CLIPModel(config), 5, 0.2).save_pretrained(folder)
    processor = transformers.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    processor.save_pretrained(folder)


def save_inception(file: Path) -> None:
    """As TorchScript."""
    torch.jit.script(LooksLikeInception()).save(str(file))
