"""Color profiles: whatever colors a picture was made in, an edit works in sRGB, as its model was trained in it."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

from pixels_ext.errors import first_line
from pixels_ext.imaging.images import DEEP, as_rgba, normalize_mode

PROFILE = "icc_profile"
"""Under which name Pillow keeps a picture's ICC profile."""
_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""The modes of the pictures that profiles of a color space describe."""
_GRAY = {"1", "L", "LA", "La", "F", *DEEP}
_INVISIBLE = 1
"""Steps of 255 by which no color may move for a profile to count as sRGB: then the pixels stay as they are."""
_UNUSABLE = (ImageCms.PyCMSError, ImportError, OSError, TypeError, ValueError)
_DATE = slice(24, 36)
"""Where an ICC profile says when it was made."""


def to_srgb(picture: Image.Image) -> Image.Image:
    """Any picture with its colors in sRGB, in a mode of `normalized`, by the profile that it carries, which is then
    taken off.

    A picture without a profile counts as sRGB, and so does one whose profile cannot be used (see `profile_problem`);
    it keeps that. Profiles with tables are applied perceptually. Raises `RequestError` (with an empty
    path) where `normalized` does.
    """
    if not picture.info.get(PROFILE):
        return normalize_mode(picture)
    try:
        return _converted(picture)
    except _UNUSABLE:
        return normalize_mode(picture)


def profile_problem(picture: Image.Image) -> str:
    """Why the color profile of a picture cannot be used, in words that follow the picture's name ("has a ..."); "" for
    one without a profile, or with one that can."""
    if not picture.info.get(PROFILE):
        return ""
    try:
        _transform(picture)
    except ImportError:
        return "has a color profile, but this Pillow was built without LittleCMS"
    except ImageCms.PyCMSError as error:
        return f"has a color profile that cannot be used ({first_line(error)})"
    except _UNUSABLE as error:
        return f"has a color profile that cannot be read ({first_line(error)})"
    return ""


def srgb_profile() -> bytes | None:
    """The ICC profile of sRGB for `Image.save(..., icc_profile=...)`, always the same bytes; `None` where Pillow was
    built without LittleCMS."""
    try:
        profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    except ImportError:
        return None
    profile[_DATE] = b"\x07\xea\x00\x01\x00\x01" + bytes(6)  # else the same edit would not be the same file
    return bytes(profile)


def tag_srgb(picture: Image.Image) -> Image.Image:
    """`picture`, whose colors are in sRGB, with the profile that says so to whoever saves it."""
    profile = srgb_profile()
    if profile:
        picture.info[PROFILE] = profile
    return picture


def _converted(picture: Image.Image) -> Image.Image:
    transform, mode = _transform(picture)
    if mode == "L":
        return _gray_converted(picture, transform)
    if mode == "CMYK":
        return _untagged(transform.apply(picture))
    probe = Image.fromarray(_PROBE)
    moved = np.asarray(transform.apply(probe)).astype(int) - _PROBE
    if np.abs(moved).max() <= _INVISIBLE:
        return _untagged(normalize_mode(picture))
    rgba = as_rgba(picture)
    result = _untagged(transform.apply(rgba.convert("RGB")))
    return _with_alpha(result, rgba)


def _gray_converted(picture: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    """A gray picture stays one: profiles of gray have a tone curve, and no color."""
    ramp = np.arange(256, dtype=np.uint8)
    curve = np.asarray(transform.apply(Image.fromarray(ramp[None])))[0, :, 1]
    if np.abs(curve.astype(int) - ramp).max() <= _INVISIBLE:
        return _untagged(normalize_mode(picture))
    rgba = as_rgba(picture)
    return _with_alpha(_untagged(rgba.getchannel("G").point(curve.tolist())), rgba)


def _transform(picture: Image.Image) -> tuple[ImageCms.ImageCmsTransform, str]:
    """From the picture's profile to sRGB, and the mode of what it takes. Raises one of `_UNUSABLE`."""
    profile = ImageCms.ImageCmsProfile(io.BytesIO(picture.info[PROFILE]))
    space = profile.profile.xcolor_space.strip()
    own = "GRAY" if picture.mode in _GRAY else "CMYK" if picture.mode == "CMYK" else "RGB"
    if space not in ("RGB", own):  # of every picture RGB can be made
        raise ImageCms.PyCMSError(f"it is made for {_named(space)}, and the picture is {_named(own)}")
    mode = _MODES[space]
    return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB"), mode


def _with_alpha(colors: Image.Image, rgba: Image.Image) -> Image.Image:
    alpha = rgba.getchannel("A")
    if alpha.getextrema() != (255, 255):
        colors.putalpha(alpha)
    return colors


def _untagged(picture: Image.Image) -> Image.Image:
    result = picture.copy()
    result.info.pop(PROFILE, None)
    return result


def _named(space: str) -> str:
    return "gray" if space == "GRAY" else space


_LEVELS = np.linspace(0, 255, 9).round().astype(np.uint8)
_PROBE = np.stack(np.meshgrid(_LEVELS, _LEVELS, _LEVELS), axis=-1).reshape(1, -1, 3)
"""Colors from all over the cube, `[1, 729, 3]`."""
