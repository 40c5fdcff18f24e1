"""Sharpen a trained autoencoder's decoder against a small discriminator; the latents stay as they are.

    OMP_WAIT_POLICY=passive python -m pixels_ext.standalone.demo.training.decoder \\
        --data DIR --start DIR/vae_white --out DIR/vae_sharp --log decoder.csv --minutes 20
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import cast

import torch
from diffusers import AutoencoderKL
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from .autoencoder import Batches, psnr
from .budget import Budget, Log, cosine
from .losses import Discriminator, balance, hinge, reconstruction_loss

ADVERSARIAL_WEIGHT = 0.4
ALONE = 0.08
"""Share of the time in which the discriminator learns before it has a say."""


def train(arguments: argparse.Namespace) -> None:
    """Train until the time is used up; saves the average every few minutes."""
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    batches = Batches(arguments.data, arguments.seed)
    model = AutoencoderKL.from_pretrained(arguments.start).train()
    model.encoder.requires_grad_(False)
    model.quant_conv.requires_grad_(False)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.995))
    parameters = [*model.decoder.parameters(), *model.post_quant_conv.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=arguments.rate, betas=(0.9, 0.99), weight_decay=1e-4)
    discriminator = Discriminator()
    critic = torch.optim.AdamW(discriminator.parameters(), lr=4e-4, betas=(0.5, 0.95), weight_decay=1e-4)
    budget, log = Budget(arguments.minutes), Log(arguments.log)
    step, saved = 0, 0.0
    while (fraction := budget.fraction) < 1:
        for group in optimizer.param_groups:
            group["lr"] = cosine(fraction, arguments.rate, arguments.rate / 10)
        pictures = batches.draw(6, 128)
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                latents = model.encode(pictures).latent_dist.sample()
            decoded = model.decode(latents).sample.float()
            answers = discriminator(torch.cat([pictures, decoded.detach()])).float()
        verdict = hinge(*answers.chunk(2))
        critic.zero_grad()
        verdict.backward()
        critic.step()
        loss = reconstruction_loss(decoded, pictures)
        values = {"loss": loss.item(), "verdict": verdict.item(), "psnr": psnr(decoded, pictures)}
        if fraction > ALONE:
            with torch.autocast("cpu", torch.bfloat16):
                adversarial = -discriminator(decoded).float().mean()
            share = min((fraction - ALONE) / 0.1, 1.0) * balance(loss, adversarial, model.decoder.conv_out.weight)
            loss = loss + ADVERSARIAL_WEIGHT * share * adversarial
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        average.update_parameters(model)
        step += 1
        log.add(step, budget.elapsed, values)
        if budget.elapsed - saved > 180:
            cast(AutoencoderKL, average.module).save_pretrained(arguments.out)
            saved = budget.elapsed
    cast(AutoencoderKL, average.module).save_pretrained(arguments.out)
    print("steps", step)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder written by dataset.py")
    parser.add_argument("--start", type=Path, required=True, help="folder written by whiten.py")
    parser.add_argument("--out", type=Path, required=True, help="folder for the sharpened autoencoder")
    parser.add_argument("--log", type=Path, required=True, help="CSV of the losses")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--rate", type=float, default=4e-4, help="highest learning rate")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
