"""Notices about images that are probably not what was meant: maps in a wrong range of values, unusable profiles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from pixels_ext.fields import ImageField, fields_of
from pixels_ext.imaging.color import profile_problem
from pixels_ext.imaging.images import alpha_channel, as_edit_map, as_rgba, normalize_mode
from pixels_ext.imaging.mask_ops import levels
from pixels_ext.maps import MapSpec, as_map_spec
from pixels_ext.maps.image import ImageMap
from pixels_ext.request import EditRequest, Exemplar, Shaping

_DARK = 1 / 16
"""A map with no value above this looks black. 8-, 10- and 12-bit values in a 16-bit file stay below it, and so do
label masks, which number their regions from 0."""


def image_notices(request: EditRequest) -> list[str]:
    """Sentences about images that are used, but probably not as they were meant, in the order of the request."""
    white_edits = request.white_means == "exemplar"
    return [
        f"Exemplar {index + 1}: {text}"
        for index, exemplar in enumerate(request.exemplars)
        for text in _exemplar_problems(exemplar, white_edits)
    ]


def color_profile_notice(image: Image.Image) -> str:
    """The end of a sentence about an image whose color profile cannot be used; "" for others."""
    problem = profile_problem(image)
    return f"{problem}, so its colors are taken as sRGB." if problem else ""


def _exemplar_problems(exemplar: Exemplar, white_edits: bool) -> Iterator[str]:
    text = color_profile_notice(exemplar.image)
    if text:
        yield f"the image {text}"
    maps = (
        ("edit map", exemplar.edit_map, exemplar.shaping),
        ("second map", exemplar.second_map, exemplar.second_shaping),
    )
    for name, edit_map, shaping in maps:
        if edit_map is not None:
            yield from (f"the {name} {text}" for text in _map_problems(as_map_spec(edit_map), shaping, white_edits))


def _map_problems(edit_map: MapSpec, shaping: Shaping, white_edits: bool) -> Iterator[str]:
    by_alpha = isinstance(edit_map, ImageMap) and edit_map.channel == "alpha"
    for name, field in fields_of(type(edit_map)):
        image = getattr(edit_map, name)
        if isinstance(field, ImageField) and image is not None:
            text = values_out_of_range(image, by_alpha)
            if text and not (isinstance(edit_map, ImageMap) and _levels_fix_range(image, by_alpha, shaping, white_edits)):
                yield text


def values_out_of_range(image: Image.Image, by_alpha: bool = False) -> str:
    """The end of a sentence about a map whose values are in another range than its file's (0 and 1 of 255, 8 bits in a
    16-bit file); "" for others. `by_alpha`: the map is the image's alpha."""
    image = normalize_mode(image)
    white = 65535 if image.mode == "I;16" and not by_alpha else 255
    highest = _highest(image, by_alpha)
    if not 0 < highest <= _DARK * white:
        return ""
    if by_alpha:
        return f"has no alpha above {highest} of {white}, so it edits almost nothing: {_advice(highest, white)}."
    return f"has no value above {highest} of {white}, so all of it is black or almost black: {_advice(highest, white)}."


def _highest(image: Image.Image, by_alpha: bool) -> int:
    """The highest value of a normalized image as a map, or of its alpha. Opaque images take a shortcut, because this
    runs before every edit, on images of many megapixels."""
    if image.mode == "I;16" and not by_alpha:
        return int(np.asarray(image).max())
    rgba = as_rgba(image)
    alpha = np.asarray(rgba.getchannel("A"))
    if by_alpha:
        return int(alpha.max())
    if alpha.min() == 255:
        return int(np.asarray(rgba.convert("L")).max())
    return round(float(as_edit_map(rgba).max()) * 255)


def _advice(highest: int, white: int) -> str:
    if highest == 1:
        return f"if it is a mask of 0 and 1, multiply its values by {white}"
    if white == 255:
        return f"a map has values from 0 to {white}"
    bits = next(bits for bits in (8, 10, 12) if highest < 2**bits)
    return f"if these are {bits}-bit values in a 16-bit file, multiply them by {white / (2**bits - 1):.4g}"


def _levels_fix_range(image: Image.Image, by_alpha: bool, shaping: Shaping, white_edits: bool) -> bool:
    """Whether invert, black and white point stretch the values to a useful range, so that they are not a mistake."""
    values = 1 - alpha_channel(image) if by_alpha else as_edit_map(image, white_edits)
    values = levels(1 - values if shaping.invert else values, shaping.black_point, shaping.white_point)
    return float(values.max() - values.min()) > _DARK
