"""The strength that Lemma 1 asks for: the distance inside the edit, and from there to the noise."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from pixels_ext.core.suggest import MISSES, distance_inside, reach, suggest_strength
from pixels_ext.errors import RequestError

STARTS = [(step / 10, 0.2 * step) for step in range(1, 11)]


def latent(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape or (1, 4, 6, 5), generator=torch.Generator().manual_seed(seed))


def gray(value: float) -> Tensor:
    return torch.full((1, 1, 6, 5), value, dtype=torch.float32)


def test_under_a_black_map_it_is_the_euclidean_distance_of_the_paper() -> None:
    source, exemplar = latent(1), latent(2)
    measured = distance_inside(source, [(exemplar, gray(0))])
    assert math.sqrt(measured.squared) == pytest.approx(float((source - exemplar).norm()), rel=1e-5)
    assert measured.freedom == 4 * 6 * 5
    assert measured.each == pytest.approx(float((source - exemplar).square().mean().sqrt()), rel=1e-5)


def test_what_is_kept_does_not_count_and_grays_count_by_the_time_that_they_are_free() -> None:
    source, exemplar = latent(1), latent(2)
    release = gray(1)
    release[..., :2] = 0
    release[..., 2] = 0.75
    measured = distance_inside(source, [(exemplar, release)])
    squares = (source - exemplar).square()
    assert measured.squared == pytest.approx(float(squares[..., :2].sum() + 0.25 * squares[..., 2].sum()), rel=1e-5)
    assert measured.freedom == pytest.approx(4 * 6 * (2 + 0.25))
    far = exemplar.clone()
    far[..., 3:] += 100
    assert distance_inside(source, [(far, release)]) == measured


def test_a_place_is_the_exemplar_s_that_releases_it_first_and_of_equals_the_topmost_s() -> None:
    source, first, second = latent(1), latent(2), latent(3)
    left, right = gray(0), gray(0)
    left[..., 2:], right[..., :2] = 0.8, 0.3
    both = distance_inside(source, [(first, left), (second, right)])
    alone = distance_inside(source, [(torch.cat([first[..., :2], second[..., 2:]], dim=-1), gray(0))])
    assert both.squared == pytest.approx(alone.squared, rel=1e-5)
    on_top = distance_inside(source, [(first, gray(0)), (second, gray(0))])
    assert on_top == distance_inside(source, [(second, gray(0))])


def test_latents_of_video_models_and_batches_are_measured_like_others() -> None:
    source, exemplar = latent(1, 2, 16, 1, 6, 5), latent(2, 2, 16, 1, 6, 5)
    measured = distance_inside(source, [(exemplar, gray(0))])
    assert measured.squared == pytest.approx(float((source - exemplar).square().sum()), rel=1e-5)
    assert measured.freedom == 2 * 16 * 6 * 5


def test_the_bound_is_the_lemma_s() -> None:
    """Written out as the paper has it, with the score of a model that predicts noise of unit spread."""
    k, sigma = 480.0, 0.7
    b = k / sigma**2
    log_p = math.log(MISSES)
    bound = sigma**4 * b + sigma**2 * (k + 2 * math.sqrt(-k * log_p) - 2 * log_p)
    assert sigma**2 * reach(k) == pytest.approx(bound)


def test_the_strength_is_the_lowest_whose_bound_covers_the_distance() -> None:
    source, exemplar = latent(1), latent(2)
    found = suggest_strength(source, [(exemplar, gray(0))], STARTS)
    assert found.enough
    assert found.bound >= found.measured.squared
    below = next(noise for strength, noise in reversed(STARTS) if strength < found.strength)
    assert below**2 * reach(found.measured.freedom) < found.measured.squared
    assert 0.3 < found.strength < 0.9


@given(st.floats(0.0, 4.0), st.floats(0.0, 4.0))
def test_a_more_distant_exemplar_never_asks_for_less(one: float, other: float) -> None:
    source, away = latent(1), latent(2)
    near, far = (suggest_strength(source, [(source + part * away, gray(0.2))], STARTS) for part in sorted((one, other)))
    assert near.strength <= far.strength
    assert near.sigma <= far.sigma


def test_what_no_strength_reaches_gets_the_highest_and_says_so() -> None:
    source = latent(1)
    found = suggest_strength(source, [(source + 10 * latent(2), gray(0))], STARTS)
    assert (found.strength, found.enough) == (1.0, False)
    assert "does not cover the distance" in str(found)


def test_the_reason_has_the_numbers() -> None:
    source = torch.zeros(1, 4, 6, 5)
    found = suggest_strength(source, [(source + 1, gray(0))], STARTS)
    distance, sigma = math.sqrt(120), math.sqrt(120 / reach(120))
    assert f"lie {distance:.1f} from" in str(found)
    assert "(1.00 for each of 120 numbers)" in str(found)
    assert f"noise of {sigma:.2f}; strength {found.strength:g} begins with {found.noise:.2f}" in str(found)


def test_white_maps_have_no_strength() -> None:
    with pytest.raises(RequestError, match="change nothing, since every map is white \\(expected a map with something"):
        suggest_strength(latent(1), [(latent(2), gray(1))], STARTS)
