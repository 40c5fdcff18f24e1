"""Images with a color profile are edited in the colors that they show."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.icc_profiles import (
    ADOBE_RGB,
    D50,
    D65,
    DISPLAY_P3,
    PRO_PHOTO,
    SRGB,
    gray_profile,
    ink_color,
    ink_profile,
    linear_to_srgb,
    rgb_profile,
    srgb_to_linear,
    to_xyz,
)
from helpers.images import gray_map, noise_image
from PIL import Image, ImageCms

from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.diffusers_host.canvas import source_canvas
from pixels_ext.imaging.color import profile_problem, srgb_profile, to_srgb
from pixels_ext.imaging.images import as_edit_map, as_rgba, image_from_base64, image_to_data_url, open_image
from pixels_ext.maps.image import ImageMap
from pixels_ext.maps.shape import ShapeMap
from pixels_ext.request import EditRequest, Exemplar, from_json

LIGHT, MIDDLE, PURE = (200, 60, 60), (90, 120, 150), (255, 255, 255)
GAMUTS: dict[str, tuple[Any, float | None, tuple[float, float]]] = {
    "Display P3": (DISPLAY_P3, None, D65),
    "Adobe RGB": (ADOBE_RGB, 2.2, D65),
    "ProPhoto": (PRO_PHOTO, 1.8, D50),
}


def profile_of(name: str) -> bytes:
    return rgb_profile(*GAMUTS[name])


def as_seen_in(name: str, color: tuple[int, int, int]) -> tuple[int, ...]:
    """The numbers under which an image of this profile keeps an sRGB color."""
    primaries, gamma, white = GAMUTS[name]
    linear = srgb_to_linear(np.array(color) / 255)
    own = np.linalg.solve(to_xyz(primaries, white), to_xyz(SRGB, D65) @ linear).clip(0, 1)
    values = linear_to_srgb(own) if gamma is None else own ** (1 / gamma)
    return tuple(int(value) for value in (values * 255).round())


def tagged(image: Image.Image, profile: bytes) -> Image.Image:
    image.info["icc_profile"] = profile
    return image


def apart(first: Image.Image | tuple[int, ...], second: tuple[int, ...]) -> int:
    pixel = first.getpixel((0, 0)) if isinstance(first, Image.Image) else first
    return int(np.abs(np.subtract(pixel, second)).max())


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
@pytest.mark.parametrize("color", [LIGHT, MIDDLE, PURE])
@pytest.mark.parametrize("name", GAMUTS)
def test_a_color_is_the_one_that_is_seen(name: str, color: tuple[int, int, int], mode: str) -> None:
    kept = as_seen_in(name, color)
    image = Image.new("RGB", (4, 4), kept)
    image = image.quantize(2) if mode == "P" else image.convert(mode)
    shown = to_srgb(tagged(image, profile_of(name)))
    assert shown.mode == "RGB"
    assert "icc_profile" not in shown.info
    assert apart(shown, color) <= 2
    assert color == PURE or apart(kept, color) > 2


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_the_profile_is_found_in_every_kind_of_file(kind: str) -> None:
    file = io.BytesIO()
    kept = Image.new("RGB", (16, 16), as_seen_in("Display P3", LIGHT))
    kept.save(file, kind, icc_profile=profile_of("Display P3"), quality=100)
    file.seek(0)
    assert apart(to_srgb(open_image(file)), LIGHT) <= 4


def test_transparency_stays_and_what_is_under_it_is_converted_too() -> None:
    image = Image.new("RGBA", (2, 1), (*as_seen_in("Display P3", LIGHT), 255))
    image.putpixel((0, 0), (*as_seen_in("Display P3", LIGHT), 40))
    shown = to_srgb(tagged(image, profile_of("Display P3")))
    assert shown.mode == "RGBA"
    assert [shown.getpixel((x, 0))[3] for x in (0, 1)] == [40, 255]
    assert apart(shown, (*LIGHT, 40)) <= 2


@pytest.mark.parametrize("mode", ["L", "LA", "I;16", "I"])
def test_gray_is_seen_through_its_curve_and_stays_gray(mode: str) -> None:
    if mode in ("I;16", "I"):
        image = Image.fromarray(np.full((4, 4), 100 * 257, np.uint16 if mode == "I;16" else np.int32))
    else:
        image = Image.new(mode, (4, 4), 100 if mode == "L" else (100, 70))
    shown = to_srgb(tagged(image, gray_profile(1.8)))
    wanted = round(float(linear_to_srgb(np.array((100 / 255) ** 1.8)) * 255))
    assert shown.mode == ("LA" if mode == "LA" else "L")
    assert apart(as_rgba(shown), (wanted, wanted, wanted, 70 if mode == "LA" else 255)) <= 1
    assert wanted > 110


def test_a_gray_image_may_have_a_color_profile() -> None:
    """Cameras and editors write them, and browsers follow them."""
    shown = to_srgb(tagged(Image.new("L", (4, 4), 100), profile_of("ProPhoto")))
    wanted = round(float(linear_to_srgb(np.array((100 / 255) ** 1.8)) * 255))
    assert apart(shown, (wanted,) * 3) <= 1


@pytest.mark.parametrize("inks", [each for each in product((0, 255), repeat=4) if each[3] == 0])
def test_inks_are_seen_as_their_table_says(inks: tuple[int, int, int, int]) -> None:
    shown = to_srgb(tagged(Image.new("CMYK", (4, 4), inks), ink_profile()))
    wanted = (linear_to_srgb(ink_color(np.array(inks) / 255)) * 255).round()
    assert apart(shown, tuple(wanted)) <= 4  # CIELAB in 8 bits
    assert inks == (0, 0, 0, 0) or apart(Image.new("CMYK", (1, 1), inks).convert("RGB"), tuple(wanted)) > 50


@pytest.mark.parametrize("profile", [rgb_profile(SRGB), srgb_profile()])
def test_what_is_in_srgb_keeps_every_pixel(profile: bytes) -> None:
    image = tagged(noise_image(1), profile)
    shown = to_srgb(image)
    assert shown.tobytes() == image.tobytes()
    assert "icc_profile" not in shown.info


def test_what_is_converted_once_is_not_converted_again() -> None:
    for profile in (profile_of("Display P3"), ink_profile(), gray_profile(1.8), b"broken"):
        for mode in ("RGB", "L", "CMYK", "LAB", "P"):
            once = to_srgb(tagged(noise_image(1).convert(mode), profile))
            assert as_rgba(to_srgb(once)).tobytes() == as_rgba(once).tobytes(), mode


def spoiled() -> bytes:
    profile = bytearray(profile_of("Display P3"))
    profile[128:132] = b"\xff\xff\xff\xff"
    return bytes(profile)


UNFIT: list[tuple[str, str, Any]] = [
    ("RGB", "that cannot be used (it is for gray, and the image is RGB)", gray_profile(1.8)),
    ("RGB", "that cannot be used (it is for CMYK, and the image is RGB)", ink_profile()),
    ("L", "that cannot be used (it is for CMYK, and the image is gray)", ink_profile()),
    ("CMYK", "that cannot be used (it is for gray, and the image is CMYK)", gray_profile(1.8)),
    ("RGB", "that cannot be read", b"no profile"),
    ("RGB", "that cannot be read", profile_of("Display P3")[:100]),
    ("RGB", "that cannot be", spoiled()),
    ("RGB", "that cannot be read", "a text"),
]


@pytest.mark.parametrize(("mode", "problem", "profile"), UNFIT, ids=range(len(UNFIT)))
def test_with_a_profile_that_cannot_be_used_an_image_counts_as_srgb_and_that_is_said(
    mode: str, problem: str, profile: Any
) -> None:
    image = noise_image(1).convert(mode)
    expected = as_rgba(image).tobytes()
    shown = to_srgb(tagged(image, profile))
    assert as_rgba(shown).tobytes() == expected
    for each in (image, shown):
        assert profile_problem(each).startswith("has a color profile that cannot be")
    assert problem in profile_problem(image)
    assert "\n" not in profile_problem(image)


def test_of_a_profile_that_was_used_nothing_is_said() -> None:
    for profile in (profile_of("Display P3"), srgb_profile(), ink_profile()):
        image = tagged(noise_image(1).convert("CMYK" if profile == ink_profile() else "RGB"), profile)
        assert profile_problem(image) == profile_problem(to_srgb(image)) == ""


def test_a_pillow_without_littlecms_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError("The _imagingcms C module is not installed")

    for name in ("ImageCmsProfile", "createProfile", "buildTransform"):
        monkeypatch.setattr(ImageCms, name, missing)
    image = tagged(noise_image(1), profile_of("Display P3"))
    assert to_srgb(image).tobytes() == image.tobytes()
    assert profile_problem(image) == "has a color profile, but this Pillow was built without LittleCMS"
    assert srgb_profile() is None


def test_an_exemplar_is_converted_and_a_map_is_not() -> None:
    """A map's values say when places are released; no profile changes that."""
    gray, ramp = gray_profile(1.8), Image.fromarray(np.arange(256, dtype=np.uint8)[None].repeat(4, 0))
    texts = {"image": noise_image(1), "map": tagged(ramp, gray)}
    tagged(texts["image"], profile_of("Display P3"))
    given = {"type": "image", "image": image_to_data_url(texts["map"])}
    shape = {"type": "shape", "image": image_to_data_url(texts["map"])}
    plain, _, _ = exemplars = [
        {"image": image_to_data_url(texts["image"]), "edit_map": edit_map}
        for edit_map in (given["image"], given, shape)
    ]
    assert image_from_base64(plain["image"]).info["icc_profile"]
    request = from_json({"exemplars": exemplars}, image_from_base64)
    values = np.arange(256, dtype=np.float32)[None].repeat(4, 0) / 255
    first, second, third = request.exemplars
    assert first.image.tobytes() == to_srgb(texts["image"]).tobytes() != texts["image"].tobytes()
    for edit_map in (first.edit_map, second.edit_map.image, third.edit_map.image):
        assert np.allclose(as_edit_map(edit_map), values, atol=1e-6)


def test_from_python_too() -> None:
    exemplar = tagged(Image.new("RGB", (8, 8), as_seen_in("Adobe RGB", LIGHT)), profile_of("Adobe RGB"))
    edit_map = tagged(gray_map(1), gray_profile(1.8))
    made = Exemplar(image=exemplar, edit_map=edit_map)
    assert apart(made.image, LIGHT) <= 2
    assert np.array_equal(as_edit_map(made.edit_map), as_edit_map(gray_map(1)))
    for source in (ImageMap(image=edit_map), ShapeMap(image=edit_map)):
        assert source.image.tobytes() == edit_map.tobytes()


def test_a_source_is_converted_before_it_is_edited() -> None:
    source = tagged(Image.new("RGBA", (64, 64), (*as_seen_in("Display P3", LIGHT), 255)), profile_of("Display P3"))
    assert apart(source_canvas(source, (64, 64)), LIGHT) <= 2


@pytest.fixture(scope="module")
def editor(pipeline: Any) -> Editor:
    return Editor(pipeline)


def test_kept_white_is_the_source_as_it_looks_and_results_say_that_they_are_srgb(
    editor: Editor, tmp_path: Path
) -> None:
    source = Image.new("RGB", (64, 64), as_seen_in("Display P3", LIGHT))
    edit_map = gray_map(1).point(lambda value: 255)
    request = EditRequest(exemplars=(Exemplar(image=noise_image(2), edit_map=edit_map),), keep_white=True)
    settings = Settings(steps=4, strength=0.5)
    tagged(source, profile_of("Display P3"))
    result = editor.edit(source, request, settings).image
    pasted = editor.composite(source, request, settings)
    for image in (result, pasted):
        assert apart(image, LIGHT) <= 2
        image.save(tmp_path / "a.png")
        saved = Image.open(tmp_path / "a.png")
        described = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(saved.info["icc_profile"])))
        assert described.startswith("sRGB")
        assert to_srgb(saved).tobytes() == image.tobytes()


def test_the_same_result_is_the_same_file() -> None:
    assert srgb_profile() == srgb_profile()
    profile: Callable[[], bytes | None] = srgb_profile
    assert (profile() or b"")[24:36] == b"\x07\xea\x00\x01\x00\x01" + bytes(6)
