"""The autoencoder: its shape, and its training on crops."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from .crops import batches
from .linear_start import start
from .losses import reconstruction_loss
from .machine import Machine
from .optimizers import Average, Both
from .stage import Stage, cosine, warm

WIDTHS = (32, 64, 128, 128)
LATENTS = 16
GROUPS = 8
KL_WEIGHT = 1e-4
SMALL_UNTIL = 0.6
"""Share of the time spent on 64 px crops: twice the steps."""
SIZES = (64, 128)
MUON, ADAM, DECAY = 0.01, 1e-3, 0.998


def build() -> AutoencoderKL:
    """Return the untrained autoencoder: factor 8, 16 latent channels, one layer a level, no attention.

    The layers at full size cost most of the time, so the first level is narrow; eight norm groups leave it four
    channels each (one channel a group would lose the picture's mean color).
    """
    return AutoencoderKL(
        block_out_channels=WIDTHS,
        down_block_types=("DownEncoderBlock2D",) * len(WIDTHS),
        up_block_types=("UpDecoderBlock2D",) * len(WIDTHS),
        layers_per_block=1,
        latent_channels=LATENTS,
        norm_num_groups=GROUPS,
        sample_size=256,
        mid_block_add_attention=False,
    )


def psnr(decoded: Tensor, pictures: Tensor) -> float:
    """Peak signal-to-noise ratio of float tensors in -1..1, in dB."""
    return -10 * ((decoded.detach() - pictures) ** 2 / 4).mean().log10().item()


def train(
    scenes: Path, photographs: Path, out: Path, minutes: float, machine: Machine, sizes: tuple[int, int] = SIZES
) -> AutoencoderKL:
    """Train until the time is used up, on crops of the first of `sizes`, then of the second; return the average."""
    torch.manual_seed(0)
    model = build()
    start(model, next(batches(scenes, photographs, 64, sizes[0], (0, 1), 0)))
    machine.placed(model.train())
    average = Average(model, machine.placed(build()), DECAY)
    optimizer = Both([model], MUON, ADAM)
    stage = Stage(out, minutes, {"model": model, "average": average, "optimizer": optimizer})
    for small in (True, False):
        count, size = (machine.crops, sizes[0]) if small else (machine.large_crops, sizes[1])
        source = batches(scenes, photographs, count, size, (2, stage.step), machine.workers)
        while stage.fraction < (SMALL_UNTIL if small else 1):
            pictures = next(source).to(machine.device, non_blocking=True)
            with machine.autocast():
                posterior = model.encode(pictures).latent_dist
                decoded = model.decode(posterior.sample()).sample.float()
            mean, logvar = posterior.mean.float(), posterior.logvar.float()
            divergence = 0.5 * (mean**2 + logvar.exp() - 1 - logvar).mean()
            loss = reconstruction_loss(decoded, pictures)
            optimizer.step(loss + KL_WEIGHT * divergence, cosine(stage.fraction) * warm(stage.step))
            average.update()
            stage.stepped({"loss": loss.item(), "kl": divergence.item(), "psnr": psnr(decoded, pictures)})
    stage.save()
    return average.module
