"""Train the demo model's autoencoder on the CPU, within a number of minutes.

    OMP_WAIT_POLICY=passive python -m pixels_ext.standalone.demo.training.autoencoder \\
        --data DIR --out DIR/vae --log autoencoder.csv --minutes 40

Its latents are whitened by whiten.py afterwards and its decoder is sharpened by decoder.py.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import cast

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from .budget import Budget, Log, cosine
from .dataset import load
from .losses import reconstruction_loss
from .photographs import Photographs

KL_WEIGHT = 1e-4
COLOUR_WEIGHT = 0.3
PHOTO_SHARE = 0.15


def build(channels: tuple[int, ...] = (64, 64, 64, 128)) -> AutoencoderKL:
    """Return the untrained autoencoder, of Stable Diffusion 1's shape: factor 8, four latent channels.

    A first width of 32 would make each of the 32 norm groups one channel, which loses the picture's mean colour.
    """
    count = len(channels)
    return AutoencoderKL(
        block_out_channels=channels,
        down_block_types=("DownEncoderBlock2D",) * count,
        up_block_types=("UpDecoderBlock2D",) * count,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=32,
        sample_size=256,
    )


class Batches:
    """Draws training crops from the scenes and the photographs."""

    def __init__(self, folder: Path, seed: int) -> None:
        pictures, _, scenes = load(folder)
        self._scenes = pictures[:scenes]
        self._photographs = Photographs()
        self._rng = np.random.default_rng(seed)

    def draw(self, count: int, size: int) -> Tensor:
        """Return crops float32 (count, 3, size, size) in -1..1."""
        crops = [self._crop(size) for _ in range(count)]
        return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).contiguous().float() / 127.5 - 1

    def _crop(self, size: int) -> np.ndarray:
        rng = self._rng
        if rng.random() < PHOTO_SHARE:
            return self._photographs.crop(rng, size)[0]
        picture = self._scenes[rng.integers(len(self._scenes))]
        if rng.random() < 0.25:
            halves = picture.reshape(128, 2, 128, 2, 3).mean((1, 3))
            picture = np.rint(halves).astype(np.uint8)
        top, left = rng.integers(0, picture.shape[0] - size + 1, 2)
        crop = picture[top : top + size, left : left + size]
        return crop[:, ::-1] if rng.random() < 0.5 else crop


def latent_spread(model: AutoencoderKL, batches: Batches) -> float:
    """Return the standard deviation of the latents over some crops."""
    with torch.no_grad():
        return float(model.encode(batches.draw(64, 128)).latent_dist.mean.std())


def save(average: AveragedModel, batches: Batches, out: Path) -> None:
    """Save the averaged model to the folder `out`, with the scaling factor its latents ask for."""
    model = cast(AutoencoderKL, average.module)
    model.register_to_config(scaling_factor=round(1 / latent_spread(model, batches), 5))
    model.save_pretrained(out)


def psnr(decoded: Tensor, pictures: Tensor) -> float:
    """Peak signal-to-noise ratio of float tensors in -1..1, in dB."""
    return -10 * ((decoded.detach() - pictures) ** 2 / 4).mean().log10().item()


def train(arguments: argparse.Namespace) -> None:
    """Train until the time is used up; saves the average every few minutes."""
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    batches, spare = Batches(arguments.data, arguments.seed), Batches(arguments.data, arguments.seed + 1)
    model = AutoencoderKL.from_pretrained(arguments.start).train() if arguments.start else build()
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.997))
    # Latents from which the small picture can be read by a linear map keep its colours apart from the start.
    thumbnail = nn.Conv2d(4, 3, 1)
    parameters = [*model.parameters(), *thumbnail.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=arguments.rate, betas=(0.9, 0.99), weight_decay=1e-4)
    budget, log = Budget(arguments.minutes), Log(arguments.log)
    step, saved = 0, 0.0
    while (fraction := budget.fraction) < 1:
        for group in optimizer.param_groups:
            group["lr"] = cosine(fraction, arguments.rate, arguments.rate / 10)
        pictures = batches.draw(16, 64) if fraction < arguments.small_until else batches.draw(6, 128)
        with torch.autocast("cpu", torch.bfloat16):
            posterior = model.encode(pictures).latent_dist
            decoded = model.decode(posterior.sample()).sample.float()
        mean, logvar = posterior.mean.float(), posterior.logvar.float()
        divergence = 0.5 * (mean**2 + logvar.exp() - 1 - logvar).mean()
        colours = (thumbnail(mean) - functional.avg_pool2d(pictures, 8)).abs().mean()
        loss = reconstruction_loss(decoded, pictures)
        values = {"loss": loss, "colours": colours, "kl": divergence, "std": mean.std()}
        loss = loss + KL_WEIGHT * divergence + COLOUR_WEIGHT * colours
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        average.update_parameters(model)
        step += 1
        numbers = {name: value.item() for name, value in values.items()}
        log.add(step, budget.elapsed, {**numbers, "psnr": psnr(decoded, pictures)})
        if budget.elapsed - saved > 180:
            save(average, spare, arguments.out)
            saved = budget.elapsed
    save(average, spare, arguments.out)
    print("steps", step)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder written by dataset.py")
    parser.add_argument("--out", type=Path, required=True, help="folder for the trained autoencoder (diffusers)")
    parser.add_argument("--log", type=Path, required=True, help="CSV of the losses")
    parser.add_argument("--start", type=Path, help="autoencoder folder to go on from")
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--small-until", type=float, default=0.4, help="share of the time spent on 64-pixel crops")
    parser.add_argument("--rate", type=float, default=1e-3, help="highest learning rate")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
