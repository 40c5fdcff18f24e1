"""A model without weights: a denoiser that is a formula, and an autoencoder that is one linear map.

Four kinds differ in how a latent is noised: `exploding` (AUTOMATIC1111), `sd3` (AUTOMATIC1111, the model noises),
`forge` and `flow` (the Forge family, a predictor noises).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d, conv_transpose2d, pad

KINDS = ("exploding", "sd3", "forge", "flow")


class Record(list[int]):
    """A list of the tests, not part of the model's state: PIXELS restores what encoding changes in a model."""


class Predictor:
    """How the Forge family noises: one function for every kind of model."""

    def __init__(self, flow: bool) -> None:
        self._flow = flow
        ends = (0.001, 1.0) if flow else (0.03, 12.0)
        self.sigmas = torch.linspace(*ends, 1000) if flow else torch.linspace(*map(math.log, ends), 1000).exp()

    def noise_scaling(self, sigma: Tensor, noise: Tensor, latent_image: Tensor, max_denoise: bool = False) -> Tensor:
        if self._flow:
            return (1 - sigma) * latent_image + sigma * noise
        return latent_image + noise * (torch.sqrt(1 + sigma**2) if max_denoise else sigma)


class Model:
    """`factor`: pixels to a latent's side; `frames`: latents have a dimension for time, as video models' have;
    `posterior`: how much the autoencoder draws from torch's global generator."""

    def __init__(
        self, kind: str = "exploding", *, channels: int = 4, factor: int = 8, frames: bool = False, posterior: float = 0
    ) -> None:
        self.kind, self.factor, self.frames, self._posterior = kind, factor, frames, posterior
        self.latent_channels = channels
        self.flow = kind in ("sd3", "flow")
        self.alphas_cumprod = torch.linspace(0.9995, 0.08, 1000, dtype=torch.float64).pow(2).to(torch.float32)
        self.first_stage_model = SimpleNamespace(dtype=torch.float32)
        self._kernel = _orthonormal(channels, factor)
        self.forget()
        if kind == "sd3":
            self.add_noise_to_latent = lambda x, noise, amount: x * (1 - amount) + noise * amount
        self.predictor = Predictor(self.flow) if kind in ("forge", "flow") else None
        if self.predictor:
            patched = SimpleNamespace(model=SimpleNamespace(predictor=self.predictor))
            self.forge_objects = SimpleNamespace(unet=patched)

    def forget(self) -> None:
        """Forget all calls."""
        self.calls: list[tuple[Tensor, float]] = []
        """What the denoiser was given: latent, and noise level in the sampler's own unit."""
        self.encoded = Record()
        """How many images each call of the encoder was given."""
        self.on_call: Callable[[int], None] = lambda number: None
        """Called with the number of each call before it."""

    def scales(self, sigma: float) -> tuple[float, float]:
        """Signal and noise at a sigma."""
        return (1 - sigma, sigma) if self.flow else (1.0, sigma)

    def denoised(self, x: Tensor, level: float, signal: float, scale: float) -> Tensor:
        """The prediction of a model that knows one thing: images are smooth, around a pattern of its own."""
        self.on_call(len(self.calls))
        self.calls.append((x.clone(), level))
        flat = x.reshape(-1, 1, *x.shape[-2:])
        smooth = avg_pool2d(pad(flat, (1, 1, 1, 1), mode="replicate"), 3, 1).reshape(x.shape)
        pattern = 0.3 * torch.sin(torch.arange(x.shape[-1], dtype=torch.float32))
        return (signal * (0.5 * x + 0.5 * smooth) + scale**2 * pattern) / (signal**2 + scale**2)

    def encode_first_stage(self, image: Tensor) -> Tensor:
        self.encoded.append(len(image))
        latent = conv2d(image, self._kernel, stride=self.factor) / self.factor
        if self._posterior:
            latent = latent + self._posterior * torch.randn_like(latent)
        return latent[:, :, None] if self.frames else latent

    def get_first_stage_encoding(self, encoding: Tensor) -> Tensor:
        return encoding

    def decode_first_stage(self, latent: Tensor) -> Tensor:
        flat = latent[:, :, 0] if self.frames else latent
        return conv_transpose2d(flat * self.factor, self._kernel, stride=self.factor)


def _orthonormal(channels: int, factor: int) -> Tensor:
    """Kernel `[C, 3, f, f]` with orthonormal rows, so that encoding undoes decoding; its first rows are the colors'
    means, so that an image shows what is in a latent."""
    size = 3 * factor**2
    rows = torch.randn(channels, size, generator=torch.Generator().manual_seed(5))
    for color in range(min(3, channels)):
        rows[color] = 0
        rows[color, color * factor**2 : (color + 1) * factor**2] = 1 / factor
    return torch.linalg.qr(rows.T)[0].T.reshape(channels, 3, factor, factor).contiguous()


class ModelWrap:
    """What samplers ask for their schedule; in the Forge family it also has the predictor."""

    def __init__(self, model: Model) -> None:
        self.inner_model = model
        if model.predictor:
            self.predictor: Any = model.predictor

    def get_sigmas(self, n: int) -> Tensor:
        if self.inner_model.flow:
            levels = torch.linspace(1, 1 / n, n)
        else:
            levels = torch.exp(torch.linspace(math.log(12), math.log(0.03), n))
        return torch.cat([levels, torch.zeros(1)])
