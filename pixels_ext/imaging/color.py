"""Color profiles: images are converted to sRGB, the color space that models are trained in."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

from pixels_ext.errors import first_line
from pixels_ext.imaging.images import GRAY16_MODES, as_rgba, first_line, normalize_mode

ICC_PROFILE = "icc_profile"
"""The key of an image's ICC profile in Pillow's `Image.info`."""
_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""The image mode that a profile of each color space is for."""
_GRAY = {"1", "L", "LA", "La", "F", *GRAY16_MODES}
_TOLERANCE = 1
"""A profile that moves no color by more than this many steps of 255 counts as sRGB: the pixels stay as they are."""
_PROFILE_ERRORS = (ImageCms.PyCMSError, ImportError, OSError, TypeError, ValueError)
_CREATED = slice(24, 36)
"""The bytes of an ICC profile with its date and time of creation."""


def to_srgb(image: Image.Image) -> Image.Image:
    """Any image converted to sRGB with its embedded profile, which is then removed; in a mode of `normalize_mode`.

    An image without a profile is taken for sRGB. So is one whose profile cannot be used (see `profile_problem`), which
    keeps its profile. The rendering intent is perceptual. Raises `RequestError` (with an empty path) where
    `normalize_mode` does.
    """
    if not image.info.get(ICC_PROFILE):
        return normalize_mode(image)
    try:
        return _convert(image)
    except _PROFILE_ERRORS:
        return normalize_mode(image)


def profile_problem(image: Image.Image) -> str:
    """Why the image's color profile cannot be used, in words that follow the image's name ("has a ..."); "" if it has
    none, or if it can be used."""
    if not image.info.get(ICC_PROFILE):
        return ""
    try:
        _transform(image)
    except ImportError:
        return "has a color profile, but this Pillow was built without LittleCMS"
    except ImageCms.PyCMSError as error:
        return f"has a color profile that cannot be used ({first_line(error)})"
    except _PROFILE_ERRORS as error:
        return f"has a color profile that cannot be read ({first_line(error)})"
    return ""


def srgb_profile() -> bytes | None:
    """The ICC profile of sRGB for `Image.save(..., icc_profile=...)`, always the same bytes; `None` if Pillow was built
    without LittleCMS."""
    try:
        profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    except ImportError:
        return None
    profile[_CREATED] = b"\x07\xea\x00\x01\x00\x01" + bytes(6)  # fixed, so that the same edit is the same file
    return bytes(profile)


def tag_srgb(image: Image.Image) -> Image.Image:
    """Embed the sRGB profile in `image`, so that files saved from it have it. Changes and returns `image`."""
    profile = srgb_profile()
    if profile:
        image.info[ICC_PROFILE] = profile
    return image


def _convert(image: Image.Image) -> Image.Image:
    transform, mode = _transform(image)
    if mode == "L":
        return _convert_gray(image, transform)
    if mode == "CMYK":
        return _without_profile(transform.apply(image))
    probe = Image.fromarray(_PROBE)
    moved = np.asarray(transform.apply(probe)).astype(int) - _PROBE
    if np.abs(moved).max() <= _TOLERANCE:
        return _without_profile(normalize_mode(image))
    rgba = as_rgba(image)
    result = _without_profile(transform.apply(rgba.convert("RGB")))
    return _with_alpha(result, rgba)


def _convert_gray(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    """A gray image stays gray: profiles of gray have a tone curve and no color."""
    ramp = np.arange(256, dtype=np.uint8)
    curve = np.asarray(transform.apply(Image.fromarray(ramp[None])))[0, :, 1]
    if np.abs(curve.astype(int) - ramp).max() <= _TOLERANCE:
        return _without_profile(normalize_mode(image))
    rgba = as_rgba(image)
    return _with_alpha(_without_profile(rgba.getchannel("G").point(curve.tolist())), rgba)


def _transform(image: Image.Image) -> tuple[ImageCms.ImageCmsTransform, str]:
    """The transform from the image's profile to sRGB, and the mode of its input. Raises one of `_PROFILE_ERRORS`."""
    profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info[ICC_PROFILE]))
    space = profile.profile.xcolor_space.strip()
    own = "GRAY" if image.mode in _GRAY else "CMYK" if image.mode == "CMYK" else "RGB"
    if space not in ("RGB", own):  # any image can be converted to RGB
        raise ImageCms.PyCMSError(f"it is for {_space_name(space)}, and the image is {_space_name(own)}")
    mode = _MODES[space]
    return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB"), mode


def _with_alpha(colors: Image.Image, rgba: Image.Image) -> Image.Image:
    alpha = rgba.getchannel("A")
    if alpha.getextrema() != (255, 255):
        colors.putalpha(alpha)
    return colors


def _without_profile(image: Image.Image) -> Image.Image:
    result = image.copy()
    result.info.pop(ICC_PROFILE, None)
    return result


def _space_name(space: str) -> str:
    return "gray" if space == "GRAY" else space


_LEVELS = np.linspace(0, 255, 9).round().astype(np.uint8)
_PROBE = np.stack(np.meshgrid(_LEVELS, _LEVELS, _LEVELS), axis=-1).reshape(1, -1, 3)
"""A grid of colors over the RGB cube, `[1, 729, 3]`."""
