"""Pictures as texts: as people's tools write base64, and beside the names of files."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from conftest import noise_picture
from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.imaging.images import image_from_base64, load_image


def data_of(picture: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


PICTURE = noise_picture(1, (32, 32))
DATA = data_of(PICTURE)
BARE = base64.b64encode(DATA).decode()
SMALL = data_of(Image.new("L", (8, 8), 90))


def in_lines(width: int, end: str) -> str:
    return end.join(BARE[i : i + width] for i in range(0, len(BARE), width)) + end


WRITINGS: dict[str, str] = {
    "base64 FILE": in_lines(76, "\n"),
    "openssl base64": in_lines(64, "\n"),
    "PowerShell, in lines": in_lines(76, "\r\n"),
    "certutil": f"-----BEGIN CERTIFICATE-----\r\n{in_lines(64, chr(13) + chr(10))}-----END CERTIFICATE-----\r\n",
    "uuencode -m": f"begin-base64 644 a picture.png\n{in_lines(60, chr(10))}====\n",
    "Python's encodebytes": base64.encodebytes(DATA).decode(),
    "URL-safe": base64.urlsafe_b64encode(DATA).decode(),
    "URL-safe, as JavaScript libraries": base64.urlsafe_b64encode(DATA).decode().rstrip("="),
    "without padding": BARE.rstrip("="),
    "with blanks around": f"\n  {BARE}\t\n",
    "with a byte order mark": f"\ufeff{BARE}",
    "indented in a file": "\n    ".join(["", *in_lines(76, "\n").split()]),
    "data URL": f"data:image/png;base64,{BARE}",
    "data URL in lines": f"data:image/png;base64,{in_lines(76, chr(10))}",
    "data URL after a blank": f" data:image/png;base64, {BARE}",
    "data URL in capitals": f"DATA:IMAGE/PNG;BASE64,{BARE}",
    "data URL with parameters": f"data:image/png;name=a.png;charset=utf-8;base64,{BARE}",
    "data URL without a type": f"data:;base64,{BARE}",
    "data URL, escaped": f"data:image/png;base64,{quote(BARE, safe='')}",
    "data URL, URL-safe": f"data:image/png;base64,{base64.urlsafe_b64encode(DATA).decode()}",
}


@pytest.mark.parametrize("name", WRITINGS)
def test_what_usual_programs_write_is_read(name: str) -> None:
    assert np.array_equal(np.asarray(image_from_base64(WRITINGS[name])), np.asarray(PICTURE))


@pytest.mark.parametrize("name", WRITINGS)
def test_and_also_where_a_file_s_name_may_stand(name: str, tmp_path: Path) -> None:
    assert np.array_equal(np.asarray(load_image(WRITINGS[name], tmp_path)), np.asarray(PICTURE))


@pytest.mark.parametrize("length", range(1, 4))
def test_every_length_is_read_without_its_padding(length: int) -> None:
    data = SMALL + bytes(length)  # readers stop at a PNG's end
    assert image_from_base64(base64.b64encode(data).decode().rstrip("=")).size == (8, 8)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_however_small_a_picture_is_its_text_is_no_name(kind: str, tmp_path: Path) -> None:
    text = base64.b64encode(data_of(Image.new("L", (1, 1), 90), kind)).decode()
    assert load_image(text, tmp_path).size == (1, 1)


def test_a_file_that_exists_is_meant_by_its_name_whatever_that_looks_like(tmp_path: Path) -> None:
    text = base64.urlsafe_b64encode(SMALL).decode()
    (tmp_path / text).write_bytes(DATA)
    assert load_image(text, tmp_path).size == PICTURE.size
    long = "a" * 200 + ".png"
    (tmp_path / long).write_bytes(DATA)
    assert load_image(long, tmp_path).size == PICTURE.size
    folder = tmp_path / ("c" * 180) / ("d" * 180)
    folder.mkdir(parents=True)
    (folder / "e").write_bytes(DATA)
    assert load_image(os.path.relpath(folder / "e", tmp_path), tmp_path).size == PICTURE.size


WRONG: list[tuple[str, str]] = [
    ("lake", "names"),
    ("lake.png", "which does not exist"),
    ("pictures/some/very/long/path/without/any/suffix/in/which/there/is/no/picture", "which does not exist"),
    (BARE[:200], "cannot be read"),
    (BARE[:201], "is not base64"),
    (BARE[:90] + "%" + BARE[91:], "is not base64"),
    ("data:image/png;base64,", "is empty"),
    ("data:image/svg+xml;utf8,<svg/>", "which does not exist"),
    ("<html>" + "x" * 3000, "characters"),
    ("a" * 3000, "characters"),
    ("a\0b", "cannot be read"),
    ("../" * 2000, "characters"),
]


@pytest.mark.parametrize(("text", "found"), WRONG, ids=range(len(WRONG)))
def test_what_is_neither_is_refused_in_a_short_sentence(text: str, found: str, tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        load_image(text, tmp_path)
    assert found in caught.value.found
    assert len(str(caught.value).replace(str(tmp_path), "")) < 300
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("read", [image_from_base64, lambda text: load_image(text, Path())])
@pytest.mark.parametrize("text", ["", "   \n", "====", "-----BEGIN X-----"])
def test_nothing_is_no_picture(read: Callable[[str], Image.Image], text: str) -> None:
    with pytest.raises(RequestError):
        read(text)
