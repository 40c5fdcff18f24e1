"""A start for the autoencoder from which it learns in minutes: its encoder as a block PCA, its residuals at zero.

Torch's own start passes almost nothing of the picture on, and a small autoencoder needs its first quarter of an hour to
find out that it should. Here the skip path of the encoder carries the pixels: each level moves 2x2 places into
channels, and the last one projects the 8x8x3 pixels of a latent cell on their principal components.

What stands in the way is the end of the encoder, a group norm and a SiLU. Each component is therefore carried twice,
with both signs: then a group's mean is 0, and silu(x) - silu(-x) = x. Two constant channels in each group, again with
both signs, keep its variance nearly the same for all pictures.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers import AutoencoderKL
from diffusers.models.resnet import ResnetBlock2D
from torch import Tensor, nn
from torch.nn import functional

CONSTANT = 4.0
POSTERIOR_LOGVAR = -4.0


def start(model: AutoencoderKL, pictures: Tensor) -> None:
    """Change the untrained `model` in place; `pictures` (n, 3, h, w) in -1..1 are what the components are found from.

    It must have four levels, factor 8, and per group of the last norm two components and two constants: 6 channels.
    """
    encoder = model.encoder
    for block in model.modules():
        if isinstance(block, ResnetBlock2D):
            _silence(block)
    with torch.no_grad():
        carried = _carry_pixels(encoder)
        _project(encoder, pictures, carried, model.config.latent_channels)
        _read_out(encoder, pictures, model.config.latent_channels)
        for convolution in (model.quant_conv, model.post_quant_conv):
            nn.init.dirac_(convolution.weight)
            nn.init.zeros_(convolution.bias)


def _silence(block: ResnetBlock2D) -> None:
    """Let only the skip path through."""
    nn.init.zeros_(block.conv2.weight)
    nn.init.zeros_(block.conv2.bias)
    if block.conv_shortcut is not None:
        nn.init.orthogonal_(block.conv_shortcut.weight)
        nn.init.zeros_(block.conv_shortcut.bias)


def _carry_pixels(encoder: Any) -> int:
    """Carry all pixels through the first two levels, as channels; return how many channels they are then."""
    weight = encoder.conv_in.weight
    nn.init.normal_(weight, std=0.15)
    weight[:3] = 0
    for channel in range(3):
        weight[channel, channel, 1, 1] = 1
    nn.init.zeros_(encoder.conv_in.bias)
    carried = 3
    for level, block in enumerate(encoder.down_blocks[:3]):
        shortcut = block.resnets[0].conv_shortcut
        if shortcut is not None:
            shortcut.weight[:carried] = 0
            shortcut.weight[:, :carried] = 0
            for channel in range(carried):
                shortcut.weight[channel, channel, 0, 0] = 1
        if level == 2:
            break
        down = block.downsamplers[0].conv
        nn.init.zeros_(down.bias)
        down.weight[: 4 * carried] = 0
        for channel in range(carried):
            for place in range(4):
                down.weight[4 * channel + place, channel, place // 2, place % 2] = 0.5
        carried *= 4
    return carried


def _project(encoder: Any, pictures: Tensor, carried: int, latents: int) -> None:
    """Make the last downsampling the projection on principal components, each with both signs, and the constants."""
    hidden = encoder.conv_in(pictures)
    for block in encoder.down_blocks[:2]:
        hidden = block(hidden)
    hidden = encoder.down_blocks[2].resnets[0](hidden, None)[:, :carried]
    cells = functional.unfold(hidden, 2, stride=2).permute(1, 0, 2).reshape(4 * carried, -1).double()
    mean = cells.mean(1)
    values, vectors = torch.linalg.eigh(torch.cov(cells))
    rows = (vectors / values.clamp(min=1e-9).sqrt()).T.flip(0)  # from the largest component down, spread 1
    down = encoder.down_blocks[2].downsamplers[0].conv
    nn.init.zeros_(down.weight)

    def put(channel: int, component: int, sign: int) -> None:
        row = sign * rows[component]
        down.weight[channel, :carried, :2, :2] = row.float().reshape(carried, 2, 2)
        down.bias[channel] = -float(row @ mean)

    groups = encoder.conv_norm_out.num_groups
    width, each = len(down.bias) // groups, latents // groups
    spare = latents
    for group in range(groups):
        first = group * width
        for index in range(each):
            put(first + 2 * index, group * each + index, 1)
            put(first + 2 * index + 1, group * each + index, -1)
        down.bias[first + 2 * each], down.bias[first + 2 * each + 1] = CONSTANT, -CONSTANT
        for channel in range(first + 2 * each + 2, first + width):  # further components, for the residuals to use
            if spare < len(rows):
                put(channel, spare, 1)
                spare += 1


def _read_out(encoder: Any, pictures: Tensor, latents: int) -> None:
    """Make the last convolution give back the components, by least squares behind norm and SiLU."""
    seen: list[tuple[Tensor, Tensor]] = []
    hook = encoder.conv_norm_out.register_forward_hook(lambda _, inputs, output: seen.append((inputs[0], output)))
    encoder(pictures)
    hook.remove()
    before, normed = seen[0]
    after = functional.silu(normed)
    groups = encoder.conv_norm_out.num_groups
    width, each = before.shape[1] // groups, latents // groups
    last = encoder.conv_out
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    for component in range(latents):
        plus = component // each * width + component % each * 2
        felt = (after[:, plus] - after[:, plus + 1]).flatten()
        gain = (before[:, plus].flatten() @ felt) / (felt @ felt)
        last.weight[component, plus, 1, 1] = gain
        last.weight[component, plus + 1, 1, 1] = -gain
    last.bias[latents:] = POSTERIOR_LOGVAR
