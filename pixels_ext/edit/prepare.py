"""From a request to what surgery needs: exemplars and release times on the source's canvas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np
import torch
from PIL import Image

from pixels_ext.core.thresholds import release_time
from pixels_ext.errors import RequestError
from pixels_ext.imaging.compositing import lifted, over_source, surgical_picture
from pixels_ext.imaging.mask_ops import COMBINATIONS, Map
from pixels_ext.imaging.placement import place, place_map
from pixels_ext.imaging.shaping import shaped
from pixels_ext.maps import MapSpec, MapProviders, MapContext, as_map_spec
from pixels_ext.maps.map_spec import check_aspect
from pixels_ext.request import EditRequest, Exemplar


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


def prepared(
    request: EditRequest, index: int, source: Image.Image, canvas: Image.Image, means: MapProviders
) -> PreparedExemplar:
    """Exemplar `index` of `request`, ready for surgery.

    `source`: the picture that maps are made from and lie over, RGB at the size at which the edit is made. `canvas`: the
    picture of the same size that is edited; another one than `source` in the later passes of an iterative edit.
    `means`: what the room offers for making maps. Raises `RequestError` naming the exemplar's field.
    """
    exemplar = request.exemplars[index]
    scene = _scene(request, exemplar, source, canvas.size, means)
    with _below(f"exemplars[{index}]"):
        edit_map = _combined_map(exemplar, scene)
    threshold = exemplar.threshold or request.threshold
    return PreparedExemplar(over_source(canvas, scene.placed), lifted(edit_map, scene.placed), threshold)


def unshaped_map(request: EditRequest, index: int, field: str, source: Image.Image, means: MapProviders) -> Map:
    """One map of exemplar `index` before it is shaped, float32 `[H, W]` in [0, 1], over `source` (RGB). `field`:
    "edit_map" or "second_map". Raises `RequestError`, also when there is no such map."""
    exemplar = request.exemplars[index]
    with _below(f"exemplars[{index}].{field}"):
        edit_map = getattr(exemplar, field)
        if edit_map is None:
            raise RequestError("", "is missing", "a map")
        _check_map(edit_map, source.size, means)
        return _made(edit_map, _scene(request, exemplar, source, source.size, means))


def _scene(request: EditRequest, exemplar: Exemplar, source: Image.Image, size: tuple[int, int], means: MapProviders) -> MapContext:
    return MapContext(
        canvas=source,
        exemplar=exemplar.image,
        placed=place(exemplar.image, size, exemplar.placement),
        place_map=partial(place_map, size=size, placement=exemplar.placement),
        providers=means,
        white_edits=request.white_means == "exemplar",
    )


def _combined_map(exemplar: Exemplar, scene: MapContext) -> Map:
    with _below("edit_map"):
        edit_map = shaped(_made(exemplar.edit_map, scene), exemplar.shaping)
    if exemplar.second_map is None:
        return edit_map
    with _below("second_map"):
        second = shaped(_made(exemplar.second_map, scene), exemplar.second_shaping)
    return COMBINATIONS[exemplar.combine](edit_map, second)


def _made(edit_map: Image.Image | MapSpec, scene: MapContext) -> Map:
    try:
        return as_map_spec(edit_map).make(scene)
    except RequestError as error:
        if isinstance(edit_map, Image.Image):  # the picture is the field itself, not a part of it
            raise RequestError("", error.found, error.expected) from None
        raise


def composite(canvas: Image.Image, exemplars: Iterable[PreparedExemplar], steps: int) -> Image.Image:
    """The surgical picture: what the edit starts from, before encoding and noise."""
    return surgical_picture(canvas, ((exemplar.picture, exemplar.release(steps)) for exemplar in exemplars))


def combined_release(exemplars: Iterable[PreparedExemplar], steps: int) -> Map:
    """Release time of every pixel under all maps, float32 `[H, W]`."""
    return reduce(np.minimum, (exemplar.release(steps) for exemplar in exemplars))


def check_maps(request: EditRequest, source_size: tuple[int, int], means: MapProviders) -> None:
    """Raise `RequestError` if any edit map cannot be made over a source of this size `(width, height)`, as far as that
    shows before it is made: before a first pass, not before its own."""
    for index, exemplar in enumerate(request.exemplars):
        for name, edit_map in (("edit_map", exemplar.edit_map), ("second_map", exemplar.second_map)):
            if edit_map is None:
                continue
            with _below(f"exemplars[{index}].{name}"):
                _check_map(edit_map, source_size, means)


def _check_map(edit_map: Image.Image | MapSpec, source_size: tuple[int, int], means: MapProviders) -> None:
    if isinstance(edit_map, Image.Image):
        check_aspect(edit_map, source_size)
    else:
        edit_map.check_use(source_size, means)


@contextmanager
def _below(parent: str) -> Iterator[None]:
    """What goes wrong inside goes wrong below this part of the request."""
    try:
        yield
    except RequestError as error:
        raise error.within(parent) from None
