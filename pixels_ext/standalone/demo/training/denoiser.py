"""Train the demo model's UNet and text encoder together on the CPU, within a number of minutes.

    OMP_WAIT_POLICY=passive python -m pixels_ext.standalone.demo.training.denoiser \\
        --data DIR --vae DIR/vae_white --out DIR/denoiser --log denoiser.csv --minutes 50

Half-size scenes first (16x16 latents, four times cheaper), then mostly whole ones (32x32).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel
from transformers import CLIPTokenizer

from .budget import Budget, Log, cosine
from .export import scheduler
from .latents import cache
from .text import build_text_encoder, build_tokenizer, save_tokenizer, token_ids

SMALL_UNTIL = 0.4
"""Share of the time spent on half-size pictures alone."""
SMALL_AFTER = 0.3
"""Share of half-size batches after that."""
EMPTY_SHARE = 0.1
Tensors = tuple[Tensor, ...] | list[Tensor]


def build_unet(width: int = 96, context: int = 64) -> UNet2DConditionModel:
    """Return the untrained UNet, of Stable Diffusion 1's shape but with three levels of one width."""
    return UNet2DConditionModel(
        sample_size=32,
        block_out_channels=(width, width, width),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        mid_block_type="UNetMidBlock2DCrossAttn",
        cross_attention_dim=context,
        attention_head_dim=4,
    )


class Denoiser(nn.Module):
    """The two parts trained together."""

    def __init__(self, tokenizer: CLIPTokenizer) -> None:
        super().__init__()
        self.unet = build_unet()
        self.encoder = build_text_encoder(tokenizer)

    def forward(self, noisy: Tensor, times: Tensor, ids: Tensor) -> Tensor:
        """Return the noise predicted in `noisy` (n, 4, h, w) at `times` (n,) for the captions `ids` (n, 77)."""
        context = self.encoder(ids).last_hidden_state
        return self.unet(noisy, times, encoder_hidden_states=context).sample


def averaged(decay: float = 0.999) -> Callable[[Tensors, Tensors, Tensor | int], None]:
    """Return the rule of the running average: short at first, `decay` later."""

    def update(averages: Tensors, currents: Tensors, count: Tensor | int) -> None:
        steps = float(count)
        weight = 1 - min(decay, (1 + steps) / (10 + steps))
        torch._foreach_lerp_(averages, currents, weight)

    return update


def time_weights(alphas: Tensor, times: Tensor) -> Tensor:
    """Return the loss weights of `times` (n,): the square root of min-SNR-5, so that fine noise keeps some say."""
    ratio = alphas[times] / (1 - alphas[times])
    return (ratio.clamp(max=5) / ratio).sqrt()


def save(average: AveragedModel, tokenizer: CLIPTokenizer, out: Path) -> None:
    """Save the averaged parts to `out`."""
    model = cast(Denoiser, average.module)
    model.unet.save_pretrained(out / "unet")
    model.encoder.save_pretrained(out / "text_encoder")
    save_tokenizer(tokenizer, out / "tokenizer")


def train(arguments: argparse.Namespace) -> None:
    """Cache the latents, then train until the time is used up; saves the average every few minutes."""
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    rng = np.random.default_rng(arguments.seed)
    vae = AutoencoderKL.from_pretrained(arguments.vae).eval()
    latents = cache(vae, arguments.data, arguments.cache_minutes, arguments.seed)
    print(
        f"{len(latents.small)} pictures, {len(latents.large)} whole, latent std {latents.large.float().std():.3f}",
        flush=True,
    )
    tokenizer = build_tokenizer()
    model = Denoiser(tokenizer)
    average = AveragedModel(model, multi_avg_fn=averaged())
    optimizer = torch.optim.AdamW(model.parameters(), lr=arguments.rate, betas=(0.9, 0.99), weight_decay=1e-3)
    noise_scheduler = scheduler()
    alphas = noise_scheduler.alphas_cumprod
    budget, log = Budget(arguments.minutes), Log(arguments.log)
    step, saved = 0, 0.0
    while (fraction := budget.fraction) < 1:
        for group in optimizer.param_groups:
            group["lr"] = cosine(fraction, arguments.rate, arguments.rate / 30)
        small = fraction < SMALL_UNTIL or rng.random() < SMALL_AFTER
        clean, captions = latents.draw(rng, 32 if small else 8, small=small)
        captions = ["" if rng.random() < EMPTY_SHARE else caption for caption in captions]
        noise = torch.randn_like(clean)
        times = torch.randint(0, 1000, (len(clean),))
        noisy = noise_scheduler.add_noise(clean, noise, times)
        with torch.autocast("cpu", torch.bfloat16):
            predicted = model(noisy, times, token_ids(tokenizer, captions)).float()
        errors = (predicted - noise).square().mean((1, 2, 3))
        loss = (errors * time_weights(alphas, times)).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        average.update_parameters(model)
        step += 1
        log.add(step, budget.elapsed, {"loss": loss.item(), "error": errors.mean().item(), "small": float(small)})
        if budget.elapsed - saved > 180:
            save(average, tokenizer, arguments.out)
            saved = budget.elapsed
    save(average, tokenizer, arguments.out)
    print("steps", step)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder written by dataset.py")
    parser.add_argument("--vae", type=Path, required=True, help="folder written by whiten.py")
    parser.add_argument("--out", type=Path, required=True, help="folder for UNet, text encoder and tokenizer")
    parser.add_argument("--log", type=Path, required=True, help="CSV of the losses")
    parser.add_argument("--minutes", type=float, default=50, help="time to train, after the latents are cached")
    parser.add_argument("--cache-minutes", type=float, default=10, help="most time to spend on encoding pictures")
    parser.add_argument("--rate", type=float, default=6e-4, help="highest learning rate")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
