"""The command line and the images that people have: as texts, in other colors, in the wrong range."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from helpers.command_line import pixels
from helpers.icc_profiles import DISPLAY_P3, gray_profile, rgb_profile
from helpers.images import gray_map, noise_image
from PIL import Image

from pixels_ext.cli.main import main
from pixels_ext.imaging.color import to_srgb

P3 = rgb_profile(DISPLAY_P3)


@pytest.fixture
def edit(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    noise_image(1).save(tmp_path / "a.png")
    noise_image(2, (40, 40)).save(tmp_path / "b.png")
    gray_map(1).save(tmp_path / "m.png")
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: main(
        ["edit", "--source", "a.png", "--steps", "2", "--quiet", "--model", str(model), *arguments]
    )


def as_text(name: str) -> str:
    return base64.b64encode(Path(name).read_bytes()).decode()


def test_a_small_image_s_text_is_no_file_name(edit: Callable[..., int]) -> None:
    Image.new("L", (1, 1), 0).save("black.png")
    text = as_text("black.png")
    assert len(text) < 144
    Path("r.json").write_text(json.dumps({"exemplars": [{"image": text, "edit_map": "m.png"}]}))
    assert edit("--exemplar", text, "--map", "m.png", "-o", "flag.png") == 0
    assert edit("--request", "r.json", "-o", "file.png") == 0
    assert edit("--exemplar", "black.png", "--map", "m.png", "-o", "name.png") == 0
    assert np.array_equal(pixels("flag.png"), pixels("name.png"))
    assert np.array_equal(pixels("file.png"), pixels("name.png"))


@pytest.mark.parametrize("end", ["\n", "\\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "data:image/png;base64,"])
def test_a_request_file_has_base64_in_lines_as_tools_write_it(edit: Callable[..., int], start: str, end: str) -> None:
    """Also where somebody's script put them between the quotes as they were, which is no JSON."""
    text = as_text("b.png")
    lines = end.join(text[i : i + 76] for i in range(0, len(text), 76))
    Path("r.json").write_text('{"exemplars": [{"image": "' + start + lines + '", "edit_map": "m.png"}]}')
    assert edit("--request", "r.json", "-o", "lines.png") == 0
    assert edit("--exemplar", "b.png", "--map", "m.png", "-o", "name.png") == 0
    assert np.array_equal(pixels("lines.png"), pixels("name.png"))


def test_source_and_exemplar_are_edited_as_they_look(edit: Callable[..., int]) -> None:
    for name in ("a", "b"):
        image = Image.open(f"{name}.png")
        image.save(f"{name}-p3.png", icc_profile=P3)
        to_srgb(Image.open(f"{name}-p3.png")).save(f"{name}-srgb.png")
    assert np.abs(pixels("a-p3.png") - pixels("a-srgb.png")).max() > 10
    rest = ("--map", "m.png", "--keep-white", "--composite")
    assert edit("--source", "a-p3.png", "--exemplar", "b-p3.png", *rest, "c1.png", "-o", "p3.png") == 0
    assert edit("--source", "a-srgb.png", "--exemplar", "b-srgb.png", *rest, "c2.png", "-o", "srgb.png") == 0
    assert np.array_equal(pixels("p3.png"), pixels("srgb.png"))
    assert np.array_equal(pixels("c1.png"), pixels("c2.png"))
    for name in ("p3.png", "c1.png"):
        assert b"sRGB" in Image.open(name).info["icc_profile"].replace(b"\0", b"")


def test_a_profile_on_a_map_changes_nothing(edit: Callable[..., int]) -> None:
    Image.open("m.png").save("m-gray.png", icc_profile=gray_profile(1.8))
    assert edit("--exemplar", "b.png", "--map", "m.png", "-o", "1.png") == 0
    assert edit("--exemplar", "b.png", "--map", "m-gray.png", "-o", "2.png") == 0
    assert np.array_equal(pixels("1.png"), pixels("2.png"))


def test_what_hardly_means_what_it_says_is_said_once_and_the_edit_is_made(
    edit: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    Image.open("m.png").point(lambda value: value > 128).save("mask.png")
    Image.open("a.png").save("a-gray.png", icc_profile=gray_profile(1.8))
    arguments = (
        "--source",
        "a-gray.png",
        "--exemplar",
        "b.png",
        "--map",
        "mask.png",
        "-o",
        "out.png",
        "--num-images",
        "2",
    )
    assert edit(*arguments) == 0
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("The source has a color profile that cannot be used (it is for gray, ")
    assert second.startswith("Exemplar 1: the edit map has no value above 1 of 255")


def test_a_source_with_values_of_no_image_is_refused(
    edit: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(np.full((64, 64), 200, np.float32)).save("deep.tiff")
    assert edit("--source", "deep.tiff", "--exemplar", "b.png", "--map", "m.png", "-o", "out.png") == 2
    assert "--source is a float image with values outside 0 to 1 or NaN" in capsys.readouterr().err
    assert not Path("out.png").exists()
