"""The training of the demo model, in small: a chain of some seconds that is killed and goes on, and its parts."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from demo_model import autoencoder, linear_start, whiten
from demo_model.autoencoder import LATENTS
from demo_model.chain import SHARES
from demo_model.crops import batches
from demo_model.denoiser import Denoiser, drawn_times
from demo_model.losses import gradient_loss, texture_loss
from demo_model.machine import MACHINES
from demo_model.optimizers import Average, Both, orthogonalized
from demo_model.photographs import PHOTOGRAPHS
from demo_model.scenes import HARD, SHARD, draw, shards
from demo_model.stage import Stage
from demo_model.text import build_tokenizer, token_ids
from diffusers import StableDiffusionPipeline
from torch import Tensor, nn

from pixels_ext import demo

ROOT = Path(__file__).parents[2]
SIDE, MANY = 64, 10**6


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of the photographs of the training, under its name there."""
    folder = tmp_path_factory.mktemp("photographs")
    shutil.copy(demo.IMAGES / "aitzgorri.jpg", folder / PHOTOGRAPHS[0].file)
    return folder


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenes")
    draw(folder, SIDE, 24, 1, lambda: False)
    return folder


@pytest.fixture(scope="module")
def pictures(scenes: Path, photographs: Path) -> Tensor:
    return next(batches(scenes, photographs, 48, SIDE, (1,), 0))


def _rows(log: Path) -> list[dict[str, str]]:
    with log.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_chain_is_killed_and_goes_on(tmp_path: Path, photographs: Path) -> None:
    """Killed in the middle of the first training it goes on from what it saved, to a pipeline that makes a picture."""
    out = tmp_path / "out"
    command = [
        *(sys.executable, "-m", "demo_model", "--out", str(out), "--photographs", str(photographs), "--device", "cpu"),
        *("--minutes", "0.3", "--size", str(SIDE), "--count", "10", "--no-measure"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tools"), "OMP_NUM_THREADS": "1"}
    state = out / "autoencoder" / "state.pt"
    first = subprocess.Popen(command, env=environment, cwd=ROOT)
    until = time.monotonic() + 600
    while not state.exists() and first.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    before = torch.load(state, weights_only=True)
    assert before["step"] > 0
    torch.save({**before, "step": before["step"] + MANY}, state)  # to be told from a beginning

    subprocess.run(command, env=environment, cwd=ROOT, check=True)
    after = torch.load(state, weights_only=True)
    assert after["step"] >= before["step"] + MANY
    assert after["spent"] >= max(before["spent"], 0.3 * 60 * SHARES["autoencoder"])
    assert {stage.parent.name for stage in out.glob("*/state.pt")} == {
        *("draw", "autoencoder", "encode", "denoiser", "decoder"),
    }
    assert sum(file.stat().st_size for file in (out / "model").rglob("*")) < 24e6
    pipeline = StableDiffusionPipeline.from_pretrained(
        out / "model", torch_dtype=torch.float32, safety_checker=None, local_files_only=True
    )
    picture = pipeline("snow", height=SIDE, width=SIDE, num_inference_steps=2, output_type="np").images[0]
    assert picture.shape == (SIDE, SIDE, 3)

    # Once more: everything is done already, and nothing changes.
    weights = (out / "model" / "vae" / "diffusion_pytorch_model.safetensors").read_bytes()
    subprocess.run(command, env=environment, cwd=ROOT, check=True)
    assert torch.load(state, weights_only=True)["step"] == after["step"]
    assert (out / "model" / "vae" / "diffusion_pytorch_model.safetensors").read_bytes() == weights


def test_a_stage_goes_on_where_it_saved(tmp_path: Path) -> None:
    def parts() -> tuple[nn.Linear, Average, Both]:
        model = nn.Linear(8, 8)
        return model, Average(model, nn.Linear(8, 8), 0.9), Both([model], 0.1, 0.1)

    model, average, optimizer = parts()
    stage = Stage(tmp_path, 10, {"model": model, "average": average, "optimizer": optimizer})
    for _ in range(3):
        optimizer.step(model(torch.randn(4, 8)).square().mean(), 1.0)
        average.update()
        stage.stepped({"loss": 1.0})
    stage.save()
    numbers = torch.randn(4)  # what comes next
    lost = torch.randn(4)
    again = parts()
    stage = Stage(tmp_path, 10, dict(zip(("model", "average", "optimizer"), again, strict=True)))
    assert stage.step == 3
    assert 0 < stage.spent < 600
    assert torch.equal(torch.randn(4), numbers)
    assert not torch.equal(numbers, lost)
    assert torch.equal(again[0].weight, model.weight)
    assert torch.equal(again[1].module.weight, average.module.weight)
    for each, other in zip(again, (model, average, optimizer), strict=True):
        if isinstance(each, Both):
            each.step(again[0](torch.ones(4, 8)).square().mean(), 1.0)
            optimizer.step(model(torch.ones(4, 8)).square().mean(), 1.0)
        assert isinstance(other, type(each))
    assert torch.equal(again[0].weight, model.weight)  # momentum came along


def test_a_half_written_state_is_no_state(tmp_path: Path) -> None:
    (tmp_path / "state.tmp").write_bytes(b"half")
    assert Stage(tmp_path, 1, {"model": nn.Linear(2, 2)}).step == 0


def test_scenes_are_drawn_once_and_the_hard_ones_more_often(tmp_path: Path) -> None:
    draw(tmp_path, 32, 2 * SHARD, 2, lambda: True)  # over at once: one shard all the same
    assert len(shards(tmp_path)) >= 1
    times = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.npy")}
    draw(tmp_path, 32, 2 * SHARD, 2, lambda: False)
    found = shards(tmp_path)
    assert sum(len(shard.subjects) for shard in found) == 2 * SHARD
    assert all(path.stat().st_mtime_ns == when for path, when in times.items())
    for shard in found:
        for seed, subject in enumerate(shard.subjects):
            kind, light = HARD.get(seed % 10, (None, None))
            assert kind in (None, subject.kind)
            assert light in (None, subject.time)


def test_the_autoencoder_starts_as_a_block_pca(pictures: Tensor) -> None:
    """Before any training a linear map of its latents gives the picture back as well as 16 principal components do."""
    torch.manual_seed(0)
    model = autoencoder.build()
    plain = autoencoder.build()
    linear_start.start(model, pictures)
    blocks = nn.functional.unfold(pictures, 8, stride=8).permute(1, 0, 2).flatten(1)
    blocks = blocks - blocks.mean(1, keepdim=True)
    best = 1 - (torch.linalg.svdvals(blocks)[:16] ** 2).sum() / blocks.square().sum()

    def lost(encoder: nn.Module) -> float:
        with torch.no_grad():
            latents = encoder.encode(pictures).latent_dist.mean.permute(1, 0, 2, 3).flatten(1)
        latents = torch.cat([latents, torch.ones(1, latents.shape[1])])
        fitted = torch.linalg.lstsq(latents.T, blocks.T).solution.T @ latents
        return float((blocks - fitted).square().sum() / blocks.square().sum())

    assert lost(model) < 1.5 * best
    assert lost(plain) > 4 * best


def test_whitening_evens_the_latents_out_and_keeps_the_picture(pictures: Tensor) -> None:
    torch.manual_seed(0)
    model = autoencoder.build()
    linear_start.start(model, pictures)
    with torch.no_grad():
        before = model.decode(model.encode(pictures).latent_dist.mean).sample
        latents = model.encode(pictures).latent_dist.mean.permute(1, 0, 2, 3).flatten(1).double()
        whiten.whiten(model, latents.mean(1), torch.cov(latents))
        white = model.encode(pictures).latent_dist.mean
        after = model.decode(white).sample
    covariance = torch.cov(white.permute(1, 0, 2, 3).flatten(1).double())
    spreads, before_that = (torch.linalg.eigvalsh(each) for each in (covariance, torch.cov(latents)))
    assert spreads.mean() == pytest.approx(1, abs=0.02)
    assert torch.allclose(spreads / spreads[0], (before_that / before_that[0]).sqrt(), rtol=0.05)
    assert torch.allclose(before, after, atol=1e-3)


def test_orthogonalized() -> None:
    for shape in ((16, 64), (64, 16)):
        values = torch.linalg.svdvals(orthogonalized(torch.randn(*shape, generator=torch.Generator().manual_seed(0))))
        assert values.min() > 0.5
        assert values.max() < 1.4


def test_training_hard_leaves_the_words_apart() -> None:
    """Muon at this rate on the text encoder too made all captions alike within a thousand steps."""
    torch.manual_seed(0)
    tokenizer = build_tokenizer()
    model = Denoiser(tokenizer)
    optimizer = Both([model], muon=0.04, adam=1e-3)
    ids = token_ids(tokenizer, ["snow", "sunset", "night"])
    before = {name: weight.norm() for name, weight in model.encoder.named_parameters() if weight.ndim == 2}
    for _ in range(12):
        noisy, times = torch.randn(3, LATENTS, 8, 8), drawn_times(3)
        optimizer.step((model(noisy, times, ids) - noisy).square().mean(), 1.0)
    for name, weight in model.encoder.named_parameters():
        if weight.ndim == 2:
            assert weight.norm() < 1.5 * before[name], name


def test_texture_asks_for_as_much_and_not_for_the_same() -> None:
    generator = torch.Generator().manual_seed(0)
    one, other = (torch.randn(2, 3, 64, 64, generator=generator) * 0.2 for _ in range(2))
    flat = torch.zeros_like(one)
    assert texture_loss(one, other) < 0.2 * texture_loss(one, flat)
    assert gradient_loss(one, other) > gradient_loss(one, flat)


def test_every_batch_has_all_noise_levels() -> None:
    times = drawn_times(8)
    assert times.min() < 125
    assert times.max() >= 875
    assert np.all(np.diff(times.numpy()) > 0)


def test_the_held_out_photograph_is_not_trained_on() -> None:
    assert not any("picosdeeuropa" in photo.file for photo in PHOTOGRAPHS)
    assert {photo.licence for photo in PHOTOGRAPHS} <= {"CC0-1.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0"}


def test_the_cpu_needs_no_worker_processes() -> None:
    assert MACHINES["cpu"]().workers == 0
