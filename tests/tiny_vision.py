"""Tiny models for depth and words with random weights, of the real classes, in folders as transformers has them."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import CLIPSegConfig, CLIPSegForImageSegmentation, CLIPTokenizer, DPTConfig, DPTForDepthEstimation

import pixels_ext

TOKENIZER = Path(pixels_ext.__file__).parent / "standalone" / "demo" / "model" / "tokenizer"
"""The demo model's, found without the import of `standalone`, which needs diffusers."""


def save_dpt(folder: Path) -> None:
    """A DPT, for depth."""
    torch.manual_seed(0)
    config = DPTConfig(
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=37,
        image_size=64,
        patch_size=16,
        backbone_out_indices=[0, 1, 2, 3],
        neck_hidden_sizes=[16, 16, 32, 32],
        fusion_hidden_size=16,
    )
    DPTForDepthEstimation(config).save_pretrained(folder)
    save_preprocessor(folder, "DPTImageProcessor", 64)


def save_clipseg(folder: Path) -> None:
    """A CLIPSeg, for words."""
    torch.manual_seed(0)
    tokenizer = CLIPTokenizer.from_pretrained(TOKENIZER)
    small = {"hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 4, "num_attention_heads": 4}
    config = CLIPSegConfig(
        text_config={
            **small,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 77,
            "eos_token_id": tokenizer.eos_token_id,
        },
        vision_config={**small, "image_size": 32, "patch_size": 8},
        projection_dim=32,
        extract_layers=[0, 1, 2],
        reduce_dim=16,
        decoder_intermediate_size=32,
    )
    CLIPSegForImageSegmentation(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    save_preprocessor(folder, "ViTImageProcessor", 32)


def save_preprocessor(folder: Path, kind: str, side: int) -> None:
    """What a model is shown: squares of `side` pixels. `kind`: the class of transformers."""
    text = f'{{"image_processor_type": "{kind}", "do_resize": true, "size": {{"height": {side}, "width": {side}}}, '
    text += '"do_rescale": true, "do_normalize": true, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}'
    (folder / "preprocessor_config.json").write_text(text)
