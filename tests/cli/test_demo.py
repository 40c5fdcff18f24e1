"""The model and the images that come along: small enough, really a denoiser, and good for a first edit."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from demo_model.drawing.landscapes import Scene, scene
from demo_model.evaluate import fidelity, load, reconstruction, seams
from demo_model.measure import Bench
from demo_model.scenes import HELD_OUT_SEED
from PIL import Image
from safetensors import safe_open

from pixels_ext import demo
from pixels_ext.cli.demo import DEMO_EDITS
from pixels_ext.cli.main import main

COUNT, SIDE = 6, 256


@pytest.fixture(scope="module")
def bench() -> Bench:
    return load(demo.MODEL)


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    """Scenes that the model never saw."""
    return [scene(HELD_OUT_SEED + index, SIDE, SIDE) for index in range(COUNT)]


def test_the_weights_are_small_and_half_precision() -> None:
    files = list(demo.MODEL.rglob("*.safetensors"))
    assert {file.parent.name for file in files} == {"unet", "vae", "text_encoder"}
    assert sum(file.stat().st_size for file in demo.MODEL.rglob("*") if file.is_file()) < 24e6
    for file in files:
        with safe_open(file, "pt") as weights:
            # (positions are whole numbers)
            assert {weights.get_slice(name).get_dtype() for name in weights.keys()} <= {"F16", "I64"}  # noqa: SIM118


def test_the_autoencoder_keeps_the_image(bench: Bench, scenes: list[Scene]) -> None:
    kept = reconstruction(bench, [painted.picture for painted in scenes])
    assert kept["psnr"] > 24
    assert kept["gradient_energy_kept"] > 0.15


def test_it_denoises(bench: Bench, scenes: list[Scene]) -> None:
    """Img2img comes back much closer to the image than the noise that it began with."""
    for strength, values in fidelity(bench, scenes).items():
        assert values["img2img"] > values["noised"] + 4, strength


def test_it_melts_a_hard_seam_and_more_so_with_more_strength(bench: Bench, scenes: list[Scene]) -> None:
    half = COUNT // 2
    pairs = [(scenes[k].picture, scenes[k + half].picture) for k in range(half)]
    measured = seams(bench, pairs)
    above = {name: values["seam_8px"] - values["anywhere"] for name, values in measured.items()}
    assert above["paste"] > above["img2img 0.3"] > above["img2img 0.7"]
    assert above["img2img 0.5"] < 0.75 * above["encode-decode"]


@pytest.fixture(scope="module")
def pulled(bench: Bench, scenes: list[Scene]) -> Callable[[str], list[np.ndarray]]:
    """The scenes as a caption makes them; each is edited once."""
    images = [painted.picture for painted in scenes]
    return cache(lambda word: bench.edited(images, [word] * COUNT, 0.8, guidance=7))


@pytest.mark.parametrize(
    ("word", "against", "trait"),
    [
        ("sunset", "snow", lambda p: p[..., 0].mean() - p[..., 2].mean()),
        ("snow", "night", lambda p: p.mean()),
        ("desert", "sea", lambda p: p[128:, :, 0].mean() - p[128:, :, 2].mean()),
        ("meadow", "snow", lambda p: p[128:, :, 1].mean() - p[128:, :, 2].mean()),
    ],
    ids=["sunset", "snow", "desert", "meadow"],
)
def test_a_caption_pulls_the_image_its_way(
    pulled: Callable[[str], list[np.ndarray]], word: str, against: str, trait: Any
) -> None:
    """Red over blue for a sunset, brightness for snow, and so on."""
    pairs = zip(pulled(word), pulled(against), strict=True)
    differences = [float(trait(a.astype(float)) - trait(b.astype(float))) for a, b in pairs]
    assert np.mean(differences) > 10  # of 255
    assert np.mean(np.array(differences) > 0) >= 0.8


def test_the_demo_says_where_things_are_and_what_they_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--out", str(tmp_path / "demo")]) == 0
    told = capsys.readouterr().out
    for edit in DEMO_EDITS:
        sheet = tmp_path / "demo" / f"{edit.name}.png"
        assert str(sheet) in told
        assert edit.description in told
        result = Image.open(tmp_path / "demo" / f"{edit.name}-edit.png")
        pasted = Image.open(tmp_path / "demo" / f"{edit.name}-composite.png")
        assert Image.open(sheet).width > (2 * len(edit.exemplars) + 3) * result.width
        assert "PIXELS" in result.text["parameters"]
        assert np.abs(np.asarray(result, dtype=float) - np.asarray(pasted, dtype=float)).mean() > 2


def test_every_example_image_has_an_author_and_a_licence() -> None:
    page = (demo.IMAGES / "LICENCES.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w*]+\.(?:jpg|png))`", page))
    for file in demo.IMAGES.iterdir():
        if file.suffix in (".jpg", ".png"):
            assert any(re.fullmatch(name.replace("*", ".*"), file.name) for name in named), file.name


def test_the_scenes_are_drawn_the_same_again() -> None:
    again = scene(HELD_OUT_SEED, 64, 96)
    assert np.array_equal(again.picture, scene(HELD_OUT_SEED, 64, 96).picture)
    assert again.picture.shape == (64, 96, 3)
    assert again.picture.dtype == np.uint8
    assert again.caption
