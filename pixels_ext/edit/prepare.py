"""From a request to what latent surgery takes: each exemplar and its edit map on the canvas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pixels_ext.core.release import DEFAULT_SEAM_WIDTH, ExemplarMaps, release_map, source_release
from pixels_ext.errors import RequestError
from pixels_ext.imaging.compositing import paste_over_source, protect_uncovered
from pixels_ext.imaging.mask_ops import COMBINATIONS, Map, limit
from pixels_ext.imaging.placement import place, place_map
from pixels_ext.imaging.shaping import apply_shaping
from pixels_ext.maps import MapContext, MapProviders, MapSpec, as_map_spec
from pixels_ext.maps.map_spec import check_aspect
from pixels_ext.request import EditRequest, Exemplar


@dataclass(frozen=True)
class PreparedExemplar:
    """An exemplar on the canvas: `image` RGB, and what `pixels_ext.core.release.ExemplarMaps` has: `edit_map` and
    `limited_map` float32 `[H, W]` in [0, 1] (0 = exemplar, 1 = source) of the image's size, and the settings."""

    image: Image.Image
    edit_map: Map
    threshold: str
    limited_map: Map | None = None
    hold: float = 0.0
    lay_up_to: float = 0.0
    seam_width: float = DEFAULT_SEAM_WIDTH

    def maps(self, to_tensor: Callable[[Map], Tensor] = torch.tensor) -> ExemplarMaps:
        """The maps as surgery takes them; `to_tensor` resizes them on the way."""
        limited = None if self.limited_map is None else to_tensor(self.limited_map)
        return ExemplarMaps(
            to_tensor(self.edit_map), self.threshold, limited, self.hold, self.lay_up_to, self.seam_width
        )


def passes(request: EditRequest) -> list[list[int]]:
    """The indices of the exemplars in each pass of the sampler: all in one pass (Algorithm 2), or one in each, whose
    result is the next source (Algorithm 1 repeated, appendix 2)."""
    indices = list(range(len(request.exemplars)))
    return [[i] for i in indices] if request.mode == "iterative" else [indices]


def prepare_exemplar(
    request: EditRequest, index: int, source: Image.Image, canvas: Image.Image, providers: MapProviders
) -> PreparedExemplar:
    """Place exemplar `index` of `request` on the canvas and make its edit map: shaped, combined with the second map,
    and white where the exemplar does not cover the canvas.

    `source`: the image that maps are made from and aligned with, RGB at the size of the edit. `canvas`: the image of
    the same size that is edited, which in later passes of an iterative edit is not `source`. `providers`: the inpaint
    mask and models that maps can be made with. Raises `RequestError` naming the exemplar's field.
    """
    exemplar = request.exemplars[index]
    context = _map_context(request, exemplar, source, canvas.size, providers)
    with _errors_below(f"exemplars[{index}]"):
        edit_map, limited_map = _combined_maps(exemplar, context)
    return PreparedExemplar(
        paste_over_source(canvas, context.placed),
        protect_uncovered(edit_map, context.placed),
        exemplar.threshold or request.threshold,
        None if limited_map is None else protect_uncovered(limited_map, context.placed),
        exemplar.hold,
        exemplar.lay_up_to,
        exemplar.seam_width,
    )


def unshaped_map(request: EditRequest, index: int, field: str, source: Image.Image, providers: MapProviders) -> Map:
    """One map of exemplar `index` before shaping, float32 `[H, W]` in [0, 1], of the size of `source` (RGB). `field`:
    "edit_map" or "second_map". Raises `RequestError`, also if the exemplar has no such map."""
    exemplar = request.exemplars[index]
    with _errors_below(f"exemplars[{index}].{field}"):
        edit_map = getattr(exemplar, field)
        if edit_map is None:
            raise RequestError("", "is missing", "a map")
        _check_map(edit_map, source.size, providers)
        return _make_map(edit_map, _map_context(request, exemplar, source, source.size, providers))


def _map_context(
    request: EditRequest, exemplar: Exemplar, source: Image.Image, size: tuple[int, int], providers: MapProviders
) -> MapContext:
    return MapContext(
        canvas=source,
        exemplar=exemplar.image,
        placed=place(exemplar.image, size, exemplar.placement),
        place_map=partial(place_map, size=size, placement=exemplar.placement),
        providers=providers,
        white_edits=request.white_means == "exemplar",
    )


def _combined_maps(exemplar: Exemplar, context: MapContext) -> tuple[Map, Map | None]:
    """The shaped map, and the same after its limit; `None` if it has none."""
    with _errors_below("edit_map"):
        edit_map = apply_shaping(_make_map(exemplar.edit_map, context), exemplar.shaping)
    limited = limit(edit_map, exemplar.shaping.limit)
    is_limited = exemplar.shaping.limit < 1
    if exemplar.second_map is not None:
        with _errors_below("second_map"):
            second = apply_shaping(_make_map(exemplar.second_map, context), exemplar.second_shaping)
        combine = COMBINATIONS[exemplar.combine]
        limited = combine(limited, limit(second, exemplar.second_shaping.limit))
        edit_map = combine(edit_map, second)
        is_limited = is_limited or exemplar.second_shaping.limit < 1
    # Rounding must not make a limited map darker.
    return edit_map, np.maximum(edit_map, limited) if is_limited else None


def _make_map(edit_map: Image.Image | MapSpec, context: MapContext) -> Map:
    try:
        return as_map_spec(edit_map).make(context)
    except RequestError as error:
        if isinstance(edit_map, Image.Image):  # the image is the field itself, not one of its fields
            raise RequestError("", error.found, error.expected) from None
        raise


def composite(canvas: Image.Image, exemplars: Iterable[PreparedExemplar], steps: int) -> Image.Image:
    """`canvas` (RGB), overwritten by each exemplar wherever it is placed, later ones on top. RGB.

    This is the surgical latent before encoding, and the result of the paper's "naive solution" before denoising
    (Figure 2). `steps`: number of denoising steps.
    """
    pixels = np.asarray(canvas.convert("RGB")).copy()
    for exemplar in exemplars:
        placed = pixel_source_release([exemplar], steps) <= 0
        pixels[placed] = np.asarray(exemplar.image.convert("RGB"))[placed]
    return Image.fromarray(pixels)


def pixel_release_map(exemplars: Iterable[PreparedExemplar], steps: int) -> Map:
    """`pixels_ext.core.release.release_map` of one or more exemplars at the size of the canvas, float32 `[H, W]` in
    [0, 1]. `steps`: number of denoising steps."""
    return release_map((each.maps() for each in exemplars), steps).numpy()


def pixel_source_release(exemplars: Iterable[PreparedExemplar], steps: int) -> Map:
    """The release times of the source under one or more exemplars, float32 `[H, W]` in [0, 1]: 0 where an exemplar is
    placed, 1 where the source is locked to the end. `steps`: number of denoising steps."""
    return reduce(torch.minimum, (source_release(each.maps(), steps) for each in exemplars)).numpy()


def check_maps(request: EditRequest, source_size: tuple[int, int], providers: MapProviders) -> None:
    """Raise `RequestError` if any map of the request cannot be made for a source of size `(width, height)`, as far as
    that can be known without making it. All maps are checked before the first pass of an iterative edit."""
    for index, exemplar in enumerate(request.exemplars):
        for name, edit_map in (("edit_map", exemplar.edit_map), ("second_map", exemplar.second_map)):
            if edit_map is None:
                continue
            with _errors_below(f"exemplars[{index}].{name}"):
                _check_map(edit_map, source_size, providers)


def _check_map(edit_map: Image.Image | MapSpec, source_size: tuple[int, int], providers: MapProviders) -> None:
    if isinstance(edit_map, Image.Image):
        check_aspect(edit_map, source_size)
    else:
        edit_map.check_use(source_size, providers)


@contextmanager
def _errors_below(parent: str) -> Iterator[None]:
    """Put `parent` in front of the path of a `RequestError` raised inside."""
    try:
        yield
    except RequestError as error:
        raise error.within(parent) from None
