"""The one device of the fake WebUI."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

device = cpu = torch.device("cpu")
dtype = dtype_vae = torch.float32


def torch_gc() -> None:
    pass


def autocast(disable: bool = False) -> AbstractContextManager[None]:
    return nullcontext()
