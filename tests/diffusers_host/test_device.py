"""Edits on the device in PIXELS_DEVICE ("cpu" unless given), in every precision that models run in there.

On a CPU the same edits are held against the paper's algorithms (test_families.py); here a device is held against the
CPU, and the laws against themselves on the device. `PIXELS_DEVICE=cuda python -m pytest tests/diffusers_host/test_device.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import noise_picture
from diffusers_host.test_families import PICTURES, REQUEST, sampled, settings
from helpers.tiny_models import MODELS
from PIL import Image

from pixels_ext.diffusers_host import Editor
from pixels_ext.diffusers_host.extras import Extras
from pixels_ext.diffusers_host.loading import load_family
from pixels_ext.request import EditRequest, Exemplar

DEVICE = os.environ.get("PIXELS_DEVICE", "cpu")
NAMES = ["SD 2.1, noise", "SDXL base", "SD 3", "Flux.1 dev"]
PRECISIONS = ["fp32", "bf16"] if DEVICE == "cpu" else ["fp32", "fp16", "bf16"]
Load = Callable[..., Editor]
on_an_accelerator = pytest.mark.skipif(DEVICE == "cpu", reason="models are offloaded from accelerators alone")


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """An editor of a tiny model, loaded from a folder as the command line loads it."""

    @cache
    def folder(name: str) -> Path:
        path = tmp_path_factory.mktemp("model")
        MODELS[name]().save_pretrained(path)
        return path

    @cache
    def loaded(name: str, device: str, precision: str, extras: Extras = Extras()) -> Editor:  # noqa: B008 (frozen)
        edits = Editor(load_family(str(folder(name)), device, precision, extras=extras))
        edits.family.configure_progress_bar("", quiet=True)
        return edits

    return loaded


@pytest.fixture(autouse=True)
def _whole_precision() -> Iterator[None]:
    """Without TF32, which would make single precision less than it is."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    yield
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


def difference(a: Image.Image, b: Image.Image) -> np.ndarray:
    return np.abs(np.asarray(a, dtype=int) - np.asarray(b, dtype=int))


def uniform(grey: int, exemplar: Image.Image) -> EditRequest:
    """A request with one exemplar and an edit map of one grey."""
    return EditRequest(exemplars=(Exemplar(image=exemplar, edit_map=Image.new("L", (64, 64), grey)),))


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", NAMES)
def test_the_device_makes_the_edit_that_the_cpu_makes(name: str, precision: str, load: Load) -> None:
    run = settings(name, steps=7, seed=5)
    expected = sampled(load(name, "cpu", "fp32"), run).float().cpu()
    edits = load(name, DEVICE, precision)
    assert edits.family.denoiser.device.type == DEVICE
    result = sampled(edits, run).float().cpu()
    assert result.isfinite().all()
    off = (result - expected).abs()
    limit = {"fp32": 2e-3, "fp16": 0.05, "bf16": 0.2}[precision]
    assert off.mean() <= limit * float(expected.std())
    assert DEVICE == "cpu" or off.max() > 0  # it really was another machine


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", NAMES)
def test_all_white_knows_no_exemplar_and_all_black_no_source(name: str, precision: str, load: Load) -> None:
    edits, run = load(name, DEVICE, precision), settings(name, steps=7, seed=5)
    one, two, three = PICTURES

    def edit(grey: int, source: Image.Image, exemplar: Image.Image) -> Image.Image:
        return edits.edit(source, uniform(grey, exemplar), run).image

    assert difference(edit(255, one, two), edit(255, one, three)).max() <= 2
    assert difference(edit(0, two, one), edit(0, three, one)).max() <= 2
    assert difference(edit(255, one, two), edit(0, one, two)).mean() > 2


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_is_the_single_edits(name: str, load: Load) -> None:
    edits, precision = load(name, DEVICE, PRECISIONS[-1]), PRECISIONS[-1]
    batch = edits.edit_batch(PICTURES[0], REQUEST, settings(name, steps=5, seed=7), 2)
    singles = [edits.edit(PICTURES[0], REQUEST, settings(name, steps=5, seed=seed)) for seed in (7, 8)]
    limit = 12 if precision == "bf16" else 4
    for one, alone in zip(batch, singles, strict=True):
        assert difference(one.image, alone.image).mean() <= limit


@on_an_accelerator
@pytest.mark.parametrize("offload", ["model", "sequential"])
@pytest.mark.parametrize("name", NAMES)
def test_offloading_changes_nothing(name: str, offload: str, load: Load) -> None:
    run = settings(name, steps=5, seed=7)
    plain = load(name, DEVICE, "fp16").edit(PICTURES[0], REQUEST, run).image
    offloaded = load(name, DEVICE, "fp16", Extras(offload=offload)).edit(PICTURES[0], REQUEST, run).image
    assert difference(plain, offloaded).mean() <= 1


@pytest.mark.parametrize("name", ["SDXL base", "SD 3"])
def test_tiles_of_the_autoencoder(name: str, load: Load) -> None:
    precision, picture = PRECISIONS[1], noise_picture(1, (128, 128))
    tiled = load(name, DEVICE, precision, Extras(vae_tiling=True))
    assert tiled.family.autoencoder.use_tiling
    result = tiled.edit(picture, REQUEST, settings(name, steps=3, size=128)).image
    assert result.size == (128, 128)
    assert np.asarray(result).std() > 1
