"""Models from a folder and from a single file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionXLImg2ImgPipeline
from helpers.family_edits import sampled, settings
from helpers.images import gray_map, noise_image
from helpers.original_layout import single_file
from helpers.tiny_models import MODELS, random
from PIL import Image
from safetensors.torch import save_file

from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.diffusers_host.families import FAMILIES, family_of_checkpoint, family_of_class
from pixels_ext.diffusers_host.loading import load_family, resolve_dtype
from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.errors import RequestError
from pixels_ext.request import EditRequest, Exemplar

QUICK = Settings(prompt="snow", guidance_scale=3, steps=4, strength=0.75, size=64)
ONE = EditRequest(exemplars=(Exemplar(image=noise_image(2), edit_map=gray_map(1)),))


@pytest.fixture(scope="module")
def folder(pipeline: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model")
    pipeline.save_pretrained(path)
    return path


def edited(editor: Editor, make_request: Callable[..., EditRequest]) -> np.ndarray:
    return np.asarray(editor.edit(noise_image(1), make_request(2), QUICK).image, dtype=int)


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
    with pytest.raises(RequestError, match="^device: 'cuda', which is not available on this machine"):
        load_family(str(folder), "cuda")


@pytest.mark.parametrize("name", list(MODELS))
def test_a_folder_of_every_family(name: str, tmp_path: Path) -> None:
    """Whatever it was saved for: the classes that only make images from words are named in the folders of the hub."""
    sampler = "DDPM" if name.startswith("Kandinsky") else "Euler"
    pipeline = MODELS[name]()
    pipeline.save_pretrained(tmp_path)
    index = tmp_path / "model_index.json"
    told = json.loads(index.read_text())
    told["_class_name"] = told["_class_name"].replace("Img2Img", "")
    index.write_text(json.dumps(told))
    quick = replace(QUICK, sampler=sampler)
    loaded = Editor.load(str(tmp_path), device="cpu")
    loaded.family.configure_progress_bar("", quiet=True)
    assert type(loaded.family) is type(Editor(pipeline).family)
    images = [editor.edit(noise_image(1), ONE, quick).image for editor in (loaded, Editor(pipeline))]
    assert furthest(*images) <= 1


def furthest(a: Image.Image, b: Image.Image) -> int:
    return int(np.abs(np.asarray(a, dtype=int) - np.asarray(b, dtype=int)).max())


FILES = {"SD 2.1, velocity": "open clip", "SDXL base": "sdxl", "SDXL refiner": "sdxl refiner"}


@pytest.mark.parametrize("name", list(FILES))
def test_a_single_file_of_sd2_and_sdxl(name: str, tmp_path: Path) -> None:
    pipeline = MODELS[name]()
    pipeline.save_pretrained(tmp_path / "folder")
    save_file(single_file(pipeline, FILES[name]), tmp_path / "model.safetensors")
    loaded = Editor.load(str(tmp_path / "model.safetensors"), device="cpu", config=str(tmp_path / "folder"))
    loaded.family.configure_progress_bar("", quiet=True)
    images = [editor.edit(noise_image(1), ONE, QUICK).image for editor in (loaded, Editor(pipeline))]
    assert furthest(*images) <= 1


@pytest.mark.parametrize("name", ["SD 3", "Flux.1 dev", "Qwen-Image", "Z-Image"])
def test_a_single_file_with_the_transformer_of_a_flow_model(name: str, tmp_path: Path) -> None:
    """The folder has all the rest, and another transformer. Z-Image under the names of its makers, the others under
    diffusers': its conversion of Flux has the width of the real model in it, and no tiny one fits."""
    pipeline = MODELS[name]()
    pipeline.save_pretrained(tmp_path / "folder")
    random(pipeline.transformer, seed=77)
    weights = pipeline.transformer.state_dict()
    if name == "Z-Image":
        theirs = {"all_final_layer.2-1.": "final_layer.", "all_x_embedder.2-1.": "x_embedder.", "to_out.0.": "out."}
        for ours, original in theirs.items():
            weights = {key.replace(ours, original): weight for key, weight in weights.items()}
    save_file(weights, tmp_path / "model.safetensors")
    loaded, other = (
        Editor.load(str(tmp_path / file), device="cpu", config=str(tmp_path / "folder"))
        for file in ("model.safetensors", "folder")
    )
    result, expected, before = (sampled(editor, settings(name)) for editor in (loaded, Editor(pipeline), other))
    assert (result - expected).abs().max() <= 1e-5
    assert (result - before).abs().max() > 1e-2


@pytest.mark.parametrize(
    ("layout", "title"),
    [
        ("v1", "Stable Diffusion 1 and 2"),
        ("v2", "Stable Diffusion 1 and 2"),
        ("xl_base", "SDXL"),
        ("xl_refiner", "SDXL"),
        ("sd3", "Stable Diffusion 3"),
        ("sd35_large", "Stable Diffusion 3"),
        ("flux-dev", "Flux.1"),
        ("flux-schnell", "Flux.1"),
        ("z-image-turbo", "Z-Image"),
        ("flux-2-dev", None),
        ("ltx-video", None),
        ("controlnet", None),
    ],
)
def test_layouts_of_single_files(layout: str, title: str | None) -> None:
    family = family_of_checkpoint(layout)
    assert (family.title if family else None) == title


@pytest.mark.parametrize(
    ("class_name", "title"),
    [
        ("StableDiffusionPipeline", "Stable Diffusion 1 and 2"),
        ("StableDiffusionControlNetPipeline", "Stable Diffusion 1 and 2"),
        ("LatentConsistencyModelPipeline", "Stable Diffusion 1 and 2"),
        ("StableDiffusionXLInpaintPipeline", "SDXL"),
        ("StableDiffusion3Pipeline", "Stable Diffusion 3"),
        ("KandinskyV22Pipeline", "Kandinsky 2.2"),
        ("FluxKontextPipeline", "Flux.1"),
        ("FluxPipeline", "Flux.1"),
        ("QwenImagePipeline", "Qwen-Image"),
        ("ZImagePipeline", "Z-Image"),
        ("KandinskyV22PriorPipeline", None),
        ("KandinskyPipeline", None),
        ("Flux2Pipeline", None),
        ("FluxPriorReduxPipeline", None),
        ("QwenImage21Pipeline", None),
        ("QwenImageEditPipeline", None),
        ("ZImageOmniPipeline", None),
    ],
)
def test_names_under_which_models_are_saved(class_name: str, title: str | None) -> None:
    family = family_of_class(class_name)
    assert (family.title if family else None) == title


def test_a_single_file_is_recognised_by_its_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a configuration diffusers asks the hub for one: for the one of SDXL."""
    key = "conditioner.embedders.1.model.transformer.resblocks.9.mlp.c_proj.bias"
    save_file({key: torch.zeros(1)}, tmp_path / "xl.safetensors")
    asked = []
    monkeypatch.setattr(StableDiffusionXLImg2ImgPipeline, "from_single_file", lambda *a, **b: asked.append(a) or 1 / 0)
    with pytest.raises(ModelError, match="division by zero"):
        load_family(str(tmp_path / "xl.safetensors"), "cpu")
    assert asked == [(str(tmp_path / "xl.safetensors"),)]


def test_a_model_of_no_family_is_refused(pipeline: Any, tmp_path: Path) -> None:
    pipeline.save_pretrained(tmp_path)
    index = tmp_path / "model_index.json"
    index.write_text(index.read_text().replace("StableDiffusionImg2ImgPipeline", "PixArtAlphaPipeline"))
    with pytest.raises(ModelError, match=r"it is a PixArtAlphaPipeline .supported: SDXL, Stable Diff"):
        load_family(str(tmp_path), "cpu")


def test_half_precision_is_that_in_which_the_kind_of_model_works() -> None:
    """Flow models overflow in fp16: NaN, and black images."""
    chosen = {kind.title: resolve_dtype("auto", "cuda", kind) for kind in FAMILIES}
    flow = {"Flux.1", "Qwen-Image", "Z-Image", "Stable Diffusion 3"}
    assert {title for title, precision in chosen.items() if precision == torch.bfloat16} == flow
    assert {title for title, precision in chosen.items() if precision == torch.float16} == {*chosen} - flow
    for kind in FAMILIES:
        assert {resolve_dtype("auto", device, kind) for device in ("cpu", "mps")} == {torch.float32}
        assert resolve_dtype("fp16", "cuda", kind) == torch.float16
        assert resolve_dtype("bf16", "cpu", kind) == torch.bfloat16


@pytest.mark.parametrize("name", ["SD 2.1, noise", "Z-Image", "Kandinsky 2.2"])
def test_the_precision_is_chosen_once_the_kind_is_known(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on CUDA, which this machine need not have: what is loaded asks for the kind's own half."""
    pipeline = MODELS[name]()
    pipeline.save_pretrained(tmp_path)
    asked: list[str] = []

    def as_on_cuda(precision: str, device: str, kind: Any) -> torch.dtype:
        asked.append(kind.title)
        return resolve_dtype(precision, "cuda", kind)

    monkeypatch.setattr("pixels_ext.diffusers_host.loading.resolve_dtype", as_on_cuda)
    family = load_family(str(tmp_path), "cpu")
    assert asked == [family.title]
    assert family.denoiser.dtype == type(family).half_dtype


@pytest.mark.parametrize(
    "spoilt", ["weights cut", "weights empty", "config cut", "index cut", "no weights", "no parts"]
)
def test_a_broken_folder_is_told_in_one_sentence(spoilt: str, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "model")
    unet, index = tmp_path / "model" / "unet", tmp_path / "model" / "model_index.json"
    [weights] = unet.glob("*.safetensors")
    if spoilt == "weights cut":
        weights.write_bytes(weights.read_bytes()[:-1000])
    elif spoilt == "weights empty":
        weights.write_bytes(b"")
    elif spoilt == "no weights":
        weights.unlink()
    elif spoilt == "config cut":
        (unet / "config.json").write_text((unet / "config.json").read_text()[:40])
    elif spoilt == "index cut":
        index.write_text(index.read_text()[:40])
    else:
        index.write_text(json.dumps({"_class_name": "StableDiffusionPipeline"}))
    with pytest.raises(ModelError, match="^model: '.*' cannot be loaded: ") as raised:
        load_family(str(tmp_path / "model"), "cpu")
    assert "\n" not in str(raised.value)
    assert str(raised.value).endswith("(expected a model that diffusers can read).")


def test_too_little_memory_for_a_model_is_no_broken_model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhaust(*_: object, **__: object) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:118] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr("diffusers.StableDiffusionImg2ImgPipeline.from_pretrained", exhaust)
    with pytest.raises(RuntimeError, match="allocate memory"):
        load_family(str(folder), "cpu")
