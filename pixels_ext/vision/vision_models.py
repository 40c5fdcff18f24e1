"""Runs vision models: loads one when it is first needed, moves it off the device after use, and caches its answers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from pixels_ext.errors import RequestError, one_line
from pixels_ext.imaging.hash import image_hash
from pixels_ext.vision.locations import ModelLocations
from pixels_ext.vision.model_kind import LoadedModel
from pixels_ext.vision.registry import MODEL_KINDS

_MAX_CACHED = 32
"""Answers in the cache, about half a megabyte each."""


class VisionModels:
    """A `pixels_ext.maps.VisionProvider` that runs the models of `MODEL_KINDS`.

    `device`: where models run. `keep_loaded`: whether a model stays in main memory after use; it leaves the device in
    any case. `free_memory` is called before a model is moved to the device, `after_unload` when it has left.
    """

    def __init__(
        self,
        locations: ModelLocations,
        device: torch.device | str = "cpu",
        keep_loaded: bool = True,
        free_memory: Callable[[], None] = lambda: None,
        after_unload: Callable[[], None] = lambda: None,
    ) -> None:
        self.locations = locations
        self._device, self._keep_loaded = device, keep_loaded
        self._free_memory, self._after_unload = free_memory, after_unload
        self._loaded: dict[str, LoadedModel] = {}
        self._answers: OrderedDict[tuple[str, ...], NDArray[np.float32]] = OrderedDict()

    def check(self, kind: str) -> None:
        """Raise `RequestError` if the files of the model of this kind cannot be found."""
        if kind not in self._loaded:
            self.locations.find(kind)

    def ask(self, kind: str, image: Image.Image, phrases: Sequence[str] = ()) -> NDArray[np.float32]:
        """What the model of this kind answers for an RGB image (see `ModelKind`). The same question is answered from
        the cache. Raises `RequestError` if the model cannot be found, loaded or asked this."""
        key = (kind, self.locations.name(kind), image_hash(image), *phrases)
        if key not in self._answers:
            with self._on_device(kind) as loaded, torch.inference_mode():
                self._answers[key] = MODEL_KINDS[kind].ask(loaded, image, phrases)
            if len(self._answers) > _MAX_CACHED:
                self._answers.popitem(last=False)
        self._answers.move_to_end(key)
        return self._answers[key]

    @contextmanager
    def _on_device(self, kind: str) -> Iterator[LoadedModel]:
        loaded = self._loaded.pop(kind) if kind in self._loaded else self._load(kind)
        self._free_memory()
        try:
            loaded.model.to(self._device)
            yield loaded
        finally:
            loaded.model.to("cpu")
            if self._keep_loaded:
                self._loaded[kind] = loaded
            self._after_unload()

    def _load(self, kind: str) -> LoadedModel:
        location = self.locations.find(kind)
        try:
            return MODEL_KINDS[kind].load(location, self.locations.allow_download)
        except Exception as error:  # missing or broken files, another kind of model, no network: of many types
            found = f"is {kind!r}, but its model in {location!r} could not be loaded ({one_line(error, 200)})"
            raise RequestError("type", found, f"a model for {kind} that transformers can load") from None
