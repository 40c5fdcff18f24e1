"""Reading images from files and base64, and converting them to RGBA or to an edit map."""

from __future__ import annotations

import base64
import binascii
import io
import os
import re
import warnings
from pathlib import Path
from typing import IO
from urllib.parse import unquote

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from pixels_ext.errors import RequestError, describe, first_line
from pixels_ext.imaging.mask_ops import snap_extremes

MAX_PIXELS = 100_000_000
_EXPECTED = "a still image that Pillow can read (PNG, JPEG, WebP, ...)"
_EXPECTED_TEXT = "an image as base64 or data URL"
_DATA_URL = re.compile(r"\s*data:[^,]{0,200};base64,", re.IGNORECASE)
_ARMOR = re.compile(r"^(?:-----(?:BEGIN|END) .*-----|begin-base64 .*|====)\s*$", re.MULTILINE)
"""The header and footer lines that `certutil`, PEM tools and `uuencode` put around base64."""
_SIGNATURES = ("iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "SUkqA", "TU0AK")
"""How PNG, JPEG, GIF, WebP and TIFF files begin in base64: such text is an image even if the rest is broken."""
_MAX_NAME_LENGTH = 260
GRAY16_MODES = {"I;16", "I;16L", "I;16B", "I;16N", "I"}
"""Pillow's modes for 16-bit gray images; which one it uses depends on the file and on the version of Pillow."""
_NORMALIZED_MODES = {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}
_VIA_MODE = {"La": "LA", "LAB": "RGB"}
"""Modes that Pillow cannot convert to RGBA, or converts to a fully transparent image, and the mode to convert via."""
_WHITE = 65535


def open_image(file: str | os.PathLike[str] | IO[bytes], max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Read an image file and apply its EXIF rotation.

    Raises `RequestError` (with an empty path) if the file does not exist, is not an image, is truncated, is animated,
    or has more than `max_pixels` pixels; the last two before anything is decoded.
    """
    try:
        image = read_header(file, max_pixels)
        image.load()
        return ImageOps.exif_transpose(image)
    except RequestError:
        raise
    except Exception as error:  # Pillow's readers raise anything from SyntaxError to struct.error on broken files
        raise RequestError("", f"cannot be read: {first_line(error)}", _EXPECTED) from None


def read_header(file: str | os.PathLike[str] | IO[bytes], max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Open an image file without decoding it. Raises `RequestError` (with an empty path) if the file does not exist, is
    not an image, is animated, or has more than `max_pixels` pixels."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit, below, is stricter
            image = Image.open(file)
    except Image.DecompressionBombError:
        raise RequestError("", "is far too large", _at_most(max_pixels)) from None
    except FileNotFoundError:
        raise RequestError("", f"names {str(file)!r}, which does not exist", _EXPECTED) from None
    except Exception as error:
        raise RequestError("", f"cannot be read: {first_line(error)}", _EXPECTED) from None
    check_still(image, max_pixels)
    return image


def check_still(image: Image.Image, max_pixels: int = MAX_PIXELS) -> None:
    """Raise `RequestError` (with an empty path) if an opened image is animated or has more than `max_pixels` pixels."""
    if image.width * image.height > max_pixels:
        raise RequestError("", f"is {image.width}x{image.height}", _at_most(max_pixels))
    # Phones save extra images beside the photo in an MPO file; that is not an animation, and the first is the photo.
    frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
    if frames > 1:
        raise RequestError("", f"has {frames} frames", _EXPECTED)


def image_from_base64(text: str, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Decode an image given as base64 or as a `data:...;base64,` URL. Raises `RequestError` (with an empty path).

    Accepts what common programs write: lines of any length, the standard and the URL-safe alphabet, with or without
    padding, with or without PEM or uuencode header lines.
    """
    return open_image(io.BytesIO(_decode_base64(text)), max_pixels)


def load_image(text: str, folder: Path) -> Image.Image:
    """Read an image given as a file name (relative to `folder`), base64, or a data URL.

    The name of a file that exists is always read as a file name. Raises `RequestError` (with an empty path).
    """
    if _DATA_URL.match(text):
        return image_from_base64(text)
    if file_exists(folder / text):
        return open_image(folder / text)
    if _is_base64_image(text):
        return image_from_base64(text)
    if len(text) > _MAX_NAME_LENGTH:
        raise RequestError("", describe(text), f"the name of an image file, or {_EXPECTED_TEXT}")
    return open_image(folder / text)  # says that it does not exist


def _decode_base64(text: str) -> bytes:
    bare = _bare_base64(text)
    if not bare:
        raise RequestError("", "is empty", _EXPECTED_TEXT)
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise RequestError("", "is not base64", _EXPECTED_TEXT) from None


def _bare_base64(text: str) -> str:
    """The base64 of a text in one line of the standard alphabet, without prefix, header lines and padding."""
    prefix = _DATA_URL.match(text)
    body = unquote(text[prefix.end() :]) if prefix else _ARMOR.sub("", text.lstrip("\ufeff"))
    return "".join(body.split()).replace("-", "+").replace("_", "/").rstrip("=")


def file_exists(file: Path) -> bool:
    """Whether the file exists; does not raise for names that are too long."""
    try:
        return file.exists()
    except OSError:  # the name is too long
        return False


def _is_base64_image(text: str) -> bool:
    """Whether a text that is not the name of a file is an image in base64."""
    if _bare_base64(text).startswith(_SIGNATURES):
        return True
    try:
        read_header(io.BytesIO(_decode_base64(text)))
    except RequestError:
        return False
    return True


def image_to_data_url(image: Image.Image) -> str:
    """A lossless PNG data URL of an image, the inverse of `image_from_base64`. Raises `RequestError` where
    `normalize_mode` does."""
    buffer = io.BytesIO()
    normalize_mode(image).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def normalize_mode(image: Image.Image) -> Image.Image:
    """Any image in a mode that PNG can store and all versions of Pillow read alike: 1, L, LA, P, RGB, RGBA or, for more
    than 8 bits of gray, I;16 with values from 0 (black) to 65535 (white). An image in such a mode is returned as it is.

    Raises `RequestError` (with an empty path) for values out of range: below 0, above 65535 in an integer image, above
    1 in a float image, or NaN.
    """
    if image.mode in _NORMALIZED_MODES:
        return image
    if image.mode not in GRAY16_MODES and image.mode != "F":
        alpha = "a" in image.mode or image.mode.endswith("A")  # RGBa, La, PA
        return as_rgba(image).convert("RGBA" if alpha else "RGB")
    values = np.asarray(image)
    white, kind = (1, "a float image") if image.mode == "F" else (_WHITE, "an integer image")
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= white):
        what = "values outside 0 to 1 or NaN" if white == 1 else f"values outside 0 to {white}"
        raise RequestError("", f"is {kind} with {what}", f"values from 0 to {white}")
    result = Image.fromarray((values * (_WHITE / white) + 0.5).astype(np.uint16))
    result.info = dict(image.info)
    return result


def as_rgba(image: Image.Image) -> Image.Image:
    """Any image as 8-bit RGBA, including palette, CMYK, 16-bit gray, 1-bit and float images."""
    if image.mode in GRAY16_MODES or image.mode == "F":
        image = _to_8_bit(image)
    if image.mode in _VIA_MODE:
        image = image.convert(_VIA_MODE[image.mode])
    return image.convert("RGBA")


def flatten(image: Image.Image) -> Image.Image:
    """Any image as RGB, on a white background where it is transparent."""
    rgba = as_rgba(image)
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def as_edit_map(image: Image.Image, white_edits: bool = False) -> NDArray[np.float32]:
    """Any image as an edit map: float32 `[H, W]` in [0, 1], 0 = exemplar, 1 = source.

    Colors become their luma, 16 bits are kept, and transparent pixels keep the source (1). With `white_edits` the image
    follows the inpainting convention: white becomes the exemplar; transparent pixels still keep the source. Color
    profiles are ignored, since the values of a map are not colors. Raises `RequestError` (with an empty path) where
    `normalize_mode` does.
    """
    gray, alpha = _gray_and_alpha(image)
    return np.float32(1) - alpha * (gray if white_edits else np.float32(1) - gray)


def map_to_image(edit_map: NDArray[np.float32]) -> Image.Image:
    """An edit map `[H, W]` in [0, 1] as an 8-bit gray image, rounded: the inverse of `as_edit_map`."""
    return Image.fromarray((edit_map * 255 + 0.5).astype(np.uint8))


def alpha_channel(image: Image.Image) -> NDArray[np.float32]:
    """The alpha of any image, float32 `[H, W]` in [0, 1]; 1 everywhere if it has no transparency."""
    return np.asarray(as_rgba(image).getchannel("A")).astype(np.float32) / np.float32(255)


def _gray_and_alpha(image: Image.Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    image = normalize_mode(image)
    if image.mode == "I;16":
        values = np.asarray(image).astype(np.float32) / np.float32(_WHITE)
        return values, np.broadcast_to(np.float32(1), values.shape)
    rgba = as_rgba(image)
    return np.asarray(rgba.convert("L")).astype(np.float32) / np.float32(255), alpha_channel(rgba)


def resize_map(edit_map: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """An edit map resized to `size = (width, height)`: area average where it shrinks, bilinear where it grows."""
    if edit_map.shape == size[::-1]:
        return edit_map
    smaller = min(size[0], edit_map.shape[1]), min(size[1], edit_map.shape[0])
    averaged = cv2.resize(np.ascontiguousarray(edit_map), smaller, interpolation=cv2.INTER_AREA)
    return snap_extremes(np.asarray(cv2.resize(averaged, size, interpolation=cv2.INTER_LINEAR), np.float32))


def _to_8_bit(image: Image.Image) -> Image.Image:
    """A 16-bit or float gray image scaled to 8 bits. (Pillow's own conversion clips everything above 255.)"""
    values = np.asarray(image, dtype=np.float32)
    scale = 255 if image.mode == "F" else 255 / 65535
    return Image.fromarray((np.nan_to_num(values) * scale + 0.5).clip(0, 255).astype(np.uint8), "L")


def _at_most(pixels: int) -> str:
    return f"at most {pixels / 1_000_000:g} megapixels"


def _first_line(error: Exception) -> str:
    """The first line of an error of Pillow's, without the addresses of objects."""
    return re.sub(r"\s*<_io\.BytesIO[^>]*>", "", first_line(error))
