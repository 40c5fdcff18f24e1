"""The canvas of an edit: the source at the working size, and its padding to a size that the model accepts."""

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

MIN_SIDE, MAX_SIDE = 64, 4096
_MAX_NATIVE_FACTOR = 1.5
"""How many times its native size a model can edit without repeating content."""


def working_size(source: tuple[int, int], size: tuple[int, int] | int | None) -> tuple[int, int]:
    """Width and height of the edit and the result, in pixels.

    `source`: width and height of the source. `size`: width and height, or the longer side, or `None` for the source's
    size. Raises `RequestError` for sizes that no model supports, and for an exact size with another aspect ratio.
    """
    if isinstance(size, tuple):
        width, height = size
        if abs(width * source[1] / (height * source[0]) - 1) > max(0.02, 1 / width + 1 / height):
            found = f"is {width}x{height}, which has another aspect ratio than the source"
            raise RequestError(
                "size", found, f"the aspect ratio of {source[0]}x{source[1]}, or one number for the longer side"
            )
    elif size is None:
        width, height = source
    else:
        width, height = (max(1, round(side * size / max(source))) for side in source)
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_SIDE:
        sides = f"sides from {MIN_SIDE} to {MAX_SIDE} pixels"
        if size is None:
            raise RequestError("source", f"is {width}x{height}", f"{sides}, or another --size for the edit")
        raise RequestError("size", f"is {width}x{height} with this source", sides)
    return width, height


def size_notice(size: tuple[int, int], native_size: int) -> str:
    """A sentence for users whose edit has a `size` (width, height) much larger than the model's native size (the side
    length that it was trained at, in pixels); otherwise ""."""
    recommended = round(_MAX_NATIVE_FACTOR * native_size)
    if max(size) <= recommended:
        return ""
    return (
        f"pixels_ext: the edit is made at {size[0]}x{size[1]}, the model was trained at {native_size}: "
        f"--size {recommended} is faster, needs less memory and often looks better."
    )


def source_canvas(source: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The source as sRGB image of mode RGB, resized to `size` (width, height); transparency becomes white. Raises
    `RequestError` for the source when its values are out of range."""
    try:
        rgba = as_rgba(to_srgb(source))
    except RequestError as error:
        raise error.within("source") from None
    return flatten(rgba if rgba.size == size else rgba.resize(size, Image.Resampling.LANCZOS))


@dataclass(frozen=True)
class Padding:
    """Pads images of `size` (width, height) at the right and bottom by repeating the border, to multiples of
    `size_multiple` pixels. `vae_scale_factor`: pixels along one side of a latent cell."""

    size: tuple[int, int]
    size_multiple: int
    vae_scale_factor: int

    @property
    def padded_size(self) -> tuple[int, int]:
        """Width and height with padding."""
        width, height = (-(-side // self.size_multiple) * self.size_multiple for side in self.size)
        return width, height

    def image_tensor(self, image: Image.Image) -> Tensor:
        """RGB image to a padded float32 tensor `[1, 3, H, W]` in [-1, 1]."""
        pixels = np.pad(np.asarray(image, dtype=np.float32), (*self._border(), (0, 0)), mode="edge")
        return torch.from_numpy(pixels / 127.5 - 1).permute(2, 0, 1)[None]

    def pad_image(self, image: Image.Image) -> Image.Image:
        """RGB image with padding."""
        return Image.fromarray(np.pad(np.asarray(image), (*self._border(), (0, 0)), mode="edge"))

    def map_tensor(self, values: Map) -> Tensor:
        """Map `[h, w]` to a padded float32 tensor `[1, 1, H, W]`."""
        return torch.from_numpy(np.pad(values, self._border(), mode="edge"))[None, None]

    def pixel_mask(self, cells: Tensor) -> NDArray[np.bool_]:
        """Boolean latent map `[1, ..., h, w]` at pixel resolution, `[H, W]` without padding."""
        cells = cells.reshape(cells.shape[-2:])
        pixels = cells.repeat_interleave(self.vae_scale_factor, 0).repeat_interleave(self.vae_scale_factor, 1)
        mask: NDArray[np.bool_] = pixels[: self.size[1], : self.size[0]].cpu().numpy()
        return mask

    def crop(self, image: Image.Image) -> Image.Image:
        """A padded image without its padding."""
        return image.crop((0, 0, *self.size))

    def _border(self) -> tuple[tuple[int, int], tuple[int, int]]:
        (width, height), (padded_width, padded_height) = self.size, self.padded_size
        return (0, padded_height - height), (0, padded_width - width)


def to_image(pixels: Tensor) -> Image.Image:
    """float `[1, 3, H, W]` in [-1, 1] (clipped) to an RGB image."""
    values = (pixels[0].float().cpu().clamp(-1, 1) + 1) * 127.5 + 0.5
    return Image.fromarray(values.permute(1, 2, 0).to(torch.uint8).numpy())
