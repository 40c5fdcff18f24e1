"""The base of all map types, and what a map may be generated from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.fields import Choice, Spec
from pixels_ext.imaging.images import flatten, resize_map
from pixels_ext.imaging.mask_ops import Map

INPUT = Choice(
    label="Input",
    help="The image from which the map is generated. A map from the exemplar is placed together with it.",
    default="source",
    choices=("source", "exemplar"),
)
MIN_FADE = 1e-3
"""Shortest transition of a gradient in pixels: too short to be visible, but safe to divide by in single precision."""
_ASPECT_TOLERANCE = 0.02  # rounding of small images is no other aspect ratio


class VisionProvider(Protocol):
    """Vision models by their kind. Both methods raise `RequestError` if the model is not available."""

    def check(self, kind: str) -> None:
        """Whether the model of this kind ("depth", "text") is available, as far as that is known without loading it."""

    def ask(self, kind: str, image: Image.Image, phrases: Sequence[str] = ()) -> NDArray[np.float32]:
        """The model's answer for an RGB image: float32 in [0, 1], at any resolution. Depth: `[h, w]`, 0 = farthest,
        1 = nearest. Text: `[len(phrases), h, w]`, the probability that a pixel shows what each phrase names."""


class NoVisionModels:
    """The `VisionProvider` where there are no models."""

    def check(self, kind: str) -> None:
        raise _no_model(kind)

    def ask(self, kind: str, image: Image.Image, phrases: Sequence[str] = ()) -> NDArray[np.float32]:
        raise _no_model(kind)


def _no_model(kind: str) -> RequestError:
    return RequestError("type", f"is {kind!r}, which needs a model that is not available here", "another type")


@dataclass(frozen=True)
class MapProviders:
    """What the host provides for maps: `inpaint_mask` (gray, of the source's size, white = masked) and models."""

    inpaint_mask: Image.Image | None = None
    vision: VisionProvider = field(default_factory=NoVisionModels)


@dataclass(frozen=True)
class MapContext:
    """What a map is generated from, at the size of the canvas on which the edit is made.

    `canvas`: the source, RGB. `exemplar`: as the request has it. `placed`: the exemplar placed on the canvas, RGBA.
    `place_map`: places a map of the exemplar's own size as the exemplar is placed, on white. `white_edits`: whether
    white in the request's own images means the exemplar, as in inpainting.
    """

    canvas: Image.Image
    exemplar: Image.Image
    placed: Image.Image
    place_map: Callable[[Map], Map]
    providers: MapProviders
    white_edits: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the canvas."""
        return self.canvas.size

    @cached_property
    def shorter_side(self) -> int:
        """The canvas's shorter side in pixels."""
        return min(self.canvas.size)

    def input_image(self, name: str) -> Image.Image:
        """The "source", or the "exemplar" before placement; RGB."""
        return self.canvas if name == "source" else flatten(self.exemplar)

    def to_canvas(self, name: str, values: Map) -> Map:
        """A map `[h, w]` of any size that was generated from `input_image(name)`, at the canvas's size: placed with the
        exemplar if it came from there."""
        if name == "source":
            return resize_map(values, self.size)
        return self.place_map(resize_map(values, self.exemplar.size))

    def pixel_grid(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The pixel centers in pixels, x as `[1, W]` and y as `[H, 1]`."""
        width, height = self.size
        x, y = (np.arange(side, dtype=np.float32) + np.float32(0.5) for side in (width, height))
        return x[None], y[:, None]


class MapSpec(Spec):
    """Base of the map types: each is a dataclass of the fields that its map is generated from."""

    needs_model: ClassVar[bool] = False
    """Whether it asks a vision model."""

    @property
    def uses_inpaint_mask(self) -> bool:
        """Whether it is generated from the inpaint mask."""
        return False

    def check_use(self, source_size: tuple[int, int], providers: MapProviders) -> None:
        """Raise `RequestError` if no map can be generated for a source of this size. Called before any costly work."""

    def make(self, context: MapContext) -> Map:
        """The map, float32 `[H, W]` in [0, 1] at the canvas's size, 0 = exemplar, 1 = source. Raises `RequestError`
        (with a path relative to the map) if it cannot be generated."""
        raise NotImplementedError


def check_aspect(image: Image.Image, source_size: tuple[int, int]) -> None:
    """Raise `RequestError` (with an empty path) unless the image has the source's aspect ratio."""
    if abs(image.width * source_size[1] / (image.height * source_size[0]) - 1) > _ASPECT_TOLERANCE:
        found = f"is {image.width}x{image.height}, which has another aspect ratio than the source"
        raise RequestError("", found, f"the aspect ratio of {source_size[0]}x{source_size[1]}, at any size")
