"""Flux's packing of a latent: a patch of two by two cells becomes one token."""

from __future__ import annotations

from torch import Tensor


def pack_latents(latent: Tensor) -> Tensor:
    """`[B, C, h, w]` to tokens `[B, h / 2 * w / 2, 4 * C]`."""
    batch, channels, height, width = latent.shape
    cells = latent.reshape(batch, channels, height // 2, 2, width // 2, 2)
    return cells.permute(0, 2, 4, 1, 3, 5).reshape(batch, height // 2 * (width // 2), channels * 4)


def unpack_latents(tokens: Tensor, size: tuple[int, int]) -> Tensor:
    """Tokens `[B, h / 2 * w / 2, 4 * C]` to `[B, C, h, w]`. `size`: the latent's `(h, w)`."""
    height, width = size
    cells = tokens.reshape(tokens.shape[0], height // 2, width // 2, tokens.shape[-1] // 4, 2, 2)
    return cells.permute(0, 3, 1, 4, 2, 5).reshape(tokens.shape[0], -1, height, width)
