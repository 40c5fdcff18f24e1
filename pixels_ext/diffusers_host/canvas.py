"""The canvas of an edit: the source at the size at which the model works, and padded so that the model can take it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from pixels_ext.errors import RequestError
from pixels_ext.imaging.color import to_srgb
from pixels_ext.imaging.images import as_rgba, flatten
from pixels_ext.imaging.mask_ops import Map

SMALLEST, LARGEST = 64, 4096
_WELL = 1.5
"""How many times the side that they were trained at models still work at without repeating themselves."""


def working_size(source: tuple[int, int], size: tuple[int, int] | int | None) -> tuple[int, int]:
    """Width and height at which the edit is made, and of the result.

    `source`: the source's own. `size`: an exact size; or the longer side; or `None` for the source's own size.
    Raises `RequestError` for sizes that no model can work at, and for an exact size with another aspect.
    """
    if isinstance(size, tuple):
        width, height = size
        if abs(width * source[1] / (height * source[0]) - 1) > max(0.02, 1 / width + 1 / height):
            found = f"is {width}x{height}, which has another aspect than the source"
            raise RequestError(
                "size", found, f"the aspect of {source[0]}x{source[1]}, or one number for the longer side"
            )
    elif size is None:
        width, height = source
    else:
        width, height = (max(1, round(side * size / max(source))) for side in source)
    if min(width, height) < SMALLEST or max(width, height) > LARGEST:
        sides = f"sides from {SMALLEST} to {LARGEST} pixels"
        if size is None:
            raise RequestError("source", f"is {width}x{height}", f"{sides}, or another --size to edit it at")
        raise RequestError("size", f"is {width}x{height} with this source", sides)
    return width, height


def far_from_trained(size: tuple[int, int], trained: int) -> str:
    """A sentence for those who edit at a `size` (width, height) much larger than the side (pixels) that the model was
    `trained` at; "" for all others."""
    usual = round(_WELL * trained)
    if max(size) <= usual:
        return ""
    return (
        f"pixels_ext: the edit is made at {size[0]}x{size[1]}, the model was trained at {trained}: "
        f"--size {usual} is faster, takes less memory and often looks better."
    )


def on_white(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Any source as RGB of `size`, in sRGB; what is transparent becomes white. Raises `RequestError` naming the source
    when its values are out of range."""
    try:
        rgba = as_rgba(to_srgb(picture))
    except RequestError as error:
        raise error.within("source") from None
    return flatten(rgba if rgba.size == size else rgba.resize(size, Image.Resampling.LANCZOS))


@dataclass(frozen=True)
class Padding:
    """Extends pictures to the right and below by repeating their border, to sides that are multiples of `multiple`.

    `cell`: pixels along the side of one place of the latent.
    """

    size: tuple[int, int]
    multiple: int
    cell: int

    @property
    def padded(self) -> tuple[int, int]:
        """Width and height with the extension."""
        width, height = (-(-side // self.multiple) * self.multiple for side in self.size)
        return width, height

    def picture(self, picture: Image.Image) -> Tensor:
        """RGB picture to float32 `[1, 3, H, W]` in [-1, 1]."""
        pixels = np.pad(np.asarray(picture, dtype=np.float32), (*self._extra(), (0, 0)), mode="edge")
        return torch.from_numpy(pixels / 127.5 - 1).permute(2, 0, 1)[None]

    def padded_picture(self, picture: Image.Image) -> Image.Image:
        """RGB picture with its padding."""
        return Image.fromarray(np.pad(np.asarray(picture), (*self._extra(), (0, 0)), mode="edge"))

    def map(self, values: Map) -> Tensor:
        """Map `[h, w]` to float32 `[1, 1, H, W]`."""
        return torch.from_numpy(np.pad(values, self._extra(), mode="edge"))[None, None]

    def cells(self, values: Tensor) -> NDArray[np.bool_]:
        """Boolean latent map `[1, ..., h, w]` to the pixels of the canvas, `[H, W]` without padding."""
        places = values.reshape(values.shape[-2:])
        pixels = places.repeat_interleave(self.cell, 0).repeat_interleave(self.cell, 1)
        return pixels[: self.size[1], : self.size[0]].cpu().numpy()

    def cropped(self, picture: Image.Image) -> Image.Image:
        """A padded picture without its padding."""
        return picture.crop((0, 0, *self.size))

    def _extra(self) -> tuple[tuple[int, int], tuple[int, int]]:
        (width, height), (padded_width, padded_height) = self.size, self.padded
        return (0, padded_height - height), (0, padded_width - width)


def to_picture(pixels: Tensor) -> Image.Image:
    """float `[1, 3, H, W]` in [-1, 1] (clipped) to an RGB picture."""
    values = (pixels[0].float().cpu().clamp(-1, 1) + 1) * 127.5 + 0.5
    return Image.fromarray(values.permute(1, 2, 0).to(torch.uint8).numpy())
