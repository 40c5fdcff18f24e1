"""Models of real size with random weights: what an edit costs does not depend on what the model has learnt.

This file is read by the authors' older diffusers too, so it needs nothing of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    EulerDiscreteScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionXLImg2ImgPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

SEED = 1
TOKENIZER = Path(__file__).parents[2] / "pixels_ext/demo/model/tokenizer"
SCHEDULE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}


@contextmanager
def made_on(device: str, dtype: torch.dtype) -> Iterator[None]:
    """Modules made in this context lie on `device` in `dtype` from the beginning."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            torch.manual_seed(SEED)
            yield
    finally:
        torch.set_default_dtype(before)


def vae(scaling: float, side: int) -> AutoencoderKL:
    """The autoencoder that Stable Diffusion 1, 2 and XL share."""
    return AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
        scaling_factor=scaling,
        sample_size=side,
    )


def text_encoder(cls: Any, width: int, layers: int, heads: int, activation: str) -> Any:
    """A text encoder of CLIP's."""
    return cls(
        CLIPTextConfig(
            vocab_size=49408,
            hidden_size=width,
            intermediate_size=4 * width,
            projection_dim=width,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            hidden_act=activation,
            bos_token_id=0,
            eos_token_id=2,
        )
    )


def sd15(device: str, dtype: torch.dtype) -> Any:
    """Stable Diffusion 1.5: 860 million numbers in the U-Net."""
    with made_on(device, dtype):
        unet = UNet2DConditionModel(
            sample_size=64, cross_attention_dim=768, attention_head_dim=8, block_out_channels=(320, 640, 1280, 1280)
        )
        parts = {
            "unet": unet.eval(),
            "vae": vae(0.18215, 512).eval(),
            "text_encoder": text_encoder(CLIPTextModel, 768, 12, 12, "quick_gelu").eval(),
        }
    return _quiet(
        StableDiffusionImg2ImgPipeline(
            **parts,
            tokenizer=CLIPTokenizer.from_pretrained(TOKENIZER),
            scheduler=EulerDiscreteScheduler(**SCHEDULE),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
    )


def sdxl(device: str, dtype: torch.dtype) -> Any:
    """Stable Diffusion XL: 2.6 billion numbers in the U-Net."""
    with made_on(device, dtype):
        unet = UNet2DConditionModel(
            sample_size=128,
            block_out_channels=(320, 640, 1280),
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            transformer_layers_per_block=(1, 2, 10),
            attention_head_dim=(5, 10, 20),
            cross_attention_dim=2048,
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=256,
            projection_class_embeddings_input_dim=2816,
        )
        parts = {
            "unet": unet.eval(),
            "text_encoder": text_encoder(CLIPTextModel, 768, 12, 12, "quick_gelu").eval(),
            "text_encoder_2": text_encoder(CLIPTextModelWithProjection, 1280, 32, 20, "gelu").eval(),
        }
    with made_on(device, torch.float32):  # as it is loaded: in half precision this autoencoder overflows
        parts["vae"] = vae(0.13025, 1024).eval()
    return _quiet(
        StableDiffusionXLImg2ImgPipeline(
            **parts,
            tokenizer=CLIPTokenizer.from_pretrained(TOKENIZER),
            tokenizer_2=CLIPTokenizer.from_pretrained(TOKENIZER),
            scheduler=EulerDiscreteScheduler(**SCHEDULE),
            add_watermarker=False,
        )
    )


def _quiet(pipeline: Any) -> Any:
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


MODELS = {"SD1.5": sd15, "SDXL": sdxl}
