"""What every way of making an edit map is, and what it may look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.fields import Choice, Made
from pixels_ext.imaging.images import flatten, resize_map
from pixels_ext.imaging.mask_ops import Map

OF = Choice(
    label="Made from",
    help="Which picture is looked at. The exemplar's map is placed with it.",
    default="source",
    choices=("source", "exemplar"),
)
SHARPEST = 1e-3
"""The shortest fade of a gradient, in pixels: nobody sees it, and single precision can divide by it."""
_ASPECT_TOLERANCE = 0.02  # rounding of small pictures, not a different crop


class Vision(Protocol):
    """Models that understand pictures. Both raise `RequestError` (with an empty path) when the model cannot be had."""

    def check(self, kind: str) -> None:
        """Whether the model for `kind` ("depth", "words") could be loaded, as far as that shows without loading it."""

    def depth(self, picture: Image.Image) -> Map:
        """How near each place of an RGB picture is: float32 `[h, w]` of any size, 0 = the farthest, 1 = the nearest."""

    def words(self, picture: Image.Image, phrases: Sequence[str]) -> NDArray[np.float32]:
        """How likely each place of an RGB picture is meant by each phrase: float32 `[len(phrases), h, w]` in [0, 1], of
        any size."""


class NoVision:
    """Where no models are offered: the engine by itself."""

    def check(self, kind: str) -> None:
        raise _no_model(kind)

    def depth(self, picture: Image.Image) -> Map:
        raise _no_model("depth")

    def words(self, picture: Image.Image, phrases: Sequence[str]) -> NDArray[np.float32]:
        raise _no_model("words")


def _no_model(kind: str) -> RequestError:
    return RequestError("source", f"is {kind!r}, which needs a model that is not offered here", "another source")


@dataclass(frozen=True)
class Means:
    """What the room around the engine adds: `inpaint_mask` (grey, of the source's size, white = painted), models."""

    inpaint_mask: Image.Image | None = None
    vision: Vision = field(default_factory=NoVision)


@dataclass(frozen=True)
class Scene:
    """What a map is made of, at the size of the canvas on which the edit is made.

    `canvas`: the source, RGB. `exemplar`: as the user gave it. `placed`: the exemplar on the canvas, RGBA. `lay`: puts
    a map of the exemplar's own size where the exemplar is placed, and white around it. `white_edits`: whether the
    user's own pictures follow the inpainting convention.
    """

    canvas: Image.Image
    exemplar: Image.Image
    placed: Image.Image
    lay: Callable[[Map], Map]
    means: Means
    white_edits: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the canvas."""
        return self.canvas.size

    @cached_property
    def shorter(self) -> int:
        """The canvas's shorter side in pixels."""
        return min(self.canvas.size)

    def whole(self, of: str) -> Image.Image:
        """The source, or the exemplar before it is placed; RGB."""
        return self.canvas if of == "source" else flatten(self.exemplar)

    def on_canvas(self, of: str, values: Map) -> Map:
        """A map `[h, w]` of any size that was made from `whole(of)`, where that picture lies."""
        if of == "source":
            return resize_map(values, self.size)
        return self.lay(resize_map(values, self.exemplar.size))

    def grid(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The pixels' centres in pixels, x as `[1, W]` and y as `[H, 1]`."""
        width, height = self.size
        x, y = (np.arange(side, dtype=np.float32) + np.float32(0.5) for side in (width, height))
        return x[None], y[:, None]


class MapSource(Made):
    """A way of making an edit map: a dataclass of the fields it needs."""

    asks_model: ClassVar[bool] = False
    """Whether a model is asked about a picture."""

    @property
    def looks_at_mask(self) -> bool:
        """Whether it is made from the inpaint mask."""
        return False

    def check_use(self, source_size: tuple[int, int], means: Means) -> None:
        """Raise `RequestError` if no map can be made over a source of this size, before anything costly happens."""

    def make(self, scene: Scene) -> Map:
        """The map, float32 `[H, W]` in [0, 1] of the canvas's size, 0 = exemplar, 1 = source. Raises `RequestError`
        (with a path that begins below the map's) when it cannot be made."""
        raise NotImplementedError


def check_picture(picture: Image.Image, source_size: tuple[int, int]) -> None:
    """Raise `RequestError` (with an empty path) unless the picture has the source's aspect."""
    if abs(picture.width * source_size[1] / (picture.height * source_size[0]) - 1) > _ASPECT_TOLERANCE:
        found = f"is {picture.width}x{picture.height}, which has another aspect than the source"
        raise RequestError("", found, f"the aspect of {source_size[0]}x{source_size[1]}, at any size")
