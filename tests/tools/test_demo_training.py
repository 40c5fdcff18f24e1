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
from demo_model.denoiser import (
    CHANGED_SAY,
    CHANGED_TIMES,
    SEAM_SAY,
    SEAM_WIDTH,
    Denoiser,
    coarse_errors,
    drawn_times,
    melted,
    overruled,
)
from demo_model.drawing.captions import SUBJECTS, TIMES
from demo_model.latents import Latents
from demo_model.losses import energy_loss, gradient_loss, texture_loss
from demo_model.machine import MACHINES
from demo_model.optimizers import Average, Both, orthogonalized
from demo_model.photographs import PHOTOGRAPHS
from demo_model.scenes import FAMILY, HARD, SHARD, Subject, draw, family, shards
from demo_model.stage import Stage
from demo_model.text import WIDTH, build_text_encoder, build_tokenizer, token_ids
from demo_model.words import teach
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
    plain, families = found
    for seed, subject in enumerate(plain.subjects):
        kind, light = HARD.get(seed % 10, (None, None))
        assert kind in (None, subject.kind)
        assert light in (None, subject.time)
        assert subject.family is None
    assert [subject.family for subject in families.subjects] == [
        SHARD + place - place % FAMILY for place in range(SHARD)
    ]


def test_a_family_is_one_land_at_all_times_and_other_lands_under_one_sky() -> None:
    painted = family(7, 64)
    assert len(painted) == FAMILY
    at_all_times, under_one_sky = painted[: len(TIMES)], [painted[0], *painted[len(TIMES) : -2]]
    assert {each.time for each in at_all_times} == set(TIMES)
    assert len({each.kind for each in at_all_times}) == len({each.time for each in under_one_sky}) == 1
    assert len({each.kind for each in painted}) == FAMILY - len(TIMES) + 1

    def edges(picture: np.ndarray) -> np.ndarray:
        return np.abs(np.diff(picture[40:].astype(float).mean(2), axis=1)).ravel()

    day, cloudy = (next(each.picture for each in at_all_times if each.time == time) for time in ("day", "cloudy"))
    assert np.corrcoef(edges(day), edges(cloudy))[0, 1] > 0.8  # the same things stand in the same places
    skies = [each.picture[:4].astype(float) for each in under_one_sky]
    assert all(np.abs(sky - skies[0]).mean() < 12 for sky in skies)
    assert max(np.abs(each.picture[:4] - skies[0]).mean() for each in at_all_times) > 24


def _family_shard(folder: Path) -> list[Subject]:
    """Write a shard of two families, in which every latent is filled with its place."""
    subjects = [Subject(kind, time, (), number) for number in (3, 9) for kind in ("snow", "sea") for time in TIMES]
    values = torch.arange(len(subjects), dtype=torch.float16).view(-1, 1, 1, 1).expand(-1, LATENTS, 4, 4)
    records = [vars(subject) for subject in subjects]
    torch.save({"large": values.clone(), "small": values.clone(), "captions": records}, folder / "latents-00000.pt")
    return subjects


@pytest.mark.parametrize("same_land", [False, True])
def test_what_changes_stays_in_its_family_and_is_told(tmp_path: Path, same_land: bool) -> None:
    """Each caption is true of what is wanted and not of what is shown."""
    subjects = _family_shard(tmp_path)
    shown, wanted, captions = Latents(tmp_path, (1,)).draw_changed(200, small=True, same_land=same_land)
    for before, after, caption in zip(shown[:, 0, 0, 0].tolist(), wanted[:, 0, 0, 0].tolist(), captions, strict=True):
        one, other = subjects[int(before)], subjects[int(after)]
        assert one != other
        assert one.family == other.family
        assert not same_land or one.kind == other.kind
        told_kind = any(phrase in caption for phrase in (*SUBJECTS[other.kind], other.kind))
        told_time = any(phrase in caption for phrase in (*filter(None, TIMES[other.time]), other.time))
        clouds = other.time == "cloudy" and "clouds" in caption
        assert (one.kind != other.kind) <= told_kind, (one, other, caption)
        assert (one.time != other.time) <= (told_time or clouds), (one, other, caption)


def test_a_caption_overrules_the_picture_where_there_is_much_noise() -> None:
    torch.manual_seed(0)
    shown, wanted = torch.zeros(400, 1, 4, 4), torch.ones(400, 1, 4, 4)
    first, last = CHANGED_TIMES
    noised, target = overruled(shown, wanted, torch.full((400,), last))
    assert torch.allclose(target, noised + CHANGED_SAY * (wanted - noised))
    assert noised.flatten(1).std(1).max() == 0
    assert 0.5 < (noised == 0).float().mean() < 0.9  # the others are on their way
    noised, target = overruled(shown, wanted, torch.full((400,), first))
    assert torch.equal(target, noised)
    noised, _ = overruled(wanted, wanted, torch.full((400,), 999))
    assert 0.1 < (noised == 0).float().mean() < 0.5  # nothing but noise


def test_blotches_weigh_more_than_grain() -> None:
    grain = torch.randn(4, LATENTS, 32, 32, generator=torch.Generator().manual_seed(0))
    blotches = nn.functional.interpolate(grain[..., :4, :4], scale_factor=8)
    assert torch.all(coarse_errors(grain) < grain.square().mean((1, 2, 3)))
    assert coarse_errors(grain[..., :3, :3]).shape == (4,)  # squares that do not fit are left out
    assert torch.all(coarse_errors(blotches) > 10 * blotches.square().mean((1, 2, 3)))


def test_hard_pastes_melt() -> None:
    torch.manual_seed(0)
    left, right = torch.zeros(100, 1, 32, 32), torch.ones(100, 1, 32, 32)
    steepest = 1 / (32 * SEAM_WIDTH)

    def steps(latents: Tensor) -> Tensor:
        return torch.maximum(latents.diff(dim=2).amax((1, 2, 3)), latents.diff(dim=3).amax((1, 2, 3)))

    shown, wanted = melted(left, right, torch.full((100,), 999))
    assert 0.3 < (steps(shown) == 1).float().mean() < 0.7  # the others have begun to melt
    assert torch.all(steps(wanted - (1 - SEAM_SAY) * shown) / SEAM_SAY < steepest + 1e-5)
    shown, wanted = melted(left, right, torch.full((100,), 0))
    assert torch.equal(shown, wanted)


def test_the_text_encoder_learns_what_pictures_look_like(tmp_path: Path) -> None:
    """Without it, captions of the finished model had no effect."""
    subjects = [Subject(kind, "day", (), None) for kind in ("snow", "sea") * 20]
    values = torch.tensor([1.0, -1.0] * 20).half().view(-1, 1, 1, 1).expand(-1, LATENTS, 8, 8).clone()
    records = [vars(subject) for subject in subjects]
    torch.save({"large": values, "small": values, "captions": records}, tmp_path / "latents-00000.pt")
    torch.manual_seed(0)
    tokenizer = build_tokenizer()
    encoder = build_text_encoder(tokenizer)
    left = teach(encoder, tokenizer, Latents(tmp_path, (1,)), MACHINES["cpu"](), 4.0)
    assert left < 0.5
    with torch.no_grad():
        snow, sea = encoder(token_ids(tokenizer, ["snow", "sea"])).last_hidden_state
    assert (snow - sea)[2:].norm(dim=-1).min() > 0.2 * WIDTH**0.5


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
    assert energy_loss(one, other) < 0.1 < 0.9 < energy_loss(flat, one)


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
