"""Give an autoencoder's latents zero mean, unit spread and no correlation, by changing two of its 1x1 convolutions.

    python -m pixels_ext.standalone.demo.training.whiten --data DIR --start DIR/vae --out DIR/vae_white

What it decodes stays the same; noise then reaches every direction of the latents alike. The result depends on the
encoder alone, so a decoder sharpened later still fits.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from .autoencoder import Batches

SPREAD = 0.02
"""Spread of the encoder's own sampling noise afterwards: small, as img2img pipelines sample it."""


def statistics(model: AutoencoderKL, batches: Batches, rounds: int = 12) -> tuple[Tensor, Tensor]:
    """Return mean (4,) and covariance (4, 4) of the latents' channels over some crops."""
    with torch.no_grad():
        means = [model.encode(batches.draw(16, 128)).latent_dist.mean for _ in range(rounds)]
    flat = torch.cat(means).permute(1, 0, 2, 3).reshape(4, -1).double()
    return flat.mean(1), torch.cov(flat)


def whiten(model: AutoencoderKL, mean: Tensor, covariance: Tensor) -> None:
    """Change `model` in place so that latents of this mean and covariance become white; scaling factor 1."""
    values, vectors = torch.linalg.eigh(covariance)
    forward = vectors @ torch.diag(values.rsqrt()) @ vectors.T
    backward = vectors @ torch.diag(values.sqrt()) @ vectors.T
    inner, outer = model.quant_conv, model.post_quant_conv
    with torch.no_grad():
        weight, bias = inner.weight.double(), inner.bias.double()
        inner.weight[:4] = torch.einsum("ij,jklm->iklm", forward, weight[:4]).float()
        inner.bias[:4] = (forward @ (bias[:4] - mean)).float()
        inner.weight[4:] = 0
        inner.bias[4:] = 2 * torch.tensor(SPREAD).log()
        matrix = outer.weight.double()[:, :, 0, 0]
        outer.bias += (matrix @ mean).float()
        outer.weight[:, :, 0, 0] = (matrix @ backward).float()
    model.register_to_config(scaling_factor=1.0)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder written by dataset.py")
    parser.add_argument("--start", type=Path, required=True, help="folder written by autoencoder.py or decoder.py")
    parser.add_argument("--out", type=Path, required=True, help="folder for the changed autoencoder")
    arguments = parser.parse_args()
    model = AutoencoderKL.from_pretrained(arguments.start)
    mean, covariance = statistics(model, Batches(arguments.data, 7))
    print("mean", mean.tolist(), "spreads", torch.linalg.eigvalsh(covariance).sqrt().tolist())
    whiten(model, mean, covariance)
    model.save_pretrained(arguments.out)


if __name__ == "__main__":
    main()
