"""Models for depth and words: loaded when first asked for, moved off again, and never asked twice for one picture."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from pixels_ext.errors import RequestError, one_line
from pixels_ext.imaging.hash import image_hash
from pixels_ext.imaging.mask_ops import Map
from pixels_ext.vision.locations import ModelLocations

_MOST_KEPT = 32
"""Answers that are kept, each about half a megabyte."""
Answer = NDArray[np.float32]


class VisionModels:
    """A `pixels_ext.maps.VisionProvider` through transformers.

    `device`: where models run. `keep`: whether a model stays in the computer's memory after its use; off the device it
    goes in any case. `make_room` is called before one comes to the device, `moved_off` when it has left.
    """

    def __init__(
        self,
        weights: ModelLocations,
        device: torch.device | str = "cpu",
        keep: bool = True,
        make_room: Callable[[], None] = lambda: None,
        moved_off: Callable[[], None] = lambda: None,
    ) -> None:
        self.weights = weights
        self._device, self._keep, self._make_room, self._moved_off = device, keep, make_room, moved_off
        self._loaded: dict[str, tuple[Any, Any]] = {}
        self._answers: OrderedDict[tuple[str, ...], Answer] = OrderedDict()

    def check(self, kind: str) -> None:
        if kind not in self._loaded:
            self.weights.located(kind)

    def depth(self, picture: Image.Image) -> Map:
        """How near each place is, 0 = the farthest, 1 = the nearest; `[h, w]` at the model's own size."""
        # Here, as below, because importing transformers takes seconds, and most edits need none of it.
        from pixels_ext.vision.depth import relative_depth

        key = ("depth", self.weights.depth, image_hash(picture))
        return self._once(key, lambda model, processor: relative_depth(model, processor, picture))

    def words(self, picture: Image.Image, phrases: Sequence[str]) -> Answer:
        """How likely each place is meant by each phrase, `[len(phrases), h, w]` at the model's own size."""
        from pixels_ext.vision.text import phrase_masks

        key = ("words", self.weights.words, image_hash(picture), *phrases)
        return self._once(key, lambda model, processor: phrase_masks(model, processor, picture, phrases))

    def _once(self, key: tuple[str, ...], ask: Callable[[Any, Any], Answer]) -> Answer:
        if key not in self._answers:
            with self._on_device(key[0]) as (model, processor), torch.inference_mode():
                self._answers[key] = ask(model, processor)
            if len(self._answers) > _MOST_KEPT:
                self._answers.popitem(last=False)
        self._answers.move_to_end(key)
        return self._answers[key]

    @contextmanager
    def _on_device(self, kind: str) -> Iterator[tuple[Any, Any]]:
        model, processor = self._loaded.pop(kind) if kind in self._loaded else self._load(kind)
        self._make_room()
        try:
            yield model.to(self._device), processor
        finally:
            model.to("cpu")
            if self._keep:
                self._loaded[kind] = model, processor
            self._moved_off()

    def _load(self, kind: str) -> tuple[Any, Any]:
        place = self.weights.located(kind)
        try:
            from pixels_ext.vision import depth
            from pixels_ext.vision import text as words

            return {"depth": depth.load, "words": words.load}[kind](place, self.weights.download)
        # Missing and broken files, another kind of model, no network: transformers raises all sorts of errors.
        except Exception as error:
            found = f"is {kind!r}, but its model in {place!r} could not be loaded ({one_line(error, 200)})"
            raise RequestError("type", found, f"a model for {kind} that transformers knows") from None
