"""Models for depth and text, tiny ones of the real classes: where they are found, what they are asked, how often."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from helpers.images import noise_image
from helpers.tiny_vision import (
    save_clipseg,
    save_depth_anything,
    save_dpt,
    save_glpn,
    save_hybrid_dpt,
    save_old_preprocessor,
)
from safetensors.torch import load_file
from transformers import DPTForDepthEstimation

from pixels_ext.errors import RequestError
from pixels_ext.vision import ModelLocations, VisionModels
from pixels_ext.vision.depth import load

IMAGE = noise_image(1, (90, 60))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as people have it below the host's `models`."""
    folder = tmp_path_factory.mktemp("models")
    save_dpt(folder / "Intel" / "dpt-hybrid-midas")
    save_clipseg(folder / "clipseg-rd64-refined")
    return folder


def test_depth_from_a_folder(models: Path) -> None:
    values = VisionModels(ModelLocations(folder=models)).ask("depth", IMAGE)
    assert values.dtype == np.float32
    assert values.shape == (64, 64)
    assert values.min() == 0
    assert values.max() == 1
    assert values.std() > 0.05


def test_text_masks_from_a_folder_are_probabilities(models: Path) -> None:
    vision = VisionModels(ModelLocations(folder=models))
    values = vision.ask("text", IMAGE, ["the sky", "her jacket"])
    assert values.dtype == np.float32
    assert values.shape == (2, 32, 32)
    assert 0 < values.min() < values.max() < 1
    assert not np.array_equal(values[0], values[1])
    alone = vision.ask("text", IMAGE, ["her jacket"])
    assert alone.shape == (1, 32, 32)
    assert np.allclose(alone[0], values[1], atol=1e-4)


DEPTHS = {
    "dpt": (save_dpt, [0.411, 0.416, 0.489, 0.461], 1),
    "hybrid": (save_hybrid_dpt, [0.279, 0.712, 0.453, 0.460], 1),
    "glpn": (save_glpn, [0.745, 0.401, 0.720, 0.724], -1),
    "relative": (partial(save_depth_anything, kind="relative"), [0.370, 0.620, 0.488, 0.639], 1),
    "metric": (partial(save_depth_anything, kind="metric"), [0.032, 0.000, 0.046, 0.000], -1),
}
"""Kinds of model, the means of the four quarters of their answers, and whether they tell how near (1) or far (-1)."""
WORDS = [[0.500, 0.513, 0.517, 0.501], [0.500, 0.508, 0.517, 0.498]]
SHOWN_LARGER = [[0.486, 0.512, 0.512, 0.500], [0.489, 0.516, 0.516, 0.504]]
PHRASES = "sky", "the green jacket"


def needs(name: str) -> None:
    """Skip the test where this version of transformers has no such class."""
    if not hasattr(transformers, name):
        pytest.skip(f"transformers {transformers.__version__} knows no {name}")


def quarters(values: np.ndarray) -> np.ndarray:
    """The means of the four quarters."""
    height, width = values.shape
    return values.reshape(2, height // 2, 2, width // 2).mean(axis=(1, 3)).ravel()


@pytest.mark.parametrize("kind", DEPTHS)
def test_a_depth_is_the_same_under_every_version_of_transformers(kind: str, tmp_path: Path) -> None:
    """GLPN says how far a place is; Depth Anything how near, unless its configuration says that it is metric."""
    save, expected, sign = DEPTHS[kind]
    if kind in ("relative", "metric"):
        needs("DepthAnythingForDepthEstimation")
    save(tmp_path)
    loaded = load(str(tmp_path), allow_download=False)
    with torch.inference_mode():
        raw = loaded.model(**loaded.processor(images=IMAGE, return_tensors="pt")).predicted_depth.numpy().ravel()
    near = VisionModels(ModelLocations({"depth": str(tmp_path)})).ask("depth", IMAGE)
    assert raw.std() > 0.01
    assert near.std() > 0.05
    assert np.sign(np.corrcoef(raw, near.ravel())[0, 1]) == sign
    assert np.abs(quarters(near) - expected).max() < 0.01


@pytest.mark.parametrize(("shown", "expected"), [(32, WORDS), (48, SHOWN_LARGER)])
def test_text_masks_are_the_same_under_every_version_of_transformers(
    shown: int, expected: list[list[float]], tmp_path: Path
) -> None:
    """Shown larger images than its configuration says, too, as the usual model is."""
    save_clipseg(tmp_path, shown)
    values = VisionModels(ModelLocations({"text": str(tmp_path)})).ask("text", IMAGE, PHRASES)
    assert values.shape == (2, shown, shown)
    assert values.std() > 0.1
    assert np.abs(np.array([quarters(each) for each in values]) - expected).max() < 0.01


def test_files_of_old_versions_are_read(tmp_path: Path) -> None:
    """As many models on the hub have them: the preprocessor by its old name, weights by torch.save."""
    save_dpt(tmp_path / "depth")
    save_clipseg(tmp_path / "text")
    vision = VisionModels(ModelLocations({"depth": str(tmp_path / "depth"), "text": str(tmp_path / "text")}))
    new = vision.ask("depth", IMAGE), vision.ask("text", IMAGE, PHRASES)
    save_old_preprocessor(tmp_path / "depth", "DPTFeatureExtractor", 64)
    save_old_preprocessor(tmp_path / "text", "ViTFeatureExtractor", 32)
    for folder in (tmp_path / "depth", tmp_path / "text"):
        weights = folder / "model.safetensors"
        torch.save(load_file(weights), folder / "pytorch_model.bin")
        weights.unlink()
    vision = VisionModels(vision.locations)
    assert np.abs(vision.ask("depth", IMAGE) - new[0]).max() < 0.01
    assert np.abs(vision.ask("text", IMAGE, PHRASES) - new[1]).max() < 0.01


def test_a_model_is_asked_once_for_an_image_and_a_question(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []
    real = VisionModels._load
    monkeypatch.setattr(VisionModels, "_load", lambda self, kind: (loads.append(kind), real(self, kind))[1])
    vision = VisionModels(ModelLocations(folder=models), keep_loaded=False)
    first = vision.ask("depth", IMAGE)
    assert vision.ask("depth", IMAGE.copy()) is first
    assert loads == ["depth"]
    vision.ask("depth", noise_image(2, (90, 60)))
    vision.ask("text", IMAGE, ["sky"])
    vision.ask("text", IMAGE, ["sky"])
    vision.ask("text", IMAGE, ["sea"])
    assert loads == ["depth", "depth", "text", "text"]


@pytest.mark.parametrize("keep", [True, False])
def test_models_leave_the_device_and_stay_only_when_they_may(
    models: Path, keep: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    moves: list[str] = []
    move = torch.nn.Module.to

    def noted(module: torch.nn.Module, *args: Any, **kwargs: Any) -> torch.nn.Module:
        if isinstance(module, DPTForDepthEstimation):
            moves.append(str(args[0]))
            return module
        return move(module, *args, **kwargs)

    monkeypatch.setattr(torch.nn.Module, "to", noted)
    vision = VisionModels(
        ModelLocations(folder=models), "meta", keep, lambda: told.append("make room"), lambda: told.append("moved off")
    )
    vision.ask("depth", IMAGE)
    assert told == ["make room", "moved off"]
    assert moves == ["meta", "cpu"]
    assert bool(vision._loaded) == keep


def test_after_a_failure_the_model_has_left_the_device_too(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    vision = VisionModels(ModelLocations(folder=models), after_unload=lambda: told.append("moved off"))

    def out_of_memory(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(DPTForDepthEstimation, "forward", out_of_memory)
    with pytest.raises(torch.OutOfMemoryError):
        vision.ask("depth", IMAGE)
    assert told == ["moved off"]


@pytest.mark.parametrize("kind", ["depth", "text"])
def test_where_weights_are_missing_the_sentence_says_what_and_where(kind: str, tmp_path: Path) -> None:
    locations = ModelLocations(folder=tmp_path)
    with pytest.raises(RequestError) as raised:
        VisionModels(locations).check(kind)
    text = str(raised.value)
    assert f": '{kind}', but its model '{locations.name(kind)}' was found neither in" in text
    assert str(tmp_path / locations.name(kind)) in text
    assert str(tmp_path / locations.name(kind).partition("/")[2]) in text
    assert "config.json" in text
    assert "\n" not in text


def test_the_hub_is_asked_only_when_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    def refused(place: str, local_files_only: bool = False, **_: Any) -> None:
        asked.append((place, local_files_only))
        raise OSError("no network")

    monkeypatch.setattr("transformers.AutoModelForDepthEstimation.from_pretrained", refused)
    with pytest.raises(RequestError, match="was found neither"):
        VisionModels(ModelLocations(folder=tmp_path)).ask("depth", IMAGE)
    assert asked == []
    with pytest.raises(RequestError, match=r"^type: 'depth', but its model in 'Intel/dpt-hybrid-midas' could not be"):
        VisionModels(ModelLocations(folder=tmp_path, allow_download=True)).ask("depth", IMAGE)
    assert asked == [("Intel/dpt-hybrid-midas", False)]


@pytest.mark.parametrize("spoil", ["config", "weights", "kind"])
def test_broken_files_are_one_sentence(spoil: str, tmp_path: Path) -> None:
    place = tmp_path / "Intel" / "dpt-hybrid-midas"
    save_dpt(place)
    if spoil == "config":
        (place / "config.json").write_text("{")
    elif spoil == "weights":
        (place / "model.safetensors").write_bytes(b"no weights")
    else:
        (place / "config.json").write_text('{"model_type": "clip"}')
    with pytest.raises(RequestError, match=r"^type: 'depth', but its model in .* could not be loaded \(") as raised:
        VisionModels(ModelLocations(folder=tmp_path)).ask("depth", IMAGE)
    assert "\n" not in str(raised.value)


def test_a_phrase_that_is_too_long_is_refused_not_cut(models: Path) -> None:
    with pytest.raises(RequestError, match=r"^prompt: a phrase of \d+ tokens \(expected at most 75"):
        VisionModels(ModelLocations(folder=models)).ask("text", IMAGE, ["a b c d e f g h " * 12])


def test_a_model_may_be_named_by_its_folder(models: Path) -> None:
    VisionModels(ModelLocations({"depth": str(models / "Intel" / "dpt-hybrid-midas")})).check("depth")


@pytest.mark.parametrize("name", ["", " "])
def test_no_name_is_not_the_folder_that_one_happens_to_be_in(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A WebUI runs in a folder with a config.json of its own, and the setting can be emptied."""
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match="type: 'depth', but no model is named for it \\(expected a folder"):
        VisionModels(ModelLocations({"depth": name}, tmp_path, allow_download=True)).check("depth")
