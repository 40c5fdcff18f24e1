"""Pictures as people have them, brought to the two forms that the engine uses: RGBA, and a grey edit map."""

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
_EXPECTED = "a still picture that Pillow can read (PNG, JPEG, WebP, ...)"
_EXPECTED_TEXT = "an image as base64 or data URL"
_DATA_URL = re.compile(r"\s*data:[^,]{0,200};base64,", re.IGNORECASE)
_FRAME = re.compile(r"^(?:-----(?:BEGIN|END) .*-----|begin-base64 .*|====)\s*$", re.MULTILINE)
"""The lines that `certutil`, PEM tools and `uuencode` put around base64."""
_BEGINNINGS = ("iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "SUkqA", "TU0AK")
"""Of PNG, JPEG, GIF, WebP and TIFF files in base64: known for pictures even where the rest is broken."""
_LONGEST_NAME = 260
DEEP = {"I;16", "I;16L", "I;16B", "I;16N", "I"}
"""Pillow's modes for gray pictures of 16 bits: which of them depends on file and Pillow."""
_NORMAL = {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}
_BY_WAY_OF = {"La": "LA", "LAB": "RGB"}
"""Of these modes Pillow makes no RGBA, or one that is transparent all over."""
_WHITE = 65535


def open_image(file: str | os.PathLike[str] | IO[bytes], most_pixels: int = MAX_PIXELS) -> Image.Image:
    """Read a whole picture file, upright (EXIF rotation applied).

    Raises `RequestError` (with an empty path) when there is no such file, when it is not a picture, is truncated, is
    animated or has more than `most_pixels` pixels; the last two are found out before anything is decoded.
    """
    try:
        picture = read_header(file, most_pixels)
        picture.load()
        return ImageOps.exif_transpose(picture)
    except RequestError:
        raise
    except Exception as error:  # Pillow's readers raise anything from SyntaxError to struct.error on broken files
        raise RequestError("", f"cannot be read: {_first_line(error)}", _EXPECTED) from None


def read_header(file: str | os.PathLike[str] | IO[bytes], most_pixels: int = MAX_PIXELS) -> Image.Image:
    """A picture file of which nothing has been decoded yet. Raises `RequestError` (with an empty path) when there is no
    such file, when it is not a picture, is animated or has more than `most_pixels` pixels."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit, below, is the stricter
            picture = Image.open(file)
    except Image.DecompressionBombError:
        raise RequestError("", "is far too large", _at_most(most_pixels)) from None
    except FileNotFoundError:
        raise RequestError("", f"names {str(file)!r}, which does not exist", _EXPECTED) from None
    except Exception as error:
        raise RequestError("", f"cannot be read: {_first_line(error)}", _EXPECTED) from None
    check_still(picture, most_pixels)
    return picture


def check_still(picture: Image.Image, most_pixels: int = MAX_PIXELS) -> None:
    """Raise `RequestError` (with an empty path) when an opened picture is animated or has more than `most_pixels`
    pixels."""
    if picture.width * picture.height > most_pixels:
        raise RequestError("", f"is {picture.width}x{picture.height}", _at_most(most_pixels))
    # A telephone's photograph with a second picture in its file (MPO) is no animation; the first is the photograph.
    frames = 1 if picture.format == "MPO" else getattr(picture, "n_frames", 1)
    if frames > 1:
        raise RequestError("", f"has {frames} frames", _EXPECTED)


def image_from_base64(text: str, most_pixels: int = MAX_PIXELS) -> Image.Image:
    """Decode a picture given as base64 or as a `data:...;base64,` URL. Raises `RequestError` (with an empty path).

    Read is what the usual programs write: lines of any length, both alphabets, with or without the padding at the end,
    between the lines that some of them put around it.
    """
    return open_image(io.BytesIO(_decoded(text)), most_pixels)


def load_image(text: str, folder: Path) -> Image.Image:
    """A picture from what people write for one: a file's name (relative to `folder`), base64, or a data URL.

    A file that exists is meant by its name, whatever that looks like. Raises `RequestError` (with an empty path).
    """
    if _DATA_URL.match(text):
        return image_from_base64(text)
    if file_exists(folder / text):
        return open_image(folder / text)
    if _is_picture(text):
        return image_from_base64(text)
    if len(text) > _LONGEST_NAME:
        raise RequestError("", describe(text), f"the name of a picture file, or {_EXPECTED_TEXT}")
    return open_image(folder / text)  # says that it does not exist


def _decoded(text: str) -> bytes:
    letters = _letters(text)
    if not letters:
        raise RequestError("", "is empty", _EXPECTED_TEXT)
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise RequestError("", "is not base64", _EXPECTED_TEXT) from None


def _letters(text: str) -> str:
    """The base64 in a text, in one line of the usual alphabet, without padding."""
    prefix = _DATA_URL.match(text)
    body = unquote(text[prefix.end() :]) if prefix else _FRAME.sub("", text.lstrip("\ufeff"))
    return "".join(body.split()).replace("-", "+").replace("_", "/").rstrip("=")


def file_exists(file: Path) -> bool:
    """Whether there is such a file; never raises, however long the name is."""
    try:
        return file.exists()
    except OSError:  # longer than a name can be
        return False


def _is_picture(text: str) -> bool:
    """Whether a text that names no file is a picture in base64."""
    if _letters(text).startswith(_BEGINNINGS):
        return True
    try:
        read_header(io.BytesIO(_decoded(text)))
    except RequestError:
        return False
    return True


def image_to_data_url(picture: Image.Image) -> str:
    """A picture as a PNG data URL: the inverse of `image_from_base64`, without loss. Raises `RequestError` where
    `normalize_mode` does."""
    buffer = io.BytesIO()
    normalize_mode(picture).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def normalize_mode(picture: Image.Image) -> Image.Image:
    """Any picture in a mode that PNG files keep and every Pillow reads alike: 1, L, LA, P, RGB, RGBA or, for deeper
    grays, I;16 with values from 0 (black) to 65535 (white). One that has such a mode is returned as it is.

    Raises `RequestError` (with an empty path) for values out of range: below 0, above 65535 in whole numbers, above 1
    in float, NaN.
    """
    if picture.mode in _NORMAL:
        return picture
    if picture.mode not in DEEP and picture.mode != "F":
        alpha = "a" in picture.mode or picture.mode.endswith("A")  # RGBa, La, PA
        return as_rgba(picture).convert("RGBA" if alpha else "RGB")
    values = np.asarray(picture)
    white, kind = (1, "float picture") if picture.mode == "F" else (_WHITE, "picture of whole numbers")
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= white):
        what = "values outside of 0 to 1 or NaN" if white == 1 else f"values outside of 0 to {white}"
        raise RequestError("", f"is a {kind} with {what}", f"values from 0 to {white}")
    result = Image.fromarray((values * (_WHITE / white) + 0.5).astype(np.uint16))
    result.info = dict(picture.info)
    return result


def as_rgba(picture: Image.Image) -> Image.Image:
    """Any picture as 8-bit RGBA: palette, CMYK, 16-bit grey, one bit and float pictures included."""
    if picture.mode in DEEP or picture.mode == "F":
        picture = _eight_bits(picture)
    if picture.mode in _BY_WAY_OF:
        picture = picture.convert(_BY_WAY_OF[picture.mode])
    return picture.convert("RGBA")


def flatten(picture: Image.Image) -> Image.Image:
    """Any picture as RGB, what is transparent on white."""
    rgba = as_rgba(picture)
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def as_edit_map(picture: Image.Image, white_edits: bool = False) -> NDArray[np.float32]:
    """Any picture as an edit map: float32 `[H, W]` in [0, 1], 0 = exemplar, 1 = source.

    Colours count by their luminance, 16 bits are kept, and a transparent place keeps the source (1). With
    `white_edits` the picture follows the inpainting convention: white becomes the exemplar, and what is transparent
    still keeps the source. The values count as they are: a map is no picture of anything, so a color profile says
    nothing about it. Raises `RequestError` (with an empty path) where `normalize_mode` does.
    """
    grey, alpha = _grey_and_alpha(picture)
    return np.float32(1) - alpha * (grey if white_edits else np.float32(1) - grey)


def map_to_image(edit_map: NDArray[np.float32]) -> Image.Image:
    """An edit map `[H, W]` in [0, 1] as a grey picture of 8 bits: the way back from `as_edit_map`, rounded."""
    return Image.fromarray((edit_map * 255 + 0.5).astype(np.uint8))


def alpha_channel(picture: Image.Image) -> NDArray[np.float32]:
    """How opaque a picture is, float32 `[H, W]` in [0, 1]; 1 everywhere for one without transparency."""
    return np.asarray(as_rgba(picture).getchannel("A")).astype(np.float32) / np.float32(255)


def _grey_and_alpha(picture: Image.Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    picture = normalize_mode(picture)
    if picture.mode == "I;16":
        values = np.asarray(picture).astype(np.float32) / np.float32(_WHITE)
        return values, np.broadcast_to(np.float32(1), values.shape)
    rgba = as_rgba(picture)
    return np.asarray(rgba.convert("L")).astype(np.float32) / np.float32(255), alpha_channel(rgba)


def resize_map(edit_map: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """An edit map at `size = (width, height)`: averaged by area where it shrinks, interpolated where it grows."""
    if edit_map.shape == size[::-1]:
        return edit_map
    smaller = min(size[0], edit_map.shape[1]), min(size[1], edit_map.shape[0])
    averaged = cv2.resize(np.ascontiguousarray(edit_map), smaller, interpolation=cv2.INTER_AREA)
    return snap_extremes(np.asarray(cv2.resize(averaged, size, interpolation=cv2.INTER_LINEAR), np.float32))


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Deep grey pictures to 8 bits by scaling. (Pillow's own conversion cuts off everything above 255.)"""
    values = np.asarray(picture, dtype=np.float32)
    scale = 255 if picture.mode == "F" else 255 / 65535
    return Image.fromarray((np.nan_to_num(values) * scale + 0.5).clip(0, 255).astype(np.uint8), "L")


def _at_most(pixels: int) -> str:
    return f"at most {pixels / 1_000_000:g} megapixels"


def _first_line(error: Exception) -> str:
    return re.sub(r"\s*<_io\.BytesIO[^>]*>", "", first_line(error))
