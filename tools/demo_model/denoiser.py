"""The UNet and the text encoder: their shapes, and their training together on latents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTokenizer

from .autoencoder import LATENTS
from .export import scheduler
from .latents import Latents
from .machine import Machine
from .optimizers import Average, Both
from .stage import Stage, cosine, warm
from .text import WIDTH, build_text_encoder, build_tokenizer, token_ids
from .words import teach

WIDTHS = (96, 128, 160)
SMALL_UNTIL = 0.5
"""Share of the time spent on half-size pictures alone."""
SMALL_AFTER = 0.25
"""Share of half-size batches after that."""
TAUGHT = 0.01
"""Share of the time in which the text encoder learns alone, before the rest."""
EMPTY_SHARE = 0.25
CHANGED_SHARE = 0.4
"""Share of the noisy pictures that are to become another of their family, the one that the caption tells of."""
CHANGED_TIMES, CHANGED_SAY = (250, 500), 0.9
"""Time steps at which the caption begins to overrule the picture, and from which on it does so most; how far then."""
COARSE = (2, 4, 8)
"""Sides of the squares over which errors are averaged and counted again."""
BLENDED_SHARE, BLANK_SHARE, BLANK_FROM = 0.3, 0.3, 900
"""Shares of those in which the picture is on its way to the other one already, or (from a time step on) not there."""
SEAM_SHARE, SEAM_LYING, SEAM_WIDTH, SEAM_TIMES, SEAM_SAY = 0.2, 0.3, 0.22, (20, 120), 1.5
"""Share of hard pastes that are to melt, and of lying seams among them; how wide the transition is, as a share of the
side; from which time steps on it melts in part and most; how far then: more than wholly, as sampling falls short."""
SEAM_UNLIKE = 0.5
"""Share of them that are of any two pictures; the others are one land at two times of day."""
MUON, ADAM, DECAY = 0.02, 1e-3, 0.998


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


def coarse_errors(difference: Tensor) -> Tensor:
    """Return the mean square of `difference` (n, channels, h, w) averaged over squares of several sides (n,), each
    times its side.

    Colors are a small part of the numbers and can be told well even where there is much noise, so their errors count
    little in the mean square, and are seen as blotches.
    """
    total = difference.new_zeros(len(difference))
    for side in (side for side in COARSE if side <= min(difference.shape[2:])):
        total = total + side * functional.avg_pool2d(difference, side).square().mean((1, 2, 3))
    return total


def overruled(shown: Tensor, wanted: Tensor, times: Tensor) -> tuple[Tensor, Tensor]:
    """Return what is to be noised and what it is to become, at `times` (n,), of two of a family (n, channels, h, w).

    In a noisy latent of this size the colors of the whole picture can be seen at every noise level, so a caption that
    is true of it tells nothing new and is never listened to. Here captions contradict the picture.
    """
    count = len(times)
    blend = (torch.rand(count) * (torch.rand(count) < BLENDED_SHARE)).view(-1, 1, 1, 1)
    blank = ((times >= BLANK_FROM) & (torch.rand(count) < BLANK_SHARE)).view(-1, 1, 1, 1)
    shown = torch.where(blank, 0, shown + blend * (wanted - shown))
    first, last = CHANGED_TIMES
    say = CHANGED_SAY * ((times - first) / (last - first)).clamp(0, 1).view(-1, 1, 1, 1)
    return shown, shown + say * (wanted - shown)


def melted(left: Tensor, right: Tensor, times: Tensor) -> tuple[Tensor, Tensor]:
    """Return hard pastes of two pictures (n, channels, h, w), at a column or row, and what they are to become: a
    transition, the more of it the more noise there is (n,). Half of the pastes are on their way there already."""
    count, side = len(times), left.shape[-1]
    turned = (torch.rand(count) < SEAM_LYING).view(-1, 1, 1, 1)
    place = (torch.arange(side) + 0.5) / side - torch.empty(count, 1, 1, 1).uniform_(0.25, 0.75)
    hard, soft = (place > 0).float(), (place / SEAM_WIDTH + 0.5).clamp(0, 1)
    hard, soft = (torch.where(turned, each.mT, each) for each in (hard, soft))
    first, last = SEAM_TIMES
    say = SEAM_SAY * ((times - first) / (last - first)).clamp(0, 1).view(-1, 1, 1, 1)
    hard = hard + (torch.rand(count) * (torch.rand(count) < 0.5)).view(-1, 1, 1, 1) * (soft - hard)
    shown, wanted = (left + weight * (right - left) for weight in (hard, soft))
    return shown, shown + say * (wanted - shown)


def batch(latents: Latents, count: int, *, small: bool) -> tuple[Tensor, Tensor, Tensor, list[str], Tensor]:
    """Return a batch: what is noised, what it is to become, time steps, captions, and which are changed (n,)."""
    shown, captions = latents.draw(count, small=small)
    wanted, times, kind = shown.clone(), drawn_times(count), torch.rand(count)
    for index in (torch.rand(count) < EMPTY_SHARE).nonzero()[:, 0].tolist():
        captions[index] = ""
    seams = (times >= SEAM_TIMES[0]) & (kind < SEAM_SHARE)
    changed = (times >= CHANGED_TIMES[0]) & (kind > 1 - CHANGED_SHARE)
    for chosen, change in ((seams, melted), (changed, overruled)):
        indices = chosen.nonzero()[:, 0].tolist()
        if not indices:
            continue
        before, after, told = latents.draw_changed(len(indices), small=small, same_land=change is melted)
        if change is melted:
            told = [""] * len(indices)
            unlike = torch.rand(len(indices)) < SEAM_UNLIKE
            after[unlike] = latents.draw(len(indices), small=small)[0][unlike]
        shown[indices], wanted[indices] = change(before, after, times[indices])
        for index, caption in zip(indices, told, strict=True):
            captions[index] = caption
    return shown, wanted, times, captions, changed


def train(latents: Latents, out: Path, minutes: float, machine: Machine) -> tuple[Denoiser, CLIPTokenizer]:
    """Train until the time is used up, on half-size pictures first; return the average, and the tokenizer."""
    torch.manual_seed(1)
    tokenizer = build_tokenizer()
    model = Denoiser(tokenizer)
    machine.placed(model.train())
    if not (out / "state.pt").exists():
        teach(model.encoder, tokenizer, latents, machine, TAUGHT * minutes * 60)
    average = Average(model, machine.placed(Denoiser(tokenizer)), DECAY)
    optimizer = Both([model], MUON, ADAM)
    stage = Stage(out, minutes, {"model": model, "average": average, "optimizer": optimizer})
    rng = np.random.default_rng((4, stage.step))
    noise_scheduler = scheduler()
    alphas = noise_scheduler.alphas_cumprod
    while not stage.over():
        small = stage.fraction < SMALL_UNTIL or rng.random() < SMALL_AFTER
        count = machine.latents if small else machine.large_latents
        shown, wanted, times, captions, changed = batch(latents, count, small=small)
        noisy = noise_scheduler.add_noise(shown, torch.randn_like(shown), times)
        alpha = alphas[times].view(-1, 1, 1, 1)
        noise = (noisy - alpha.sqrt() * wanted) / (1 - alpha).sqrt()
        moved = [each.to(machine.device, non_blocking=True) for each in (noisy, times, token_ids(tokenizer, captions))]
        with machine.autocast():
            predicted = model(*moved).float()
        difference = predicted - noise.to(machine.device)
        errors = difference.square().mean((1, 2, 3))
        colors = coarse_errors(difference) * ~changed.to(machine.device)
        loss = ((errors + colors) * time_weights(alphas, times).to(machine.device)).mean()
        optimizer.step(loss, cosine(stage.fraction, 0.03) * warm(stage.step))
        average.update()
        kept, made = errors.detach().cpu()[~changed], errors.detach().cpu()[changed]
        values = {"loss": loss.item(), "error": kept.mean().item(), "changed": made.mean().nan_to_num().item()}
        values["colors"] = colors.mean().item()
        stage.stepped({**values, "small": float(small)})
    stage.save()
    return average.module, tokenizer
