"""FID: torchmetrics' Fréchet distance between the features that the Inception network of 2015 sees.

The network is the TorchScript file that clean-fid and the StyleGAN family use (converted from TensorFlow's original),
which needs no torchvision: PyPI's torchvision is built for CUDA and cannot be imported beside a torch for CPUs.
Pictures are brought to the network's size as clean-fid does: Pillow's bicubic, in floats.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance

from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.errors import first_line

INCEPTION = "https://nvlabs-fi-cdn.nvidia.com/stylegan2-ada-pytorch/pretrained/metrics/inception-2015-12-05.pt"
"""About 90 MB; fetched once, into torch's folder for such files."""
FEATURES = 2048
"""As many numbers does the network say of a picture."""
_SIDE = 299


class Inception:
    """The network's last pooled features. `file`: the TorchScript, fetched if none is given. Raises `ModelError`."""

    def __init__(self, file: str | None, device: torch.device) -> None:
        try:
            path = Path(file) if file else _fetched()
            self._layers: Any = torch.jit.load(str(path), map_location=device).eval().layers
            self.told = f"{path.name}, SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}"
            self.width = self._of(torch.zeros(1, 3, _SIDE, _SIDE, device=device)).shape[1]
        except Exception as error:  # no file, no network, another format
            found = f"{file or INCEPTION!r} cannot be used: {first_line(error)}"
            raise ModelError("inception", found, "inception-2015-12-05.pt") from error
        self._device = device

    @torch.inference_mode()
    def features(self, picture: Image.Image) -> Tensor:
        """Features `[1, width]` of an RGB picture of any size."""
        return self._of(_resized(picture).to(self._device)).cpu()

    def _of(self, pixels: Tensor) -> Tensor:
        """`pixels`: float32 `[n, 3, 299, 299]` in [0, 255]."""
        return self._layers(pixels / 128 - 1).flatten(1)


class Frechet:
    """Features of two sets, taken in one by one, and the distance between them:
    `|mu_1 - mu_2|^2 + tr(S_1 + S_2 - 2 (S_1 S_2)^(1/2))`, with means `mu` and covariances `S` in double precision."""

    def __init__(self, width: int) -> None:
        self._metric = FrechetInceptionDistance(feature=_Seen(width))

    def add(self, features: Tensor, *, real: bool) -> None:
        """`features`: `[n, width]`, of pictures that belong to the reference set, or to the set that is judged."""
        self._metric.update(features.double(), real=real)

    def distance(self) -> float:
        """Raises `RuntimeError` with fewer than two of either."""
        return float(self._metric.compute())


class _Seen(nn.Identity):
    """In place of a network: the metric is given features."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.num_features: Any = width


def _fetched() -> Path:
    path = Path(torch.hub.get_dir()) / "checkpoints" / INCEPTION.rpartition("/")[2]
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(INCEPTION, str(path))
    return path


def _resized(picture: Image.Image) -> Tensor:
    """float32 `[1, 3, 299, 299]` in [0, 255], never rounded on the way."""
    channels = (np.array(channel, np.float32) for channel in picture.convert("RGB").split())
    size, bicubic = (_SIDE, _SIDE), Image.Resampling.BICUBIC
    resized = [np.array(Image.fromarray(channel).resize(size, bicubic)) for channel in channels]
    return torch.from_numpy(np.stack(resized)).clamp(0, 255)[None]
