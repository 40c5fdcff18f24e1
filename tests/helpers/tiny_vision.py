"""Tiny models for depth and words, of the real classes, in folders as transformers has them.

Their weights depend on nothing but their names: what transformers draws itself is other in each of its versions.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    CLIPSegConfig,
    CLIPSegForImageSegmentation,
    CLIPTokenizer,
    DPTConfig,
    DPTForDepthEstimation,
    GLPNConfig,
    GLPNForDepthEstimation,
)

import pixels_ext

TOKENIZER = Path(pixels_ext.__file__).parent / "demo" / "model" / "tokenizer"
"""The demo model's, found without the import of `diffusers_host`, which needs diffusers."""
GAIN = 1.5
"""Of each layer: with less, nothing of the image comes through so many of them."""
DPT = {
    "hidden_size": 32,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "intermediate_size": 37,
    "image_size": 64,
    "patch_size": 16,
    "backbone_out_indices": [0, 1, 2, 3],
    "neck_hidden_sizes": [16, 16, 32, 32],
    "fusion_hidden_size": 16,
}
BACKBONE = {
    "model_type": "bit",
    "embedding_size": 8,
    "hidden_sizes": [8, 16, 32],
    "depths": [1, 1, 1],
    "num_groups": 2,
    "layer_type": "bottleneck",
    "global_padding": "same",
    "embedding_dynamic_padding": True,
    "out_features": ["stage1", "stage2", "stage3"],
}


def save(model: Any, folder: Path) -> None:
    """The model with weights that are the same under every version of transformers."""
    model.save_pretrained(folder, safe_serialization=True)
    file = folder / "model.safetensors"
    save_file({name: _drawn(name, old) for name, old in load_file(file).items()}, file, metadata={"format": "pt"})


def _drawn(name: str, old: torch.Tensor) -> torch.Tensor:
    if not old.is_floating_point():
        return old
    values = torch.from_numpy(np.random.default_rng(crc32(name.encode())).standard_normal(old.shape)).to(old.dtype)
    if old.ndim >= 2:
        return GAIN * values / old[0].numel() ** 0.5
    return values.abs() / 10 if name.endswith("bias") else 1 + values.abs() / 10


def save_dpt(folder: Path) -> None:
    """A DPT, for depth."""
    save(DPTForDepthEstimation(DPTConfig(**DPT)), folder)
    save_preprocessor(folder, "DPTImageProcessor", 64)


def save_hybrid_dpt(folder: Path) -> None:
    """The kind of the usual model for depth: its first layers are a BiT."""
    config = DPT | {"neck_hidden_sizes": [8, 16, 32, 32], "neck_ignore_stages": [0, 1]}
    config |= {"reassemble_factors": [1, 1, 1, 0.5], "backbone_featmap_shape": [1, 32, 4, 4]}
    save(DPTForDepthEstimation(DPTConfig(**config, is_hybrid=True, backbone_config=BACKBONE)), folder)
    save_preprocessor(folder, "DPTImageProcessor", 64)


def save_glpn(folder: Path) -> None:
    """A GLPN, which tells how far places are."""
    sizes = {"hidden_sizes": [8, 16, 16, 32], "num_attention_heads": [1, 1, 2, 2], "depths": [1, 1, 1, 1]}
    save(GLPNForDepthEstimation(GLPNConfig(**sizes, decoder_hidden_size=16)), folder)
    save_preprocessor(folder, "DPTImageProcessor", 64)


def save_depth_anything(folder: Path, kind: str) -> None:
    """A Depth Anything, which older versions of transformers do not know. `kind`: "relative" or "metric"."""
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

    small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 56, "patch_size": 14}
    config = DepthAnythingConfig(
        backbone_config=Dinov2Config(**small, out_features=["stage1", "stage2"], reshape_hidden_states=False),
        reassemble_factors=[2, 1],
        neck_hidden_sizes=[8, 16],
        fusion_hidden_size=8,
        reassemble_hidden_size=32,
        patch_size=14,
        depth_estimation_type=kind,
        head_hidden_size=8,
    )
    save(DepthAnythingForDepthEstimation(config), folder)
    save_preprocessor(folder, "DPTImageProcessor", 56)


def save_clipseg(folder: Path, shown: int = 32) -> None:
    """A CLIPSeg, for words. `shown`: the side of the images that it is shown; its own is 32, and the usual model for
    words is shown larger ones than its own."""
    tokenizer = CLIPTokenizer.from_pretrained(TOKENIZER)
    small = {"hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 4, "num_attention_heads": 4}
    text = {"vocab_size": len(tokenizer), "max_position_embeddings": 77}
    marks = {name: getattr(tokenizer, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    config = CLIPSegConfig(
        text_config={**small, **text, **marks},
        vision_config={**small, "image_size": 32, "patch_size": 8},
        projection_dim=32,
        extract_layers=[0, 1, 2],
        reduce_dim=16,
        decoder_intermediate_size=32,
    )
    save(CLIPSegForImageSegmentation(config), folder)
    tokenizer.save_pretrained(folder)
    save_preprocessor(folder, "ViTImageProcessor", shown)


def save_preprocessor(folder: Path, kind: str, side: int) -> None:
    """What a model is shown: squares of `side` pixels. `kind`: the class of transformers."""
    _save_preprocessor(folder, image_processor_type=kind, do_rescale=True, size={"height": side, "width": side})


def save_old_preprocessor(folder: Path, kind: str, side: int) -> None:
    """The same in the words of transformers before 4.25, in which many models on the hub still have it."""
    _save_preprocessor(folder, feature_extractor_type=kind, size=side)


def _save_preprocessor(folder: Path, **fields: Any) -> None:
    usual = {"do_resize": True, "resample": 2, "do_normalize": True, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(usual | fields))
