"""The memory of tensors, followed exactly: an allocator rounds and keeps, and the system sees only that."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode


class TensorMemory(TorchDispatchMode):
    """Follows the bytes of all tensors made since it was entered. `most` is the largest sum at any time,
    `most_denoising` the largest while `unet` works."""

    def __init__(self, unet: torch.nn.Module) -> None:
        super().__init__()
        self._alive: dict[int, tuple[StorageWeakRef, int]] = {}
        self._denoising = False
        self.most = self.most_denoising = 0
        unet.register_forward_pre_hook(lambda *_: setattr(self, "_denoising", True))
        unet.register_forward_hook(lambda *_: setattr(self, "_denoising", False))

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else (result,):
            if isinstance(tensor, Tensor):
                storage = tensor.untyped_storage()
                self._alive.setdefault(storage._cdata, (StorageWeakRef(storage), storage.nbytes()))
        self._alive = {key: entry for key, entry in self._alive.items() if not entry[0].expired()}
        living = sum(size for _, size in self._alive.values())
        self.most = max(self.most, living)
        if self._denoising:
            self.most_denoising = max(self.most_denoising, living)
        return result
