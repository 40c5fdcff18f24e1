"""From a request to what surgery needs: exemplars and release times on the source's canvas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np
import torch
from PIL import Image

from pixels_ext.compositing import lifted, over_source, surgical_picture
from pixels_ext.errors import RequestError
from pixels_ext.pictures import as_edit_map, resized_map
from pixels_ext.placement import place
from pixels_ext.request import EditRequest, Exemplar
from pixels_ext.shaping import Map, shaped
from pixels_ext.thresholds import release_time

_ASPECT_TOLERANCE = 0.02  # rounding of small pictures, not a different crop


@dataclass(frozen=True)
class PreparedExemplar:
    """An exemplar on the canvas: `picture` RGB, `edit_map` float32 `[H, W]` in [0, 1], `threshold` by name."""

    picture: Image.Image
    edit_map: Map
    threshold: str

    def release(self, steps: int) -> Map:
        """Release time of every pixel, float32 `[H, W]`."""
        return release_time(torch.tensor(self.edit_map), self.threshold, steps).numpy()


def passes(request: EditRequest) -> list[list[int]]:
    """Which exemplars take part in each run of the sampler: all at once (Algorithm 2), or one after another, each
    result being the next source (Algorithm 1 repeated, appendix 2)."""
    every = list(range(len(request.exemplars)))
    return [[i] for i in every] if request.mode == "iterative" else [every]


def prepared(request: EditRequest, index: int, source: Image.Image, canvas: Image.Image) -> PreparedExemplar:
    """Exemplar `index` of `request`, ready for surgery.

    `source`: the picture as the user gave it, whose aspect the edit map must have. `canvas`: the same picture (RGB) at
    the size at which the edit is made. Raises `RequestError` naming the exemplar's field.
    """
    exemplar = request.exemplars[index]
    placed = place(exemplar.image, canvas.size, exemplar.placement)
    try:
        own_map = _own_map(exemplar, source.size)
    except RequestError as error:
        raise error.below(f"exemplars[{index}].edit_map") from None
    edit_map = shaped(resized_map(own_map, canvas.size), exemplar.shaping)
    threshold = exemplar.threshold or request.threshold
    return PreparedExemplar(over_source(canvas, placed), lifted(edit_map, placed), threshold)


def composite(canvas: Image.Image, exemplars: Iterable[PreparedExemplar], steps: int) -> Image.Image:
    """The surgical picture: what the edit starts from, before encoding and noise."""
    return surgical_picture(canvas, ((exemplar.picture, exemplar.release(steps)) for exemplar in exemplars))


def combined_release(exemplars: Iterable[PreparedExemplar], steps: int) -> Map:
    """Release time of every pixel under all maps, float32 `[H, W]`."""
    return reduce(np.minimum, (exemplar.release(steps) for exemplar in exemplars))


def check_maps(request: EditRequest, source: Image.Image) -> None:
    """Raise `RequestError` if any edit map cannot be used over `source`: before a first pass, not before its own."""
    for index, exemplar in enumerate(request.exemplars):
        try:
            _own_map(exemplar, source.size)
        except RequestError as error:
            raise error.below(f"exemplars[{index}].edit_map") from None


def _own_map(exemplar: Exemplar, source: tuple[int, int]) -> Map:
    """The edit map at its own size; its aspect must be the source's."""
    edit_map = as_edit_map(exemplar.edit_map)
    height, width = edit_map.shape
    if abs(width * source[1] / (height * source[0]) - 1) > _ASPECT_TOLERANCE:
        found = f"is {width}x{height}, which has another aspect than the source"
        raise RequestError("", found, f"the aspect of {source[0]}x{source[1]}, at any size")
    return edit_map
