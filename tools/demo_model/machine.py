"""What the training takes from the machine at hand: device, precision, worker processes, sizes of batches."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class Machine:
    """Where the training runs.

    `crops` and `large_crops`: crops in a batch of 64 and of 128 px; `latents` and `large_latents`: pictures in a batch
    of the denoiser, at half and at whole size.
    """

    device: str
    workers: int
    crops: int
    large_crops: int
    latents: int
    large_latents: int

    def autocast(self) -> torch.autocast:
        """Return the context in which models are run: bfloat16 where that is safe."""
        return torch.autocast(self.device, torch.bfloat16)

    def placed(self, module: Any) -> Any:
        """Put a module on the device, in the memory layout that is fast there, and return it."""
        layout = torch.channels_last if self.device == "cuda" else torch.contiguous_format
        return module.to(self.device, memory_format=layout)


def _cpu() -> Machine:
    return Machine("cpu", workers=0, crops=12, large_crops=6, latents=32, large_latents=8)


def _cuda() -> Machine:
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.backends.cudnn.benchmark = True
    workers = max(1, min(12, (os.cpu_count() or 2) - 2))
    return Machine("cuda", workers, crops=96, large_crops=48, latents=512, large_latents=128)


MACHINES: dict[str, Callable[[], Machine]] = {"cpu": _cpu, "cuda": _cuda}
