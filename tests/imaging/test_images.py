"""Images as people really have them."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.images import noise_image
from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.imaging.hash import image_hash
from pixels_ext.imaging.images import (
    as_edit_map,
    as_rgba,
    image_from_base64,
    image_to_data_url,
    normalize_mode,
    open_image,
    resize_map,
)
from pixels_ext.request import Exemplar

RAMP = np.linspace(0, 1, 64, dtype=np.float32)[None].repeat(8, 0)


def saved(image: Image.Image, kind: str, **options: object) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16", "I", "F"])
def test_every_mode_becomes_rgba_and_a_map_that_rises_with_it(mode: str) -> None:
    scale = {"I;16": 65535, "I": 65535, "F": 1}.get(mode, 255)
    if mode in ("I;16", "I", "F"):
        dtype = {"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]
        image = Image.fromarray((RAMP * scale).astype(dtype))
    else:
        gray = Image.fromarray((RAMP * 255).astype(np.uint8))
        image = gray.quantize(256) if mode == "P" else gray.convert("RGB").convert(mode)
    gray = np.asarray(as_rgba(image).convert("L"), dtype=np.float32) / 255
    edit_map = as_edit_map(image)
    coarse = 1.0 if mode == "1" else 0.02
    assert edit_map.dtype == np.float32
    assert np.abs(edit_map - RAMP).max() <= coarse
    assert np.abs(gray - RAMP).max() <= coarse


def test_sixteen_bits_are_kept_in_a_map() -> None:
    values = np.arange(256, dtype=np.uint16)[None].repeat(2, 0) + 30000
    edit_map = as_edit_map(open_image(saved(Image.fromarray(values), "PNG")))
    assert len(np.unique(edit_map)) == 256


def test_a_rotated_jpeg_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert open_image(saved(Image.new("RGB", (40, 20)), "JPEG", exif=exif)).size == (20, 40)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
def test_usual_files_are_read(kind: str) -> None:
    assert as_rgba(open_image(saved(noise_image(1), kind))).size == (64, 64)


def test_a_cmyk_jpeg_keeps_its_colors() -> None:
    red = Image.new("RGB", (16, 16), (250, 10, 10)).convert("CMYK")
    pixel = as_rgba(open_image(saved(red, "JPEG", quality=95))).getpixel((8, 8))
    assert pixel[0] > 200 > 60 > pixel[1]


def test_transparent_places_of_a_map_keep_the_source() -> None:
    assert as_edit_map(Image.new("RGBA", (2, 2), (0, 0, 0, 0))).min() == 1


@pytest.mark.parametrize("value", [np.nan, -0.5, 1.5, np.inf])
def test_float_maps_out_of_range_are_refused(value: float) -> None:
    values = np.full((4, 4), 0.5, dtype=np.float32)
    values[1, 1] = value
    with pytest.raises(RequestError, match="values from 0 to 1"):
        as_edit_map(Image.fromarray(values))


def bomb(width: int, height: int) -> io.BytesIO:
    """A PNG of a few bytes that claims to be huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")))


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (io.BytesIO(b""), "cannot be read"),
        (io.BytesIO(b"hello"), "cannot be read"),
        (io.BytesIO(saved(noise_image(1), "PNG").getvalue()[:200]), "cannot be read"),
        (io.BytesIO(saved(noise_image(1), "JPEG").getvalue()[:400]), "cannot be read"),
        (io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "cannot be read"),
        (bomb(60000, 60000), "at most 100 megapixels"),
        (bomb(12000, 12000), r": 12000x12000 \(expected at most 100 megapixels"),
        (
            saved(Image.new("L", (4, 4)), "GIF", save_all=True, append_images=[Image.new("L", (4, 4), 99)]),
            r": 2 frames \(expected a still image",
        ),
        (Path("no/such/file.png"), "which does not exist"),
        (Path("tests"), "cannot be read"),
    ],
    ids=["empty", "text", "cut png", "cut jpeg", "svg", "bomb", "large", "animated", "missing", "folder"],
)
def test_what_is_no_image_is_refused(file: io.BytesIO, message: str) -> None:
    with pytest.raises(RequestError, match=message) as raised:
        open_image(file)
    assert "\n" not in str(raised.value)
    assert "BytesIO" not in str(raised.value)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "I;16"])
def test_text_form_is_without_loss(mode: str) -> None:
    image = (
        Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000)
        if mode == "I;16"
        else noise_image(3).convert(mode)
    )
    text = image_to_data_url(image)
    for each in (text, text.split(",")[1]):
        back = normalize_mode(image_from_base64(each))
        assert (back.mode, back.size, back.tobytes()) == (mode, image.size, image.tobytes())


@pytest.mark.parametrize("text", ["data:image/png;base64,", "data:image/png;base64,%%%", "data:image/png,abc", "ä"])
def test_text_that_is_no_image_is_refused(text: str) -> None:
    with pytest.raises(RequestError):
        image_from_base64(text)


def test_a_remote_address_is_only_text() -> None:
    with pytest.raises(RequestError, match="not base64"):
        image_from_base64("http://127.0.0.1/secret.png")


def test_base64_of_a_text_is_no_image() -> None:
    with pytest.raises(RequestError, match="cannot be read"):
        image_from_base64(base64.b64encode(b"hello world").decode())


@pytest.mark.parametrize("size", [(7, 5), (32, 4), (640, 80), (200, 3)])
def test_maps_keep_pure_black_and_white_at_every_size(size: tuple[int, int]) -> None:
    halves = np.repeat(np.array([[0, 0, 0, 0, 1, 1, 1, 1]], dtype=np.float32), 8, axis=0)
    result = resize_map(halves, size)
    assert result.shape == size[::-1]
    assert result[:, 0].max() == 0
    assert result[:, -1].min() == 1


EVERY_MODE = [
    *("1", "L", "P", "LA", "PA", "La", "RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr", "HSV", "LAB"),
    *("I", "F", "I;16", "I;16L", "I;16B", "I;16N"),
]
PNG_MODES = {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}


@pytest.mark.parametrize("mode", EVERY_MODE)
def test_every_mode_of_pillow_is_taken(mode: str) -> None:
    image = Image.new(mode, (4, 3))
    kept = normalize_mode(image)
    assert kept.mode in PNG_MODES
    assert (kept is image) == (mode in PNG_MODES)
    assert np.array_equal(as_edit_map(image), as_edit_map(kept))
    assert as_rgba(image).size == (4, 3)
    back = normalize_mode(image_from_base64(image_to_data_url(image)))
    assert np.array_equal(as_edit_map(back), as_edit_map(image))
    assert np.array_equal(np.asarray(as_rgba(back)), np.asarray(as_rgba(image)))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 65536]], dtype=np.int32), "values from 0 to 65535"),
        (np.array([[-1, 5]], dtype=np.int32), "values from 0 to 65535"),
        (np.array([[0, 255]], dtype=np.float32), "values from 0 to 1"),
        (np.array([[0, np.nan]], dtype=np.float32), "values from 0 to 1"),
    ],
)
def test_values_that_no_image_has_are_refused_in_maps_and_exemplars(values: np.ndarray, expected: str) -> None:
    image, other = Image.fromarray(values), noise_image(1)
    for field, images in (("image", (image, other)), ("edit_map", (other, image))):
        with pytest.raises(RequestError, match=expected) as raised:
            Exemplar(image=images[0], edit_map=images[1])
        assert raised.value.path == field


def sixteen(mode: str) -> Image.Image:
    values = np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000
    kind = {"I": np.int32, "I;16B": ">u2", "F": np.float32}.get(mode, np.uint16)
    if mode == "I;16B":
        return Image.frombytes(mode, (8, 8), values.astype(kind).tobytes())
    return Image.fromarray((values / 65535 if mode == "F" else values).astype(kind))


def color(mode: str) -> Image.Image:
    image = noise_image(1).quantize(16).convert("RGB")
    return image.quantize(16) if mode == "P" else image.convert(mode)


def gray(mode: str) -> Image.Image:
    half = Image.fromarray((RAMP > 0.5).astype(np.uint8) * 255)
    return half.quantize(2) if mode == "P" else half.convert(mode)


ONE_IMAGE = [
    *[(sixteen, sixteen("I;16"), mode) for mode in ("I", "I;16B", "F")],
    *[(color, color("RGB"), mode) for mode in ("P", "RGBA", "RGBX")],
    *[(gray, gray("L"), mode) for mode in ("1", "P", "LA", "RGB", "RGBA")],
]


@pytest.mark.parametrize(("make", "same", "mode"), ONE_IMAGE, ids=[f"{m.__name__}-{o}" for m, _, o in ONE_IMAGE])
def test_one_image_has_one_hash(make: Callable[[str], Image.Image], same: Image.Image, mode: str) -> None:
    image = make(mode)
    assert image.mode == mode
    assert image_hash(image) == image_hash(same)
    assert image_hash(image_from_base64(image_to_data_url(image))) == image_hash(same)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_file_of_16_bits_has_the_hash_of_its_values(kind: str) -> None:
    """Pillow 9.5 opens such a PNG in another mode than later ones."""
    image = sixteen("I;16")
    assert image_hash(open_image(saved(image, kind))) == image_hash(image) == "d0145f00acce"


def test_the_hash_is_the_same_with_every_pillow() -> None:
    assert [image_hash(gray("L")), image_hash(Image.new("RGB", (3, 2), (1, 2, 3)))] == [
        "0fe10f2d1448",
        "324103095909",
    ]


def test_other_images_have_other_hashes() -> None:
    images = [
        *(
            sixteen("I;16"),
            gray("L"),
            color("RGB"),
            Image.new("L", (2, 8)),
            Image.new("L", (8, 2)),
            Image.new("L", (4, 4)),
        ),
        *(
            Image.new("RGBA", (4, 4)),
            Image.new("RGBA", (4, 4), (0, 0, 0, 1)),
            Image.fromarray(np.zeros((4, 4), np.uint16)),
        ),
    ]
    assert len({image_hash(image) for image in images}) == len(images)
