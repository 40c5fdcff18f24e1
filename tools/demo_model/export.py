"""Put the trained parts together as one pipeline folder in half precision."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from .text import save_tokenizer


def scheduler() -> DDIMScheduler:
    """Return Stable Diffusion 1's noise schedule."""
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )


def export(
    vae: AutoencoderKL, unet: UNet2DConditionModel, encoder: CLIPTextModel, tokenizer: CLIPTokenizer, out: Path
) -> None:
    """Write the pipeline folder beside `out`, then swap it in; a model card already there is kept."""
    pipeline = StableDiffusionPipeline(
        vae=vae,
        unet=unet,
        text_encoder=encoder,
        tokenizer=tokenizer,
        scheduler=scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".model-", dir=out.parent))
    pipeline.to("cpu", torch.float16).save_pretrained(fresh)
    save_tokenizer(tokenizer, fresh / "tokenizer")
    if (out / "README.md").exists():
        shutil.copy2(out / "README.md", fresh)
    for path in (fresh, *fresh.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    old = out.with_name(f"{fresh.name}-old")
    if out.exists():
        out.rename(old)
    fresh.rename(out)
    shutil.rmtree(old, ignore_errors=True)
