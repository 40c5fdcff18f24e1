"""The general form, in which exemplars are locked too: against its transcription, and what follows from it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from helpers.reference_algorithms import Held, algorithm_2, composite_and_locks, general_form
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from pixels_ext.core.noising import variance_exploding
from pixels_ext.core.release import ExemplarMaps, release_map, source_release
from pixels_ext.core.schedule import Schedule
from pixels_ext.core.seam import distance_to_edge
from pixels_ext.core.surgery import LatentSurgery, surgical_latent
from pixels_ext.core.thresholds import THRESHOLDS
from pixels_ext.imaging.mask_ops import limit

SIZE, STEPS = (7, 9), 10
PROGRESS = torch.arange(STEPS).reshape(-1, 1, 1) / STEPS
names = st.sampled_from(list(THRESHOLDS))
seeds = st.integers(0, 999)


def latents(count: int, seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(1, 4, *SIZE, generator=generator) for _ in range(count)]


def random_map(seed: int, hard: bool) -> Tensor:
    """A map `[h, w]` with areas of pure black, of pure white and, unless `hard`, of grays between."""
    coarse = torch.rand(1, 1, 3, 3, generator=torch.Generator().manual_seed(seed)) * 3 - 1
    gray = torch.nn.functional.interpolate(coarse, SIZE, mode="bilinear")[0, 0].clamp(0, 1)
    return gray.round() if hard else gray


@st.composite
def held_exemplars(draw: Any, changed: bool = True) -> list[Held]:
    """One to three exemplars; with `changed`, each with its own limit, hold, lay_up_to and seam width."""
    numbers = st.floats(0, 1).map(lambda value: round(value, 3))
    found = []
    for k in range(draw(st.integers(1, 3))):
        [z] = latents(1, seed=draw(seeds) + 1000 * k)
        mu = random_map(draw(seeds), draw(st.booleans()))
        more = {}
        if changed:
            more["limit"] = draw(st.just(1.0) | numbers)
            more["hold"] = draw(st.just(0.0) | st.just(1.0) | numbers)
            more["lay_up_to"] = draw(st.just(0.0) | numbers.map(lambda value: 0.9 * value))
            more["seam_width"] = draw(st.just(0.0) | st.just(0.37) | st.just(3.71))
        found.append(Held(z, mu, draw(names), **more))
    return found


def maps_of(each: Held) -> ExemplarMaps:
    gray = each.mu[None, None]
    limited = None if each.limit == 1 else torch.maximum(gray, torch.tensor(limit(gray.numpy(), each.limit)))
    percent = 100 * each.seam_width / min(SIZE)
    return ExemplarMaps(gray, each.threshold, limited, each.hold, each.lay_up_to, percent)


def engine(z_1: Tensor, exemplars: list[Held]) -> tuple[Tensor, Tensor]:
    """Composite and release map."""
    maps = [maps_of(each) for each in exemplars]
    pairs = [(each.z, source_release(m, STEPS)) for each, m in zip(exemplars, maps, strict=True)]
    return surgical_latent(z_1, pairs), release_map(maps, STEPS)


def at_a_step(release: Tensor) -> Tensor:
    """Where a threshold passes a step so exactly that either side may round it the other way, `[STEPS, h, w]`."""
    return ((release[0] - PROGRESS).abs() < 1e-5) & (release[0] > 0)


class Straight:
    """A sampler of straight steps, with as much of diffusers' schedulers as the transcription uses."""

    order = 1
    timesteps = torch.arange(STEPS, 0, -1, dtype=torch.float32)

    def add_noise(self, z: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        return z + noise * t.reshape(-1, 1, 1, 1)

    def step(self, predicted: Tensor, t: Tensor, z: Tensor) -> SimpleNamespace:
        return SimpleNamespace(prev_sample=z - predicted)


def model(z: Tensor, t: Tensor) -> Tensor:
    """A model in which every cell depends on all others."""
    return torch.tanh(z + z.mean((-2, -1), keepdim=True)) * 0.7 + t / 50


@given(held_exemplars(), seeds)
@settings(deadline=None)
def test_composite_and_locks_are_the_transcription_s(exemplars: list[Held], seed: int) -> None:
    [z_1] = latents(1, seed)
    surgical, release = engine(z_1, exemplars)
    composite, locked = composite_and_locks(z_1, exemplars, Straight.timesteps)
    assert torch.equal(surgical, composite)
    crossing = at_a_step(release)
    assert torch.equal((release[0] > PROGRESS) | crossing, locked | crossing)


@given(held_exemplars(changed=False), seeds)
@settings(deadline=None)
def test_with_hold_0_it_is_algorithm_2_to_the_last_bit(exemplars: list[Held], seed: int) -> None:
    z_1, noise = latents(2, seed)
    paper = [(each.z, each.mu, each.threshold) for each in exemplars]
    expected = algorithm_2(z_1, paper, noise, Straight(), 0, model)
    assert torch.equal(general_form(z_1, exemplars, noise, Straight(), 0, model), expected)


@given(held_exemplars(changed=False), seeds, st.floats(0, 100))
@settings(deadline=None)
def test_the_engine_with_hold_0_is_the_minimum_of_the_release_times_to_the_last_bit(
    exemplars: list[Held], seed: int, seam_width: float
) -> None:
    z_1, noise, x = latents(3, seed)
    surgical, release = engine(z_1, exemplars)
    maps = [ExemplarMaps(each.mu[None, None], each.threshold, seam_width=seam_width) for each in exemplars]
    assert torch.equal(release, torch.stack([release_map([each], STEPS) for each in maps]).amin(0))
    assert torch.equal(release, release_map(maps, STEPS))
    # Whether the composite or the source is noised again makes no difference.
    schedule = Schedule(Straight.timesteps)
    general, paper = (LatentSurgery(z, noise, release, schedule.progress, variance_exploding) for z in (surgical, z_1))
    for sigma in Straight.timesteps.tolist():
        if sigma < STEPS:
            assert torch.equal(general.blend_(x.clone(), sigma), paper.blend_(x.clone(), sigma))


@given(held_exemplars(), seeds)
@settings(deadline=None, max_examples=30)
def test_a_whole_run_is_the_transcription_s(exemplars: list[Held], seed: int) -> None:
    z_1, noise = latents(2, seed)
    surgical, release = engine(z_1, exemplars)
    assume(not at_a_step(release).any())
    schedule, sampler = Schedule(Straight.timesteps), Straight()
    surgery = LatentSurgery(surgical, noise, release, schedule.progress, variance_exploding)
    z_mix = sampler.add_noise(surgical, noise, Straight.timesteps[:1])
    for t in Straight.timesteps:
        z_mix = surgery.blend_(z_mix, float(t))
        z_mix = sampler.step(model(z_mix, t), t, z_mix).prev_sample
    expected = general_form(z_1, exemplars, noise, sampler, 0, model)
    torch.testing.assert_close(z_mix, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", list(THRESHOLDS))
def test_black_held_to_the_end_is_the_exemplar_through_the_whole_run(name: str) -> None:
    z_1, z_2, noise, x = latents(4)
    maps = ExemplarMaps(torch.zeros(1, 1, *SIZE), name, hold=1)
    surgical = surgical_latent(z_1, [(z_2, source_release(maps, STEPS))])
    schedule = Schedule(Straight.timesteps)
    surgery = LatentSurgery(surgical, noise, release_map([maps], STEPS), schedule.progress, variance_exploding)
    for sigma in Straight.timesteps.tolist():
        x.normal_()
        torch.testing.assert_close(surgery.blend_(x, sigma), z_2 + sigma * noise)


def hard_map(width: int = 24) -> Tensor:
    """Black on the left, white on the right."""
    return (torch.arange(width) >= width // 2).float().expand(1, 1, 12, width)


@pytest.mark.parametrize("name", ["linear", "cubic"])
def test_at_a_hard_seam_the_exemplar_is_free_and_further_inside_it_is_held(name: str) -> None:
    maps = ExemplarMaps(hard_map(), name, hold=1, seam_width=100 * 4 / 12)
    release = release_map([maps], STEPS)[0, 0, 5]
    expected = THRESHOLDS[name].release(torch.tensor([1, 1, 0.875, 0.625, 0.375, 0.125]), STEPS)
    torch.testing.assert_close(release[6:12], expected)
    assert release[:8].eq(1).all()
    assert release[12:].eq(1).all()


def test_hold_is_for_how_long_the_exemplar_is_held_at_most() -> None:
    release = release_map([ExemplarMaps(hard_map(), "linear", hold=0.7)], STEPS)
    torch.testing.assert_close(release[..., 0], torch.full_like(release[..., 0], 0.7))


@pytest.mark.parametrize("lay_up_to", [0.2, 0.5, 0.9])
def test_a_gradient_is_free_at_the_gray_up_to_which_it_is_placed_and_locked_at_both_ends(lay_up_to: float) -> None:
    ramp = torch.linspace(0, 1, 41).expand(1, 1, 1, 41)
    maps = ExemplarMaps(ramp, "linear", hold=1, lay_up_to=lay_up_to, seam_width=0)
    release = release_map([maps], STEPS).flatten()
    gray = ramp.flatten()
    below, above = (lay_up_to - gray) / lay_up_to, (gray - lay_up_to) / (1 - lay_up_to)
    torch.testing.assert_close(release, torch.where(gray <= lay_up_to, below, above), rtol=1e-5, atol=1e-5)
    assert (source_release(maps, STEPS).flatten() == 0).equal(gray <= lay_up_to)


def test_the_seam_between_two_exemplars_is_free_on_both_sides() -> None:
    width = 100 * 4 / 12
    below = ExemplarMaps(torch.zeros(1, 1, 12, 24), "linear", hold=1, seam_width=width)
    on_top = ExemplarMaps(hard_map(), "linear", hold=1, seam_width=width)
    release = release_map([below, on_top], STEPS)[0, 0, 5]
    expected = torch.tensor([1, 0.875, 0.625, 0.375, 0.125, 0.125, 0.375, 0.625, 0.875, 1])
    torch.testing.assert_close(release[7:17], expected)


def test_each_exemplar_has_its_own_hold_and_one_that_is_not_held_is_free() -> None:
    held = ExemplarMaps(torch.zeros(1, 1, 12, 24), "linear", hold=1)
    free = ExemplarMaps(hard_map(), "linear")
    assert release_map([held, free], STEPS)[..., :12].eq(0).all()
    assert release_map([held, free], STEPS)[..., -1].eq(1).all()
    assert release_map([free, held], STEPS).eq(1).all()


def test_the_grays_of_an_exemplar_release_what_is_below_them() -> None:
    held = ExemplarMaps(torch.zeros(1, 1, 12, 24), "linear", hold=1)
    gray = ExemplarMaps(torch.full((1, 1, 12, 24), 0.3), "linear")
    torch.testing.assert_close(release_map([held, gray], STEPS), torch.full((1, 1, 12, 24), 0.3))
    assert release_map([gray, held], STEPS).eq(1).all()


@pytest.mark.parametrize("name", list(THRESHOLDS))
@pytest.mark.parametrize("most", [0.95, 0.5, 0.0])
def test_a_limit_keeps_the_exemplar_and_locks_both_sides_for_as_long(name: str, most: float) -> None:
    ramp = torch.linspace(0, 1, 41).expand(1, 1, 1, 41)
    limited = ExemplarMaps(ramp, name, 1 - most * (1 - ramp))
    [source, exemplar] = latents(2)
    plain = ExemplarMaps(ramp, name)
    z = [
        surgical_latent(source[..., :1, :1].expand(1, 4, 1, 41), [(exemplar[..., :1, :1], source_release(each, STEPS))])
        for each in (plain, limited)
    ]
    assert torch.equal(*z)
    placed = source_release(plain, STEPS) == 0
    release = release_map([limited], STEPS)
    soonest = float(THRESHOLDS[name].release(torch.tensor(1 - most), STEPS).clamp(0, 1))
    torch.testing.assert_close(release[placed], torch.full_like(release[placed], soonest), rtol=1e-4, atol=1e-4)
    assert (release >= soonest - 1e-4).all()
    assert (release >= release_map([plain], STEPS)).all()


def test_white_everywhere_is_the_source_whatever_is_held() -> None:
    white = torch.ones(1, 1, *SIZE)
    maps = ExemplarMaps(white, "linear", white.clone(), hold=1, lay_up_to=0.9)
    assert release_map([maps], STEPS).eq(1).all()
    assert source_release(maps, STEPS).eq(1).all()


def test_sources_with_maps_of_their_own_have_seams_of_their_own() -> None:
    own = torch.cat([hard_map(), hard_map().flip(-1)])
    shared = torch.ones(1, 1, 12, 24)
    release = release_map([ExemplarMaps(own, "linear", hold=1), ExemplarMaps(shared, "linear")], STEPS)
    assert release.shape == (2, 1, 12, 24)
    torch.testing.assert_close(release[1], release[0].flip(-1))


@given(st.integers(1, 6), st.integers(1, 7), seeds, st.sampled_from([0.3, 1.0, 2.5, 20.0]))
def test_the_distance_to_the_edge_is_exact(height: int, width: int, seed: int, most: float) -> None:
    inside = torch.rand(height, width, generator=torch.Generator().manual_seed(seed)) < 0.7
    outside = (~inside).nonzero().float()
    for y in range(height):
        for x in range(width):
            nearest = (outside - torch.tensor([y, x])).norm(dim=1).min().item() if len(outside) else 1e6
            expected = min(nearest - 0.5, most) if inside[y, x] else 0
            assert float(distance_to_edge(inside, most)[y, x]) == pytest.approx(expected, abs=1e-5)
