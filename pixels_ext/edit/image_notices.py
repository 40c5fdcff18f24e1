"""What an edit says, once, about pictures that hardly mean what they say: maps in a wrong range, profiles of no use."""

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
"""Up to here a map is black to the eye. Values of 8, 10 or 12 bits in a file of 16 bits end below, and so do masks that
number their parts from 0."""


def image_notices(request: EditRequest) -> list[str]:
    """Sentences about pictures that are used, but hardly as they were meant, in the order of the request."""
    white_edits = request.white_means == "exemplar"
    return [
        f"Exemplar {index + 1}: {text}"
        for index, exemplar in enumerate(request.exemplars)
        for text in _of_exemplar(exemplar, white_edits)
    ]


def color_profile_notice(picture: Image.Image) -> str:
    """A sentence's end about a picture whose color profile cannot be used, or ""."""
    problem = profile_problem(picture)
    return f"{problem}, so its colors count as sRGB." if problem else ""


def _of_exemplar(exemplar: Exemplar, white_edits: bool) -> Iterator[str]:
    text = color_profile_notice(exemplar.image)
    if text:
        yield f"the image {text}"
    maps = (
        ("edit map", exemplar.edit_map, exemplar.shaping),
        ("second map", exemplar.second_map, exemplar.second_shaping),
    )
    for name, edit_map, shaping in maps:
        if edit_map is not None:
            yield from (f"the {name} {text}" for text in _of_map(as_map_spec(edit_map), shaping, white_edits))


def _of_map(edit_map: MapSpec, shaping: Shaping, white_edits: bool) -> Iterator[str]:
    by_alpha = isinstance(edit_map, ImageMap) and edit_map.channel == "alpha"
    for name, field in fields_of(type(edit_map)):
        picture = getattr(edit_map, name)
        if isinstance(field, ImageField) and picture is not None:
            text = values_out_of_range(picture, by_alpha)
            if text and not (isinstance(edit_map, ImageMap) and _is_levelled(picture, by_alpha, shaping, white_edits)):
                yield text


def values_out_of_range(picture: Image.Image, by_alpha: bool = False) -> str:
    """Words that follow a map's name where its picture has values that can only be meant in another range than the
    file's (0 and 1 of 255, 8 bits in a file of 16); "" for all others. `by_alpha`: what counts is its transparency."""
    picture = normalize_mode(picture)
    white = 65535 if picture.mode == "I;16" and not by_alpha else 255
    highest = _highest(picture, by_alpha)
    if not 0 < highest <= _DARK * white:
        return ""
    if by_alpha:
        return (
            f"is nowhere more opaque than {highest} of {white}, so it edits next to nothing: {_advice(highest, white)}."
        )
    return f"has no value above {highest} of {white}, so all of it is black, or nearly: {_advice(highest, white)}."


def _highest(picture: Image.Image, by_alpha: bool) -> int:
    """The highest value of a normalized picture, as a map or by its transparency. Most maps are opaque, and theirs is
    found in a fraction of the time: this is asked before every edit, whose pictures may have millions of pixels."""
    if picture.mode == "I;16" and not by_alpha:
        return int(np.asarray(picture).max())
    rgba = as_rgba(picture)
    alpha = np.asarray(rgba.getchannel("A"))
    if by_alpha:
        return int(alpha.max())
    if alpha.min() == 255:
        return int(np.asarray(rgba.convert("L")).max())
    return round(float(as_edit_map(rgba).max()) * 255)


def _advice(highest: int, white: int) -> str:
    if highest == 1:
        return f"a mask of the values 0 and 1 needs them multiplied by {white}"
    if white == 255:
        return f"the values of a map go from 0 to {white}"
    bits = next(bits for bits in (8, 10, 12) if highest < 2**bits)
    return f"values of {bits} bits need to be multiplied by {white / (2**bits - 1):.4g} in a file of 16 bits"


def _is_levelled(picture: Image.Image, by_alpha: bool, shaping: Shaping, white_edits: bool) -> bool:
    """Whether invert, black and white point bring the values into range, so that they are meant as they are."""
    values = 1 - alpha_channel(picture) if by_alpha else as_edit_map(picture, white_edits)
    values = levels(1 - values if shaping.invert else values, shaping.black_point, shaping.white_point)
    return float(values.max() - values.min()) > _DARK
