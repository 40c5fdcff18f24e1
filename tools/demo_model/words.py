"""A first lesson for the text encoder: to tell from a caption roughly what the picture looks like.

Next to the UNet alone it would learn what words mean through an attention that does not listen yet.
"""

from __future__ import annotations

import time

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextModel, CLIPTokenizer

from .latents import Latents
from .machine import Machine
from .text import WIDTH, token_ids

PLACES = 4
"""The picture is told as this many places each way."""
RATE = 1e-3


def coarse(latents: Tensor) -> Tensor:
    """Return the means of latents (n, channels, h, w) over a grid of places (n, channels * PLACES**2)."""
    return functional.adaptive_avg_pool2d(latents, PLACES).flatten(1)


def teach(
    encoder: CLIPTextModel, tokenizer: CLIPTokenizer, latents: Latents, machine: Machine, seconds: float
) -> float:
    """Train `encoder` in place for some `seconds` to tell the coarse latents from the mean of its tokens' outputs.

    Returns how much of the latents' variance it could not tell in the last step, as a share.
    """
    channels = latents.draw(1, small=True)[0].shape[1]
    head = machine.placed(nn.Linear(WIDTH, channels * PLACES**2))
    optimizer = torch.optim.AdamW([*encoder.parameters(), *head.parameters()], RATE, (0.9, 0.99), weight_decay=1e-4)
    start, left = time.monotonic(), 1.0
    while (fraction := (time.monotonic() - start) / seconds) < 1:
        clean, captions = latents.draw(machine.latents, small=True)
        wanted = coarse(clean).to(machine.device)
        told = head(encoder(token_ids(tokenizer, captions).to(machine.device)).last_hidden_state.mean(1))
        loss = (told - wanted).square().mean() / wanted.var()
        for group in optimizer.param_groups:
            group["lr"] = RATE * (1 - fraction)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        left = loss.item()
    return left
