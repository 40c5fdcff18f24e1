"""Put the trained parts together as one pipeline folder in half precision.

python -m pixels_ext.standalone.demo.training.export --vae DIR --rest DIR --out DIR
"""

from __future__ import annotations

import argparse
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
    pipeline.to(torch.float16).save_pretrained(fresh)
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


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vae", type=Path, required=True, help="folder written by decoder.py")
    parser.add_argument("--rest", type=Path, required=True, help="folder written by denoiser.py")
    parser.add_argument("--out", type=Path, required=True, help="the pipeline folder; it is replaced")
    arguments = parser.parse_args()
    export(
        AutoencoderKL.from_pretrained(arguments.vae),
        UNet2DConditionModel.from_pretrained(arguments.rest / "unet"),
        CLIPTextModel.from_pretrained(arguments.rest / "text_encoder"),
        CLIPTokenizer.from_pretrained(arguments.rest / "tokenizer"),
        arguments.out,
    )


if __name__ == "__main__":
    main()
