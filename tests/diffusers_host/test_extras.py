"""What comes with a model: refiner, prior, LoRAs, tiles and slices, batches; from Python and on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import grey_map, noise_picture
from diffusers_host.test_families import PICTURES, REQUEST, editor, furthest, sampled, settings, usual
from helpers.tiny_models import MODELS
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn

from pixels_ext.cli.main import main
from pixels_ext.diffusers_host import Editor
from pixels_ext.diffusers_host.extras import Extras, Lora, parse_lora, place_on_device
from pixels_ext.diffusers_host.families import SdxlWithRefiner
from pixels_ext.diffusers_host.loading import load_family
from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.errors import RequestError

RANK = 2
ATTENTION = ("to_q", "to_v")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    @cache
    def saved(name: str) -> Path:
        folder = tmp_path_factory.mktemp("model")
        MODELS[name]().save_pretrained(folder)
        return folder

    return saved


def loaded(model: Path, **extras: Any) -> Editor:
    edits = Editor(load_family(str(model), "cpu", extras=Extras(**extras)))
    edits.family.configure_progress_bar("", quiet=True)
    return edits


# --- LoRA


def attention_layers(network: nn.Module) -> Iterator[tuple[str, nn.Linear]]:
    for name, module in network.named_modules():
        if isinstance(module, nn.Linear) and name.split(".")[-1] in ATTENTION:
            yield name, module


def save_lora(name: str, file: Path, seed: int) -> dict[str, torch.Tensor]:
    """Write a random LoRA for the model `name`, as diffusers saves them. Returns what it adds to each weight."""
    pipeline, generator = MODELS[name](), torch.Generator().manual_seed(seed)
    part = editor(name).family.denoiser_name
    layers, added = {}, {}
    for layer, module in attention_layers(getattr(pipeline, part)):
        down = torch.randn(RANK, module.in_features, generator=generator) * 0.3
        up = torch.randn(module.out_features, RANK, generator=generator) * 0.3
        layers |= {f"{layer}.lora_A.weight": down, f"{layer}.lora_B.weight": up}
        added[layer] = up @ down
    type(pipeline).save_lora_weights(file.parent, **{f"{part}_lora_layers": layers}, weight_name=file.name)
    return added


@pytest.mark.parametrize("name", ["SD 2.1, velocity", "SDXL base", "SD 3", "Flux.1 dev", "Qwen-Image"])
def test_loras_are_added_to_the_weights(name: str, folders: Callable[[str], Path], tmp_path: Path) -> None:
    pytest.importorskip("peft")
    files = [tmp_path / f"{k}.safetensors" for k in range(2)]
    additions = [save_lora(name, file, seed) for seed, file in enumerate(files)]
    edits = loaded(folders(name), loras=(Lora(files[0], 0.5), Lora(files[1])))
    by_hand = Editor(MODELS[name]())
    with torch.no_grad():
        for layer, module in attention_layers(by_hand.family.denoiser):
            module.weight += 0.5 * additions[0][layer] + additions[1][layer]
    result, expected = (sampled(one, settings(name, steps=4)) for one in (edits, by_hand))
    assert (result - expected).abs().max() <= 1e-4
    assert (result - sampled(editor(name), settings(name, steps=4))).abs().max() > 1e-3


def test_a_lora_under_the_names_of_other_trainers(folders: Callable[[str], Path], tmp_path: Path) -> None:
    """Most LoRA files come from kohya's scripts: other names, and a strength of `alpha / rank` in the file."""
    pytest.importorskip("peft")
    name, files = "SD 2.1, velocity", [tmp_path / f"{kind}.safetensors" for kind in ("ours", "theirs")]
    save_lora(name, files[0], 1)
    renamed = {}
    for key, weight in load_file(files[0]).items():
        layer, part = key.removeprefix("unet.").split(".lora_" if ".lora_A" in key or ".lora_B" in key else ".lora.")
        module = "lora_unet_" + layer.replace("to_out.0", "to_out_0").replace(".", "_")
        renamed[f"{module}.lora_{'down' if part[0] in 'Ad' else 'up'}.weight"] = weight
        renamed[f"{module}.alpha"] = torch.tensor(float(RANK) / 2)
    save_file(renamed, files[1])
    ours, theirs = (
        sampled(loaded(folders(name), loras=(Lora(file, weight),)), settings(name, steps=4))
        for file, weight in zip(files, (0.5, 1.0), strict=True)
    )
    assert (ours - theirs).abs().max() <= 1e-5
    assert (ours - sampled(editor(name), settings(name, steps=4))).abs().max() > 1e-3


def test_a_lora_that_does_not_fit_is_refused(folders: Callable[[str], Path], tmp_path: Path) -> None:
    pytest.importorskip("peft")
    save_file({"unet.nothing.lora_A.weight": torch.zeros(2, 2)}, tmp_path / "strange.safetensors")
    layer = "transformer.blocks.0.attn.to_q"  # about such a file diffusers only warns
    others = {f"{layer}.lora_A.weight": torch.zeros(2, 8), f"{layer}.lora_B.weight": torch.zeros(8, 2)}
    save_file(others, tmp_path / "other.safetensors")
    save_lora("SDXL base", tmp_path / "xl.safetensors", 1)
    (tmp_path / "broken.safetensors").write_bytes(b"no weights")
    for file in ("strange", "other", "xl", "broken"):
        with pytest.raises(
            ModelError, match=rf"^lora: '.*{file}.safetensors' cannot be used: .* \(expected a LoRA for"
        ):
            loaded(folders("SD 2.1, velocity"), loras=(Lora(tmp_path / f"{file}.safetensors"),))


def test_a_lora_for_a_model_that_takes_none_is_refused(folders: Callable[[str], Path], tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"^lora: given for a Kandinsky 2.2 model, which takes none"):
        loaded(folders("Kandinsky 2.2"), loras=(Lora(tmp_path),))


def test_loras_on_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "a:1.safetensors"
    file.write_bytes(b"")
    assert parse_lora(str(file)) == Lora(file)
    assert parse_lora(f"{file}:0.7") == Lora(file, 0.7)
    assert parse_lora(f"{file}:-.5") == Lora(file, -0.5)
    for wrong in ("none.safetensors", f"{file}:much", f"{file}:"):
        with pytest.raises(RequestError, match=r"^lora: names '.*', which does not exist"):
            parse_lora(wrong)


# --- refiner and prior


def test_a_refiner_from_a_folder(folders: Callable[[str], Path]) -> None:
    edits = loaded(folders("SDXL base"), refiner=str(folders("SDXL refiner")))
    in_memory = Editor(SdxlWithRefiner(MODELS["SDXL base"](), MODELS["SDXL refiner"]()))
    assert isinstance(edits.family, SdxlWithRefiner)
    assert edits.family.refiner.vae is edits.family.pipeline.vae
    pictures = [one.edit(PICTURES[0], REQUEST, settings("SDXL base")).image for one in (edits, in_memory)]
    assert furthest(*pictures) <= 1


def test_a_prior_from_a_folder_of_its_own(folders: Callable[[str], Path], tmp_path: Path) -> None:
    whole = MODELS["Kandinsky 2.2"]()
    whole.prior_pipe.save_pretrained(tmp_path / "prior")
    whole.decoder_pipe.save_pretrained(tmp_path / "decoder")
    edits = loaded(tmp_path / "decoder", prior=str(tmp_path / "prior"))
    pictures = [
        one.edit(PICTURES[0], REQUEST, settings("Kandinsky 2.2", steps=4)).image
        for one in (edits, loaded(folders("Kandinsky 2.2")))
    ]
    assert furthest(*pictures) <= 1
    with pytest.raises(ModelError, match=r"cannot be loaded: it has no prior, which --prior names"):
        loaded(tmp_path / "decoder")


@pytest.mark.parametrize(
    ("model", "extras", "message"),
    [
        ("SD 3", {"refiner": "x"}, "refiner: given for a Stable Diffusion 3 model (expected no refiner, or an SDXL"),
        (
            "SD 3",
            {"prior": "x"},
            "prior: given for a Stable Diffusion 3 model (expected no prior, or a Kandinsky 2.2",
        ),
        ("SDXL base", {"refiner": "no/such/refiner"}, "refiner: 'no/such/refiner' cannot be loaded: "),
        (
            "Kandinsky 2.2",
            {"vae_tiling": True},
            "vae_tiling: given for VQModel, which has none (expected it left out).",
        ),
        ("SD 3", {"offload": "model"}, "offload: 'model' on a CPU, where the model is already (expected none)."),
        ("SD 3", {"offload": "disk"}, "offload: 'disk' (expected one of: none, model, sequential)."),
    ],
)
def test_extras_that_do_not_fit_are_refused(
    folders: Callable[[str], Path], model: str, extras: dict[str, Any], message: str
) -> None:
    with pytest.raises((RequestError, ModelError)) as raised:
        loaded(folders(model), **extras)
    assert str(raised.value).startswith(message)


def test_a_refiner_of_another_kind_is_refused(folders: Callable[[str], Path]) -> None:
    with pytest.raises(ModelError, match=r"^refiner: '.*' is a Stable Diffusion 1 and 2 model \(expected an SDXL"):
        loaded(folders("SDXL base"), refiner=str(folders("SD 2.1, noise")))


# --- memory


@pytest.mark.parametrize("name", ["SDXL base", "SD 3", "Qwen-Image"])
def test_tiles(name: str, folders: Callable[[str], Path]) -> None:
    edits = loaded(folders(name), vae_tiling=True)
    assert edits.family.autoencoder.use_tiling
    run = settings(name, steps=2, size=128)
    assert edits.edit(noise_picture(1, (128, 128)), REQUEST, run).image.size == (128, 128)


@pytest.mark.parametrize(("offload", "called"), [("model", "model"), ("sequential", "sequential"), ("none", "to")])
def test_a_pipeline_is_placed_as_asked(offload: str, called: str) -> None:
    """Machines with CUDA alone can offload; here only who is called with what can be seen."""
    calls = []

    class Pipeline:
        def to(self, device: torch.device) -> None:
            calls.append(("to", device))

        def enable_model_cpu_offload(self, device: torch.device) -> None:
            calls.append(("model", device))

        def enable_sequential_cpu_offload(self, device: torch.device) -> None:
            calls.append(("sequential", device))

    place_on_device(Pipeline(), torch.device("cuda"), offload)
    assert calls == [(called, torch.device("cuda"))]


@pytest.mark.parametrize("name", ["SDXL refiner", "Kandinsky 2.2", "SD 3", "Flux.1 dev", "Qwen-Image", "Z-Image"])
def test_a_model_that_is_offloaded_part_by_part_makes_the_same_picture(name: str) -> None:
    """With the hooks that it has on CUDA, though both of their ends are the CPU. (Layer by layer cannot be tested so:
    accelerate 1.15 fails there with diffusers' own pipelines too.)"""
    family = editor(name).family
    offloaded = Editor(MODELS[name]())
    offloaded.family.pipeline.enable_model_cpu_offload(device="cpu")
    run = settings(name, steps=4, timeline_frames=1)
    pictures = [one.edit_batch(PICTURES[0], REQUEST, run, 2)[1].image for one in (offloaded, Editor(family))]
    assert hasattr(offloaded.family.denoiser, "_hf_hook")
    assert furthest(*pictures) <= 1


@pytest.mark.parametrize("name", ["SDXL base", "Kandinsky 2.2", "Flux.1 dev", "Z-Image"])
def test_half_precision(name: str, folders: Callable[[str], Path]) -> None:
    edits = Editor(load_family(str(folders(name)), "cpu", "bf16"))
    edits.family.configure_progress_bar("", quiet=True)
    assert edits.family.denoiser.dtype == torch.bfloat16
    whole = name != "Kandinsky 2.2"
    assert edits.family.autoencoder.dtype == (torch.float32 if whole else torch.bfloat16)
    run = settings(name, steps=4)
    half = np.asarray(edits.edit(PICTURES[0], REQUEST, run).image, dtype=int)
    full = np.asarray(editor(name).edit(PICTURES[0], REQUEST, run).image, dtype=int)
    assert 0 < np.abs(half - full).mean() < 12


# --- the command line


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    noise_picture(1).save(tmp_path / "a.png")
    noise_picture(2).save(tmp_path / "b.png")
    grey_map(1).save(tmp_path / "m.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edit(model: Path, *arguments: str) -> int:
    one = ("--source", "a.png", "--exemplar", "b.png", "--map", "m.png", "--steps", "4", "-o", "out.png", "--quiet")
    return main(["edit", *one, "--model", str(model), *arguments])


@pytest.mark.parametrize("name", ["SD 2.1, velocity", "Kandinsky 2.2", "SD 3"])
def test_a_batch_writes_numbered_files(
    name: str, folders: Callable[[str], Path], work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, more = folders(name), ("--prompt", "snow", "--timeline", "t.png", "--columns", "2")
    assert edit(model, *more, "--composite", "c.png", "--num-images", "2", "--seed", "5") == 0
    names = ["out-1.png", "out-2.png", "c.png", "t-1.png", "t-2.png"]
    assert capsys.readouterr().out.splitlines() == names
    assert [path.exists() for path in map(Path, names)] == [True] * 5
    assert f"Sampler: {usual(name)}, " in Image.open("out-1.png").text["parameters"]
    assert "Seed: 5," in Image.open("out-1.png").text["parameters"]
    assert "Seed: 6," in Image.open("out-2.png").text["parameters"]
    assert edit(model, *more, "--seed", "6") == 0
    assert furthest(Image.open("out.png"), Image.open("out-2.png")) <= 1
    assert furthest(Image.open("out.png"), Image.open("out-1.png")) > 8


def test_behind_the_largest_seed_comes_0(folders: Callable[[str], Path], work: Path) -> None:
    assert edit(folders("SD 3"), "--num-images", "2", "--seed", str(2**63 - 1)) == 0
    assert "Seed: 0," in Image.open("out-2.png").text["parameters"]
    assert edit(folders("SD 3")) == 0
    assert furthest(Image.open("out.png"), Image.open("out-2.png")) <= 1


def test_refiner_and_lora_on_the_command_line(folders: Callable[[str], Path], work: Path) -> None:
    pytest.importorskip("peft")
    save_lora("SDXL base", work / "style.safetensors", 1)
    base, more = folders("SDXL base"), ("--refiner", str(folders("SDXL refiner")), "--refiner-at", "0.6")
    more += ("--strength", "1")
    assert edit(base, "-o", "plain.png") == 0
    assert edit(base, *more, "-o", "refined.png", "--prompt", "snow") == 0
    assert edit(base, *more, "-o", "styled.png", "--prompt", "snow", "--lora", "style.safetensors:0.8") == 0
    assert furthest(Image.open("plain.png"), Image.open("refined.png")) > 0
    assert furthest(Image.open("styled.png"), Image.open("refined.png")) > 0
    prompt, told = Image.open("styled.png").text["parameters"].splitlines()
    assert prompt == "snow <lora:style:0.8>"
    assert f"Refiner: {folders('SDXL refiner').stem}, Refiner switch at: 0.6," in told
    assert "Refiner" not in Image.open("plain.png").text["parameters"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--num-images", "0"), 2, "--num-images is 0 (expected a whole number from 1"),
        (("--lora", "none.safetensors"), 2, "--lora names 'none.safetensors', which does not exist"),
        (("--refiner-at", "1.5"), 2, "--refiner-at is 1.5 (expected a number from 0.01 to 0.99)."),
        (
            ("--sampler", "DDIM"),
            2,
            "--sampler is 'DDIM', which this model does not take (expected one of: Euler, Heun).",
        ),
        (("--refiner", "x"), 2, "--refiner is given for a Stable Diffusion 3 model"),
        (("--offload", "model"), 2, "--offload is 'model' on a CPU"),
    ],
)
def test_bad_input_gets_one_clear_sentence(
    folders: Callable[[str], Path],
    work: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    assert edit(folders("SD 3"), *arguments) == code
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"pixels_ext: {message}")
    assert not Path("out.png").exists()
