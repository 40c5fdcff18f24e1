"""The decoder's second training, against a small discriminator; the latents stay as they are.

It learns to decode with texture not only what the encoder makes but also what the denoiser leaves: some of the latents
are noised and denoised in one step, which softens them as img2img does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from .autoencoder import psnr
from .denoiser import Denoiser
from .export import scheduler
from .losses import Discriminator, balance, energy_loss, hinge, reconstruction_loss, texture_loss
from .machine import Machine
from .optimizers import Average, Both
from .stage import Stage, cosine, warm
from .text import build_tokenizer, token_ids

ADVERSARIAL_WEIGHT = 0.3
TEXTURE_WEIGHT, ENERGY_WEIGHT = 1.0, 0.05
ALONE = 0.06
"""Share of the time in which the discriminator learns before it has a say."""
SOFT_SHARE = 0.4
"""Share of the latents that went through the denoiser."""
SOFT_TIMES = (30, 350)
"""Time steps from which they are denoised."""
MUON, ADAM, DECAY = 0.004, 4e-4, 0.995


class Softener:
    """Noises some of a batch's latents and takes the noise out again in one step, without a caption."""

    def __init__(self, denoiser: Denoiser, machine: Machine) -> None:
        self._denoiser, self._machine = denoiser.eval(), machine
        self._ids = token_ids(build_tokenizer(), [""]).to(machine.device)
        self._scheduler = scheduler()

    @torch.no_grad()
    def __call__(self, latents: Tensor) -> Tensor:
        """Return `latents` (n, channels, h, w) with the first `SOFT_SHARE` of them softened."""
        count = round(SOFT_SHARE * len(latents))
        clean = latents[:count]
        times = torch.randint(*SOFT_TIMES, (count,)).to(clean.device)
        noisy = self._scheduler.add_noise(clean, torch.randn_like(clean), times)
        with self._machine.autocast():
            noise = self._denoiser(noisy, times, self._ids.expand(count, -1)).float()
        alpha = self._scheduler.alphas_cumprod.to(clean.device)[times].view(-1, 1, 1, 1)
        return torch.cat([(noisy - (1 - alpha).sqrt() * noise) / alpha.sqrt(), latents[count:]])


def train(
    model: AutoencoderKL, denoiser: Denoiser, crops: Iterator[Tensor], out: Path, minutes: float, machine: Machine
) -> AutoencoderKL:
    """Train the decoder of `model` on batches of `crops` until the time is used up; return the average."""
    torch.manual_seed(2)
    machine.placed(model.train())
    model.encoder.requires_grad_(False)
    model.quant_conv.requires_grad_(False)
    average = Average(model, machine.placed(AutoencoderKL.from_config(model.config)), DECAY)
    optimizer = Both([model], MUON, ADAM)
    discriminator = Discriminator()
    machine.placed(discriminator)
    critic = torch.optim.AdamW(discriminator.parameters(), lr=4e-4, betas=(0.5, 0.95), weight_decay=1e-4)
    parts = {"model": model, "average": average, "optimizer": optimizer, "discriminator": discriminator}
    stage = Stage(out, minutes, {**parts, "critic": critic})
    soften = Softener(denoiser, machine)
    while not stage.over():
        pictures = next(crops).to(machine.device, non_blocking=True)
        with torch.no_grad(), machine.autocast():
            latents = model.encode(pictures).latent_dist.sample().float()
        latents = soften(latents)
        with machine.autocast():
            decoded = model.decode(latents).sample.float()
            answers = discriminator(torch.cat([pictures, decoded.detach()])).float()
        verdict = hinge(*answers.chunk(2))
        critic.zero_grad()
        verdict.backward()
        critic.step()
        loss = reconstruction_loss(decoded, pictures) + TEXTURE_WEIGHT * texture_loss(decoded, pictures)
        loss = loss + ENERGY_WEIGHT * energy_loss(decoded, pictures)
        clear = round(SOFT_SHARE * len(pictures))
        values = {"loss": loss.item(), "verdict": verdict.item(), "psnr": psnr(decoded[clear:], pictures[clear:])}
        if stage.fraction > ALONE:
            with machine.autocast():
                adversarial = -discriminator(decoded).float().mean()
            share = min((stage.fraction - ALONE) / 0.1, 1.0) * balance(loss, adversarial, model.decoder.conv_out.weight)
            loss = loss + ADVERSARIAL_WEIGHT * share * adversarial
        optimizer.step(loss, cosine(stage.fraction) * warm(stage.step))
        average.update()
        stage.stepped(values)
    stage.save()
    return average.module
