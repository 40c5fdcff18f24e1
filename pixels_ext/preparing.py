"""From a request to what surgery needs: exemplars and release times on the source's canvas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from pixels_ext.compositing import lifted, over_source, surgical_picture
from pixels_ext.errors import RequestError
from pixels_ext.pictures import as_edit_map, resized_map
from pixels_ext.placement import place
from pixels_ext.release import combined
from pixels_ext.request import EditRequest, Exemplar
from pixels_ext.shaping import Map, shaped
from pixels_ext.thresholds import release_time

_ASPECT_TOLERANCE = 0.02  # rounding of small pictures, not a different crop


@dataclass(frozen=True)
class PreparedExemplar:
    """An exemplar on the canvas: `picture` RGB, `edit_map` float32 `[H, W]` in [0, 1], `threshold` its name."""

    picture: Image.Image
    edit_map: Map
    threshold: str

    def map_tensor(self) -> Tensor:
        """The edit map as the engine takes it: float32 `[1, 1, H, W]`."""
        return torch.tensor(self.edit_map)[None, None]

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
    try:
        placed = place(exemplar.image, canvas.size, exemplar.placement)
        edit_map = shaped(_map_on(exemplar, source.size, canvas.size), exemplar.shaping)
    except RequestError as error:
        raise error.below(f"exemplars[{index}]") from None
    threshold = exemplar.threshold or request.threshold
    return PreparedExemplar(over_source(canvas, placed), lifted(edit_map, placed), threshold)


def composite(canvas: Image.Image, exemplars: Sequence[PreparedExemplar], steps: int) -> Image.Image:
    """The surgical picture: what the edit starts from, before encoding and noise."""
    return surgical_picture(canvas, [(exemplar.picture, exemplar.release(steps)) for exemplar in exemplars])


def combined_release(exemplars: Sequence[PreparedExemplar], steps: int) -> Map:
    """Release time of every pixel under all maps, float32 `[H, W]`."""
    return combined([torch.tensor(exemplar.release(steps)) for exemplar in exemplars]).numpy()


def _map_on(exemplar: Exemplar, source: tuple[int, int], canvas: tuple[int, int]) -> Map:
    try:
        edit_map = as_edit_map(exemplar.edit_map)
    except RequestError as error:
        raise error.below("edit_map") from None
    height, width = edit_map.shape
    if abs(width * source[1] / (height * source[0]) - 1) > _ASPECT_TOLERANCE:
        found = f"is {width}x{height}, which has another aspect than the source"
        raise RequestError("edit_map", found, f"the aspect of {source[0]}x{source[1]}, at any size")
    return resized_map(edit_map, canvas)
