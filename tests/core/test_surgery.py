"""Invariants of latent surgery, on any latent."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import cycle

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from pixels_ext.core.noising import flow, variance_exploding, variance_preserving
from pixels_ext.core.release import ExemplarMaps, broadcast_map, down_sample, release_map
from pixels_ext.core.schedule import Schedule
from pixels_ext.core.surgery import LatentSurgery, surgical_latent
from pixels_ext.core.thresholds import THRESHOLDS

SIGMAS = [14.6, 8.0, 4.0, 2.0, 1.0, 0.5, 0.2, 0.05]
layouts = st.sampled_from([(1, 4, 6, 5), (3, 16, 4, 4), (2, 16, 1, 3, 5), (1, 1, 2, 2, 2)])
names = st.sampled_from(list(THRESHOLDS))


def latents(shape: tuple[int, ...], count: int, seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator) for _ in range(count)]


def surgery(init_latent: Tensor, noise: Tensor, release: Tensor) -> LatentSurgery:
    schedule = Schedule(SIGMAS)
    return LatentSurgery(init_latent, noise, release, schedule.progress, variance_exploding)


def constant(shape: tuple[int, ...], value: float) -> Tensor:
    return torch.full((1, 1, *shape[-2:]), value)


@given(layouts)
def test_all_black_is_img2img_from_the_exemplar(shape: tuple[int, ...]) -> None:
    init_latent, exemplar, noise, x = latents(shape, 4)
    black = constant(shape, 0)
    assert torch.equal(surgical_latent(init_latent, [(exemplar, black)]), exemplar)
    hook, untouched = surgery(init_latent, noise, black), x.clone()
    for sigma in SIGMAS:
        assert torch.equal(hook.blend_(x, sigma), untouched)


@given(layouts, names)
def test_all_white_is_the_noised_source_at_every_step(shape: tuple[int, ...], name: str) -> None:
    init_latent, exemplar, noise, x = latents(shape, 4)
    white = release_map([ExemplarMaps(torch.ones(1, 1, *shape[-2:]), name)], len(SIGMAS))
    assert torch.equal(surgical_latent(init_latent, [(exemplar, white)]), init_latent)
    hook = surgery(init_latent, noise, white)
    for sigma in SIGMAS:
        x.normal_()
        torch.testing.assert_close(hook.blend_(x, sigma), init_latent + noise * sigma)


@given(layouts, names, st.integers(0, 99))
def test_an_exemplar_given_twice_is_the_exemplar_once(shape: tuple[int, ...], name: str, seed: int) -> None:
    init_latent, exemplar = latents(shape, 2, seed)
    edit_map = torch.rand(1, 1, 20, 20, generator=torch.Generator().manual_seed(seed)).round(decimals=1)
    maps = ExemplarMaps(down_sample(edit_map, (shape[-2], shape[-1])), name)
    once = release_map([maps], 8)
    assert torch.equal(release_map([maps, maps], 8), once)
    assert torch.equal(
        surgical_latent(init_latent, [(exemplar, once)] * 2), surgical_latent(init_latent, [(exemplar, once)])
    )


@given(st.integers(1, 6), st.integers(0, 99))
def test_the_release_map_of_several_exemplars_is_above_u_where_each_of_theirs_is(count: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    edit_maps = [
        ExemplarMaps(torch.rand(1, 1, 5, 4, generator=generator), name)
        for name, _ in zip(cycle(THRESHOLDS), range(count))
    ]
    for u in (0.0, 0.3, 0.7):
        above_all = torch.stack([release_map([each], 10) > u for each in edit_maps]).all(0)
        assert torch.equal(release_map(edit_maps, 10) > u, above_all)


def test_a_release_map_is_made_for_pixels_and_for_sources_with_maps_of_their_own() -> None:
    pixels = torch.rand(12, 16)
    assert release_map([ExemplarMaps(pixels, "cubic")], 10).shape == (12, 16)
    shared, own = torch.full((1, 1, 3, 4), 0.5), torch.stack([torch.zeros(1, 3, 4), torch.ones(1, 3, 4)])
    both = release_map([ExemplarMaps(shared, "linear"), ExemplarMaps(own, "linear")], 10)
    assert both.shape == (2, 1, 3, 4)
    assert both[0].eq(0).all()
    assert both[1].eq(0.5).all()


@given(st.lists(st.sampled_from(SIGMAS) | st.floats(0.01, 20), min_size=1, max_size=30), st.integers(0, 99))
def test_what_was_released_once_is_never_held_again(asked: list[float], seed: int) -> None:
    """Also when a sampler raises sigma again (Restart, DPM adaptive)."""
    init_latent, noise = latents((1, 4, 6, 6), 2, seed)
    release = torch.rand(1, 1, 6, 6, generator=torch.Generator().manual_seed(seed))
    hook, was_held = surgery(init_latent, noise, release), torch.ones(1, 1, 6, 6, dtype=torch.bool)
    for sigma in asked:
        x = torch.full((1, 4, 6, 6), 1e6)
        hook.blend_(x, sigma)
        now_held = (x != 1e6).any(1, keepdim=True)
        assert not (now_held & ~was_held).any()
        assert torch.equal(now_held, hook.mask())
        was_held = now_held


def test_later_exemplars_lie_on_top() -> None:
    init_latent, first, second = latents((1, 4, 2, 2), 3)
    left, all_ = torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]]]), torch.zeros(1, 1, 2, 2)
    result = surgical_latent(init_latent, [(first, all_), (second, left)])
    assert torch.equal(result[..., 0], second[..., 0])
    assert torch.equal(result[..., 1], first[..., 1])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("mode", [nullcontext, torch.no_grad, torch.inference_mode])
def test_every_dtype_and_gradient_mode_in_place(dtype: torch.dtype, mode: type) -> None:
    init_latent, noise, x = (latent.to(dtype) for latent in latents((2, 4, 3, 3), 3))
    with mode():
        x = x.clone()
        hook = surgery(init_latent, noise.clone(), torch.tensor([0.0, 0.5, 1.0]).expand(1, 1, 3, 3))
        before, pointer = x.clone(), x.data_ptr()
        hook.blend_(x, 2.0)
    assert x.data_ptr() == pointer
    assert x.dtype == dtype
    assert torch.equal(x[..., 0], before[..., 0])
    torch.testing.assert_close(x[..., 2], (init_latent + noise * 2)[..., 2])


def test_a_sampler_state_of_another_dtype_than_the_noise_is_blended_too() -> None:
    init_latent, noise, x = latents((1, 4, 3, 3), 3)
    x = x.half()
    surgery(init_latent, noise, constant(x.shape, 1)).blend_(x, 2.0)
    assert x.dtype == torch.float16
    torch.testing.assert_close(x, (init_latent + noise * 2).half())


def test_each_image_of_a_batch_may_have_its_own_map() -> None:
    init_latent, noise, x = latents((2, 4, 3, 3), 3)
    before = x.clone()
    surgery(init_latent[:1], noise, torch.stack([torch.zeros(1, 3, 3), torch.ones(1, 3, 3)])).blend_(x, 1.0)
    assert torch.equal(x[0], before[0])
    torch.testing.assert_close(x[1], init_latent[0] + noise[1])


@pytest.mark.parametrize("shape", [(1, 1, 3, 4), (3, 1, 4, 4)])
def test_a_map_that_does_not_fit_the_latent_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="does not fit a latent of"):
        broadcast_map(torch.zeros(2, 4, 4, 4), torch.zeros(shape))


def test_down_sampling_keeps_pure_black_and_white() -> None:
    edit_map = torch.zeros(1, 1, 48, 80)
    edit_map[..., 40:] = 1
    assert set(down_sample(edit_map, (6, 10)).unique().tolist()) == {0.0, 1.0}


def test_noising_factors() -> None:
    assert variance_exploding(3.0) == (1.0, 3.0)
    assert flow(0.25) == (0.75, 0.25)
    assert variance_preserving([0.9, 0.36])(1) == pytest.approx((0.6, 0.8))


class _LargestAllocation(TorchDispatchMode):
    """Counts the bytes of every tensor that an operation newly allocates."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        result = func(*args, **(kwargs or {}))
        known = {a.untyped_storage().data_ptr() for a in (*args, *(kwargs or {}).values()) if isinstance(a, Tensor)}
        if isinstance(result, Tensor) and result.untyped_storage().data_ptr() not in known:
            self.bytes += result.untyped_storage().nbytes()
        return result


def test_a_step_allocates_nothing() -> None:
    """One latent and one boolean map are held from the start; a step adds no tensor of its own."""
    init_latent, noise, x = latents((1, 4, 32, 32), 3)
    hook = surgery(init_latent, noise, torch.rand(1, 1, 32, 32))
    with torch.inference_mode(), _LargestAllocation() as counted:
        hook.blend_(x, 4.0)
    assert counted.bytes == 0


def between(init_latent: Tensor, noise: Tensor, release: Tensor) -> LatentSurgery:
    schedule = Schedule(SIGMAS)
    return LatentSurgery(init_latent, noise, release, schedule.progress, variance_exploding, schedule.steps)


@given(layouts, st.integers(0, len(SIGMAS) - 2), st.floats(0.01, 0.99))
def test_between_steps_is_a_release_within_the_step(shape: tuple[int, ...], step: int, part: float) -> None:
    """Euler's step is a straight line in sigma. A pixel that leaves it at `part` begins from the source noised to
    there, and goes the rest of the way in the direction that the model gave at the step's beginning."""
    init_latent, noise, direction = latents(shape, 3)
    sigma, after = SIGMAS[step], SIGMAS[step + 1]
    hook = between(init_latent, noise, constant(shape, (step + part) / len(SIGMAS)))
    x = hook.blend_(init_latent + sigma * noise, sigma).clone()
    torch.testing.assert_close(x, init_latent + sigma * noise)
    leaving = sigma + part * (after - sigma)
    wanted = init_latent + leaving * noise + (after - leaving) * direction
    torch.testing.assert_close(hook.blend_(x + (after - sigma) * direction, after), wanted, rtol=1e-4, atol=1e-4)


@given(layouts, st.lists(st.floats(0.05, 14.6), min_size=1, max_size=12))
def test_between_steps_black_and_white_are_as_ever_at_any_level(shape: tuple[int, ...], levels: list[float]) -> None:
    init_latent, noise, x = latents(shape, 3)
    black, white = (between(init_latent, noise, constant(shape, value)) for value in (0.0, 1.0))
    for sigma in levels:
        assert torch.equal(black.blend_(x.clone(), sigma), x)
        torch.testing.assert_close(white.blend_(x.clone(), sigma), init_latent + sigma * noise)


@given(layouts, st.integers(0, 99))
def test_a_release_at_a_step_s_beginning_holds_there_for_the_last_time(shape: tuple[int, ...], seed: int) -> None:
    """By the paper's rule the step before, whose result stands, already belongs to the model."""
    init_latent, noise, x = latents(shape, 3, seed)
    eighths = torch.randint(0, 9, (1, 1, *shape[-2:]), generator=torch.Generator().manual_seed(seed)) / 8
    later = torch.where(eighths > 0, eighths + 0.01, eighths)
    usual, other = surgery(init_latent, noise, later), between(init_latent, noise, eighths)
    for sigma in SIGMAS:
        assert torch.equal(other.blend_(x.clone(), sigma), usual.blend_(x.clone(), sigma))


def test_four_steps_make_more_than_four_grays_between_steps() -> None:
    """A model of single cells, so that nothing but the blend makes grays: it pulls each pixel to 5."""
    init_latent, noise = torch.zeros(1, 1, 1, 33), torch.zeros(1, 1, 1, 33)
    release = (torch.arange(33) / 32)[None, None, None]
    sigmas = SIGMAS[:4]
    found = {}
    for steps in (None, 4):
        hook = LatentSurgery(init_latent, noise, release, Schedule(sigmas).progress, variance_exploding, steps)
        x = torch.zeros(1, 1, 1, 33)
        for sigma in sigmas:
            x = hook.blend_(x, sigma).lerp(torch.full_like(x, 5), 0.4)
        found[steps] = x.flatten()
    assert len(found[None].unique()) <= 5
    assert len(found[4].unique()) > 20
    assert (found[4].diff() <= 1e-6).all()
    assert found[4].diff().abs().max() < found[None].diff().abs().max() / 3


def test_between_steps_noise_that_rises_again_locks_nothing_half() -> None:
    init_latent, noise, x = latents((1, 4, 3, 3), 3)
    hook = between(init_latent, noise, constant((1, 4, 3, 3), 3.5 / 8))
    hook.blend_(x.clone(), SIGMAS[4])
    assert torch.equal(hook.blend_(x.clone(), SIGMAS[2]), x)


def test_between_steps_works_on_half_precision_latents() -> None:
    init_latent, noise, x = latents((1, 4, 3, 3), 3)
    hook = between(init_latent, noise, constant((1, 4, 3, 3), 0.5 / 8))
    half = x.half()
    assert hook.blend_(half, SIGMAS[1]) is half
    wanted = torch.lerp(x, init_latent + SIGMAS[1] * noise, 0.5)
    torch.testing.assert_close(half.float(), wanted, rtol=1e-2, atol=2e-2)
