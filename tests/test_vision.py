"""Models for depth and words, tiny ones of the real classes: where they are found, what they are asked, how often."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import noise_picture
from tiny_vision import save_clipseg, save_dpt, save_preprocessor
from transformers import (
    DepthAnythingConfig,
    DepthAnythingForDepthEstimation,
    Dinov2Config,
    DPTForDepthEstimation,
    GLPNConfig,
    GLPNForDepthEstimation,
)

from pixels_ext.errors import RequestError
from pixels_ext.vision import Seeing, Weights
from pixels_ext.vision.depth import load, nearness

PICTURE = noise_picture(1, (90, 60))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as people have it below the host's `models`."""
    folder = tmp_path_factory.mktemp("models")
    save_dpt(folder / "Intel" / "dpt-hybrid-midas")
    save_clipseg(folder / "clipseg-rd64-refined")
    return folder


def test_depth_from_a_folder(models: Path) -> None:
    values = Seeing(Weights(folder=models)).depth(PICTURE)
    assert values.dtype == np.float32
    assert values.shape == (64, 64)
    assert values.min() == 0
    assert values.max() == 1
    assert values.std() > 0.05


def test_words_from_a_folder_and_softly(models: Path) -> None:
    seeing = Seeing(Weights(folder=models))
    values = seeing.words(PICTURE, ["the sky", "her jacket"])
    assert values.dtype == np.float32
    assert values.shape == (2, 32, 32)
    assert 0 < values.min() < values.max() < 1
    assert not np.array_equal(values[0], values[1])
    alone = seeing.words(PICTURE, ["her jacket"])
    assert alone.shape == (1, 32, 32)
    assert np.allclose(alone[0], values[1], atol=1e-4)


def test_models_that_tell_distances_are_turned_round(tmp_path: Path) -> None:
    """GLPN says how far a place is; Depth Anything how near, unless its configuration says that it is metric."""
    torch.manual_seed(0)
    sizes = {"hidden_sizes": [8, 16, 16, 32], "num_attention_heads": [1, 1, 2, 2], "depths": [1, 1, 1, 1]}
    GLPNForDepthEstimation(GLPNConfig(**sizes, decoder_hidden_size=16)).save_pretrained(tmp_path / "glpn")
    save_preprocessor(tmp_path / "glpn", "DPTImageProcessor", 64)
    backbone = Dinov2Config(
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=56,
        patch_size=14,
        out_features=["stage1", "stage2"],
        reshape_hidden_states=False,
    )
    for kind in ("relative", "metric"):
        torch.manual_seed(0)
        config = DepthAnythingConfig(
            backbone_config=backbone,
            reassemble_factors=[2, 1],
            neck_hidden_sizes=[8, 16],
            fusion_hidden_size=8,
            reassemble_hidden_size=32,
            patch_size=14,
            depth_estimation_type=kind,
            head_hidden_size=8,
        )
        model = DepthAnythingForDepthEstimation(config)
        with torch.no_grad():
            for parameter in model.parameters():  # as they are drawn, they are so small that nothing shows
                parameter.mul_(8)
        model.save_pretrained(tmp_path / kind)
        save_preprocessor(tmp_path / kind, "DPTImageProcessor", 56)
    for name, sign in (("glpn", -1), ("relative", 1), ("metric", -1)):
        model, processor = load(str(tmp_path / name), download=False)
        with torch.inference_mode():
            raw = model(**processor(images=PICTURE, return_tensors="pt")).predicted_depth.numpy().ravel()
            near = nearness(model, processor, PICTURE).ravel()
        assert raw.std() > 0
        assert np.sign(np.corrcoef(raw, near)[0, 1]) == sign, name


def test_a_model_is_asked_once_for_a_picture_and_a_question(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []
    real = Seeing._load
    monkeypatch.setattr(Seeing, "_load", lambda self, kind: (loads.append(kind), real(self, kind))[1])
    seeing = Seeing(Weights(folder=models), keep=False)
    first = seeing.depth(PICTURE)
    assert seeing.depth(PICTURE.copy()) is first
    assert loads == ["depth"]
    seeing.depth(noise_picture(2, (90, 60)))
    seeing.words(PICTURE, ["sky"])
    seeing.words(PICTURE, ["sky"])
    seeing.words(PICTURE, ["sea"])
    assert loads == ["depth", "depth", "words", "words"]


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
    seeing = Seeing(
        Weights(folder=models), "meta", keep, lambda: told.append("make room"), lambda: told.append("moved off")
    )
    seeing.depth(PICTURE)
    assert told == ["make room", "moved off"]
    assert moves == ["meta", "cpu"]
    assert bool(seeing._loaded) == keep


def test_after_a_failure_the_model_has_left_the_device_too(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    seeing = Seeing(Weights(folder=models), moved_off=lambda: told.append("moved off"))

    def out_of_memory(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(DPTForDepthEstimation, "forward", out_of_memory)
    with pytest.raises(torch.OutOfMemoryError):
        seeing.depth(PICTURE)
    assert told == ["moved off"]


@pytest.mark.parametrize("kind", ["depth", "words"])
def test_where_weights_are_missing_the_sentence_says_what_and_where(kind: str, tmp_path: Path) -> None:
    weights = Weights(folder=tmp_path)
    with pytest.raises(RequestError) as raised:
        Seeing(weights).check(kind)
    text = str(raised.value)
    assert f": '{kind}', but its model '{weights.name(kind)}' was found neither in" in text
    assert str(tmp_path / weights.name(kind)) in text
    assert str(tmp_path / weights.name(kind).partition("/")[2]) in text
    assert "config.json" in text
    assert "\n" not in text


def test_the_hub_is_asked_only_when_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    def refused(place: str, local_files_only: bool = False, **_: Any) -> None:
        asked.append((place, local_files_only))
        raise OSError("no network")

    monkeypatch.setattr("pixels_ext.vision.depth.AutoModelForDepthEstimation.from_pretrained", refused)
    with pytest.raises(RequestError, match="was found neither"):
        Seeing(Weights(folder=tmp_path)).depth(PICTURE)
    assert asked == []
    with pytest.raises(RequestError, match=r"^source: 'depth', but its model in 'Intel/dpt-hybrid-midas' could not be"):
        Seeing(Weights(folder=tmp_path, download=True)).depth(PICTURE)
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
    with pytest.raises(RequestError, match=r"^source: 'depth', but its model in .* could not be loaded \(") as raised:
        Seeing(Weights(folder=tmp_path)).depth(PICTURE)
    assert "\n" not in str(raised.value)


def test_a_phrase_that_is_too_long_is_refused_not_cut(models: Path) -> None:
    with pytest.raises(RequestError, match=r"^words: a phrase of \d+ tokens \(expected at most 75"):
        Seeing(Weights(folder=models)).words(PICTURE, ["a b c d e f g h " * 12])


def test_a_model_may_be_named_by_its_folder(models: Path) -> None:
    Seeing(Weights(depth=str(models / "Intel" / "dpt-hybrid-midas"))).check("depth")


@pytest.mark.parametrize("name", ["", " "])
def test_no_name_is_not_the_folder_that_one_happens_to_be_in(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A WebUI runs in a folder with a config.json of its own, and the setting can be emptied."""
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match="source: 'depth', but no model is named for it \\(expected a folder"):
        Seeing(Weights(depth=name, folder=tmp_path, download=True)).check("depth")
