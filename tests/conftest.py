"""What tests share: a tiny Stable-Diffusion-1-shaped pipeline with random weights, and small pictures."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionImg2ImgPipeline, UNet2DConditionModel
from hypothesis import settings
from PIL import Image
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer
from workers import ByFile
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from pixels_ext.request import EditRequest, Exemplar
from pixels_ext.standalone import demo

settings.register_profile("ci", deadline=None, max_examples=60, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=20_000)
settings.load_profile(os.environ.get("PIXELS_FUZZ", "ci"))

SD1_SCHEDULER = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "clip_sample": False,
    "set_alpha_to_one": False,
    "steps_offset": 1,
    "timestep_spacing": "leading",
    "prediction_type": "epsilon",
}
"""Complete, because diffusers treats values that were left to a default differently after saving and loading."""


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("PIXELS_HOST") and config.getoption("numprocesses", None):
        raise pytest.UsageError("a running host takes one client at a time: with PIXELS_HOST, give no -n")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return ByFile(config, log)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def tiny_unet() -> UNet2DConditionModel:
    torch.manual_seed(0)
    return UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(32, 64),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=4,
    ).eval()


def random_pipeline() -> StableDiffusionImg2ImgPipeline:
    """Random weights of the real classes; 64 px pictures have 8 x 8 latents."""
    tokenizer = CLIPTokenizer.from_pretrained(demo.MODEL / "tokenizer")
    torch.manual_seed(1)
    text = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    vae = AutoencoderKL(
        block_out_channels=(32, 32, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        sample_size=64,
    )
    pipeline = StableDiffusionImg2ImgPipeline(
        vae=vae.eval(),
        text_encoder=CLIPTextModel(text).eval(),
        tokenizer=tokenizer,
        unet=tiny_unet(),
        scheduler=DDIMScheduler(**SD1_SCHEDULER),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@pytest.fixture(scope="session")
def pipeline() -> StableDiffusionImg2ImgPipeline:
    return random_pipeline()


def noise_picture(seed: int, size: tuple[int, int] = (64, 64)) -> Image.Image:
    """A smooth colourful picture."""
    small = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def grey_map(seed: int, size: tuple[int, int] = (64, 64)) -> Image.Image:
    """A smooth random edit map with some pure black and white."""
    small = np.random.default_rng(seed).uniform(-0.5, 1.5, (4, 4)).clip(0, 1)
    return Image.fromarray((small * 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)


@pytest.fixture(scope="session")
def make_request() -> Callable[..., EditRequest]:
    """A request with `count` exemplars of random pictures and maps."""

    def make(count: int = 1, **fields: object) -> EditRequest:
        exemplars = tuple(Exemplar(image=noise_picture(10 + k), edit_map=grey_map(20 + k)) for k in range(count))
        return EditRequest(exemplars=exemplars, **fields)

    return make
