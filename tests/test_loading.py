"""Models from a folder and from a single file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import noise_picture
from original_layout import single_file
from safetensors.torch import save_file

from pixels_ext.errors import RequestError
from pixels_ext.request import EditRequest
from pixels_ext.standalone import Editor, Settings
from pixels_ext.standalone.loading import load_family
from pixels_ext.standalone.model_error import ModelError

QUICK = Settings(prompt="snow", guidance=3, steps=4, strength=0.75, size=64)


@pytest.fixture(scope="module")
def folder(pipeline: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model")
    pipeline.save_pretrained(path)
    return path


def edited(editor: Editor, make_request: Callable[..., EditRequest]) -> np.ndarray:
    return np.asarray(editor.edit(noise_picture(1), make_request(2), QUICK).picture, dtype=int)


def test_a_folder(pipeline: Any, folder: Path, make_request: Callable[..., EditRequest]) -> None:
    loaded = edited(Editor.load(str(folder), device="cpu"), make_request)
    assert np.abs(loaded - edited(Editor(pipeline), make_request)).max() == 0


@pytest.mark.parametrize("kind", ["safetensors", "ckpt"])
def test_a_single_file_in_the_original_layout(
    pipeline: Any, folder: Path, make_request: Callable[..., EditRequest], tmp_path: Path, kind: str
) -> None:
    path, weights = tmp_path / f"model.{kind}", single_file(pipeline)
    if kind == "safetensors":
        save_file(weights, path)
    else:
        torch.save({"state_dict": weights}, path)
    loaded = edited(Editor.load(str(path), device="cpu", config=str(folder)), make_request)
    assert np.abs(loaded - edited(Editor(pipeline), make_request)).max() <= 1


def test_half_precision_leaves_the_autoencoder_whole(folder: Path, make_request: Callable[..., EditRequest]) -> None:
    family = load_family(str(folder), "cpu", "bf16")
    assert family.denoiser.dtype == torch.bfloat16
    assert family.autoencoder.dtype == torch.float32
    half, full = edited(Editor(family), make_request), edited(Editor.load(str(folder), "cpu"), make_request)
    assert 0 < np.abs(half - full).mean() < 8


def test_an_inpainting_model_is_refused(pipeline: Any, tmp_path: Path) -> None:
    pipeline.save_pretrained(tmp_path)
    config = tmp_path / "unet" / "config.json"
    config.write_text(config.read_text().replace('"in_channels": 4', '"in_channels": 9'))
    with pytest.raises(ModelError, match="^model: "):
        load_family(str(tmp_path), "cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_a_device_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(RequestError, match="^device: is 'cuda', which this machine does not offer"):
        load_family(str(folder), "cuda")
