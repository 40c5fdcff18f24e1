"""Maps that cannot mean what they say, and profiles of no use, are said in a sentence."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from helpers.icc_profiles import gray_profile
from helpers.images import gray_map, noise_image
from PIL import Image

from pixels_ext.edit.image_notices import color_profile_notice, image_notices, values_out_of_range
from pixels_ext.imaging.images import as_edit_map, open_image
from pixels_ext.maps.image import ImageMap
from pixels_ext.maps.linear import LinearMap
from pixels_ext.maps.shape import ShapeMap
from pixels_ext.request import EditRequest, Exemplar, Shaping

IMAGE = noise_image(1)
HALVES = np.repeat(np.array([[0, 1]]), 32, axis=1).repeat(64, axis=0)


def told(edit_map: Any, white_means: str = "source", **fields: Any) -> list[str]:
    exemplar = Exemplar(image=IMAGE, edit_map=edit_map, **fields)
    return image_notices(EditRequest(exemplars=(exemplar,), white_means=white_means))


def gray(values: np.ndarray, kind: Any = np.uint8) -> Image.Image:
    return Image.fromarray(values.astype(kind))


def through_a_file(image: Image.Image, kind: str) -> Image.Image:
    file = io.BytesIO()
    image.save(file, kind)
    file.seek(0)
    return open_image(file)


def alpha(values: np.ndarray) -> Image.Image:
    image = Image.new("RGBA", values.shape[::-1], "white")
    image.putalpha(gray(values))
    return image


OUT_OF_RANGE: list[tuple[str, Any, str]] = [
    ("a mask of 0 and 1", gray(HALVES), "if it is a mask of 0 and 1, multiply its values by 255."),
    ("of nothing but 1", gray(HALVES * 0 + 1), "no value above 1 of 255"),
    ("in color", gray(HALVES).convert("RGB"), "multiply its values by 255"),
    ("in a palette", gray(HALVES).convert("RGB").quantize(4), "multiply its values by 255"),
    ("with transparency", gray(HALVES).convert("RGBA"), "multiply its values by 255"),
    ("parts by number", gray(HALVES * 7), "no value above 7 of 255, so all of it is black or almost black: a map"),
    ("0 and 1 in 16 bits", gray(HALVES, np.uint16), "if it is a mask of 0 and 1, multiply its values by 65535."),
    ("8 bits in 16", gray(HALVES * 255, np.uint16), "no value above 255 of 65535"),
    (
        "8 bits in 16, advice",
        gray(HALVES * 254, np.uint16),
        "if these are 8-bit values in a 16-bit file, multiply them by 257.",
    ),
    (
        "10 bits in 16",
        gray(HALVES * 1023, np.uint16),
        "if these are 10-bit values in a 16-bit file, multiply them by 64.06.",
    ),
    (
        "12 bits in 16",
        gray(HALVES * 4095, np.uint16),
        "if these are 12-bit values in a 16-bit file, multiply them by 16.",
    ),
    ("8 bits in 32", gray(HALVES * 255, np.int32), "no value above 255 of 65535"),
    ("a float divided twice", gray(HALVES / 255, np.float32), "no value above 257 of 65535"),
    ("a shape", ShapeMap(image=gray(HALVES)), "the edit map has no value above 1 of 255"),
    ("by alpha", ImageMap(image=alpha(HALVES), channel="alpha"), "the edit map has no alpha above 1 of 255"),
]


@pytest.mark.parametrize(("edit_map", "part"), [case[1:] for case in OUT_OF_RANGE], ids=[c[0] for c in OUT_OF_RANGE])
def test_values_in_another_range_than_the_file_s_are_said(edit_map: Any, part: str) -> None:
    (text,) = told(edit_map)
    assert text.startswith("Exemplar 1: the edit map ")
    assert part in text
    assert text.endswith(".")
    assert "\n" not in text


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_files_of_16_bits_are_known_in_whatever_mode_they_come(kind: str) -> None:
    (text,) = told(through_a_file(gray(HALVES * 255, np.uint16), kind))
    assert "no value above 255 of 65535" in text


MEANT: list[tuple[str, Any]] = [
    ("a soft map", gray_map(1)),
    ("black and white", gray(HALVES * 255)),
    ("all black", gray(HALVES * 0)),
    ("all white", gray(HALVES * 0 + 255)),
    ("one bit", gray(HALVES * 255).convert("1")),
    ("0 and 1 in float", gray(HALVES, np.float32)),
    ("16 bits", gray(HALVES * 65535, np.uint16)),
    ("dark, but gray", gray(HALVES * 40)),
    ("dark strokes on nothing", alpha(HALVES * 255).point(lambda value: 255 if value == 255 else min(value, 2))),
    ("no picture", LinearMap()),
]


@pytest.mark.parametrize("edit_map", [case[1] for case in MEANT], ids=[case[0] for case in MEANT])
def test_of_maps_that_mean_what_they_say_nothing_is_said(edit_map: Any) -> None:
    assert told(edit_map) == []
    assert told(edit_map, "exemplar") == []


def test_inpainting_masks_of_0_and_1_are_said_too() -> None:
    (text,) = told(gray(HALVES), "exemplar")
    assert "multiply its values by 255" in text
    assert len(told(gray(HALVES), shaping=Shaping(invert=True))) == 1


def test_levels_that_bring_the_values_into_range_are_an_answer() -> None:
    levels = Shaping(black_point=0, white_point=1 / 255)
    assert told(gray(HALVES), shaping=levels) == []
    turned = Shaping(black_point=254 / 255, white_point=1, invert=True)
    assert told(gray(HALVES), shaping=turned) == []


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "transparent", "keyed"])
def test_the_highest_value_is_that_of_the_map(mode: str) -> None:
    """Found without making the map where that takes long."""
    for highest in (0, 1, 15, 16, 17, 255):
        image = gray(HALVES * highest, np.uint16 if mode == "I;16" else np.uint8)
        white = 65535 if mode == "I;16" else 255
        if mode == "transparent":
            image.putalpha(image.point(lambda value: 255 - value))
        elif mode == "keyed":
            image.info["transparency"] = highest
        elif mode != "I;16":
            image = image.convert(mode)
        expected = round(float(as_edit_map(image).max()) * white)
        said = values_out_of_range(image)
        assert bool(said) == (0 < expected <= white / 16)
        assert f"no value above {expected} of {white}" in said or not said


def test_the_map_is_named() -> None:
    (text,) = told(gray_map(1), second_map=gray(HALVES))
    assert text.startswith("Exemplar 1: the second map has no value")
    exemplars = tuple(Exemplar(image=IMAGE, edit_map=each) for each in (gray_map(1), gray(HALVES)))
    (text,) = image_notices(EditRequest(exemplars=exemplars))
    assert text.startswith("Exemplar 2: the edit map ")


def test_a_profile_of_no_use_is_said() -> None:
    image = noise_image(2)
    image.info["icc_profile"] = gray_profile(1.8)
    request = EditRequest(exemplars=(Exemplar(image=image, edit_map=gray_map(1)),))
    (text,) = image_notices(request)
    assert text == (
        "Exemplar 1: the image has a color profile that cannot be used (it is for gray, and the image is RGB), "
        "so its colors are taken as sRGB."
    )
    assert color_profile_notice(image) == text.removeprefix("Exemplar 1: the image ")
    assert color_profile_notice(noise_image(2)) == ""
