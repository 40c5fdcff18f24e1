"""The UNet and the text encoder: their shapes, and their training together on latents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn
from transformers import CLIPTokenizer

from .autoencoder import LATENTS
from .export import scheduler
from .latents import Latents
from .machine import Machine
from .optimizers import Average, Both
from .stage import Stage, cosine, warm
from .text import WIDTH, build_text_encoder, build_tokenizer, token_ids

WIDTHS = (96, 128, 160)
SMALL_UNTIL = 0.5
"""Share of the time spent on half-size pictures alone."""
SMALL_AFTER = 0.25
"""Share of half-size batches after that."""
EMPTY_SHARE = 0.1
MUON, ADAM, DECAY = 0.02, 1e-3, 0.999


def build_unet() -> UNet2DConditionModel:
    """Return the untrained UNet, of Stable Diffusion 1's kind: three levels, words are heard at the lower two."""
    return UNet2DConditionModel(
        sample_size=32,
        in_channels=LATENTS,
        out_channels=LATENTS,
        block_out_channels=WIDTHS,
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        mid_block_type="UNetMidBlock2DCrossAttn",
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
    )


class Denoiser(nn.Module):
    """The two parts trained together."""

    def __init__(self, tokenizer: CLIPTokenizer) -> None:
        super().__init__()
        self.unet = build_unet()
        self.encoder = build_text_encoder(tokenizer)

    def forward(self, noisy: Tensor, times: Tensor, ids: Tensor) -> Tensor:
        """Return the noise predicted in `noisy` (n, channels, h, w) at `times` (n,) for the captions `ids` (n, 77)."""
        context = self.encoder(ids).last_hidden_state
        return self.unet(noisy, times, encoder_hidden_states=context).sample


def drawn_times(count: int, steps: int = 1000) -> Tensor:
    """Return `count` random time steps, spread evenly so that every batch has all noise levels."""
    return ((torch.arange(count) + torch.rand(count)) * (steps / count)).long().clamp(max=steps - 1)


def time_weights(alphas: Tensor, times: Tensor) -> Tensor:
    """Return the loss weights of `times` (n,), for errors in the noise.

    Fine noise: the square root of min-SNR-5, so that it keeps some say. Coarse noise, where errors in the noise are
    small and captions decide what is to be seen: up to 15 times as much, as errors in v would weigh.
    """
    ratio = alphas[times] / (1 - alphas[times])
    return (ratio.clamp(max=5) / ratio).sqrt() * (1 / alphas[times]).clamp(max=15)


def train(latents: Latents, out: Path, minutes: float, machine: Machine) -> tuple[Denoiser, CLIPTokenizer]:
    """Train until the time is used up, on half-size pictures first; return the average, and the tokenizer."""
    torch.manual_seed(1)
    tokenizer = build_tokenizer()
    model = Denoiser(tokenizer)
    machine.placed(model.train())
    average = Average(model, machine.placed(Denoiser(tokenizer)), DECAY)
    optimizer = Both([model], MUON, ADAM)
    stage = Stage(out, minutes, {"model": model, "average": average, "optimizer": optimizer})
    rng = np.random.default_rng((4, stage.step))
    noise_scheduler = scheduler()
    alphas = noise_scheduler.alphas_cumprod
    while not stage.over():
        small = stage.fraction < SMALL_UNTIL or rng.random() < SMALL_AFTER
        clean, captions = latents.draw(machine.latents if small else machine.large_latents, small=small)
        captions = ["" if rng.random() < EMPTY_SHARE else caption for caption in captions]
        times = drawn_times(len(clean))
        noise = torch.randn_like(clean)
        noisy = noise_scheduler.add_noise(clean, noise, times)
        moved = [each.to(machine.device, non_blocking=True) for each in (noisy, times, token_ids(tokenizer, captions))]
        with machine.autocast():
            predicted = model(*moved).float()
        errors = (predicted - noise.to(machine.device)).square().mean((1, 2, 3))
        loss = (errors * time_weights(alphas, times).to(machine.device)).mean()
        optimizer.step(loss, cosine(stage.fraction, 0.03) * warm(stage.step))
        average.update()
        stage.stepped({"loss": loss.item(), "error": errors.mean().item(), "small": float(small)})
    stage.save()
    return average.module, tokenizer
