"""The strength that Lemma 1 asks for: the distance inside the edit, and from there to the noise."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from pixels_ext.core.suggest_strength import MISS_PROBABILITY, latent_distance, suggest_from_latents, unit_bound
from pixels_ext.errors import RequestError

STARTS = [(step / 10, 0.2 * step) for step in range(1, 11)]


def latent(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape or (1, 4, 6, 5), generator=torch.Generator().manual_seed(seed))


def gray(value: float) -> Tensor:
    return torch.full((1, 1, 6, 5), value, dtype=torch.float32)


def test_under_a_black_map_it_is_the_euclidean_distance_of_the_paper() -> None:
    source, exemplar = latent(1), latent(2)
    measured = latent_distance(source, [(exemplar, gray(0))])
    assert math.sqrt(measured.squared_distance) == pytest.approx(float((source - exemplar).norm()), rel=1e-5)
    assert measured.dof == 4 * 6 * 5
    assert measured.rms == pytest.approx(float((source - exemplar).square().mean().sqrt()), rel=1e-5)


def test_what_is_kept_does_not_count_and_grays_count_by_the_time_that_they_are_free() -> None:
    source, exemplar = latent(1), latent(2)
    release = gray(1)
    release[..., :2] = 0
    release[..., 2] = 0.75
    measured = latent_distance(source, [(exemplar, release)])
    squares = (source - exemplar).square()
    assert measured.squared_distance == pytest.approx(
        float(squares[..., :2].sum() + 0.25 * squares[..., 2].sum()), rel=1e-5
    )
    assert measured.dof == pytest.approx(4 * 6 * (2 + 0.25))
    far = exemplar.clone()
    far[..., 3:] += 100
    assert latent_distance(source, [(far, release)]) == measured


def test_a_place_is_the_exemplar_s_that_releases_it_first_and_of_equals_the_topmost_s() -> None:
    source, first, second = latent(1), latent(2), latent(3)
    left, right = gray(0), gray(0)
    left[..., 2:], right[..., :2] = 0.8, 0.3
    both = latent_distance(source, [(first, left), (second, right)])
    alone = latent_distance(source, [(torch.cat([first[..., :2], second[..., 2:]], dim=-1), gray(0))])
    assert both.squared_distance == pytest.approx(alone.squared_distance, rel=1e-5)
    on_top = latent_distance(source, [(first, gray(0)), (second, gray(0))])
    assert on_top == latent_distance(source, [(second, gray(0))])


def test_latents_of_video_models_and_batches_are_measured_like_others() -> None:
    source, exemplar = latent(1, 2, 16, 1, 6, 5), latent(2, 2, 16, 1, 6, 5)
    measured = latent_distance(source, [(exemplar, gray(0))])
    assert measured.squared_distance == pytest.approx(float((source - exemplar).square().sum()), rel=1e-5)
    assert measured.dof == 2 * 16 * 6 * 5


def test_the_bound_is_the_lemma_s() -> None:
    """Written out as the paper has it, with the score of a model that predicts noise of unit spread."""
    k, sigma = 480.0, 0.7
    b = k / sigma**2
    log_p = math.log(MISS_PROBABILITY)
    bound = sigma**4 * b + sigma**2 * (k + 2 * math.sqrt(-k * log_p) - 2 * log_p)
    assert sigma**2 * unit_bound(k) == pytest.approx(bound)


def test_the_strength_is_the_lowest_whose_bound_covers_the_distance() -> None:
    source, exemplar = latent(1), latent(2)
    found = suggest_from_latents(source, [(exemplar, gray(0))], STARTS)
    assert found.within_bound
    assert found.bound >= found.distance.squared_distance
    below = next(noise for strength, noise in reversed(STARTS) if strength < found.strength)
    assert below**2 * unit_bound(found.distance.dof) < found.distance.squared_distance
    assert 0.3 < found.strength < 0.9


@given(st.floats(0.0, 4.0), st.floats(0.0, 4.0))
def test_a_more_distant_exemplar_never_asks_for_less(one: float, other: float) -> None:
    source, away = latent(1), latent(2)
    near, far = (
        suggest_from_latents(source, [(source + part * away, gray(0.2))], STARTS) for part in sorted((one, other))
    )
    assert near.strength <= far.strength
    assert near.required_sigma <= far.required_sigma


def test_what_no_strength_reaches_gets_the_highest_and_says_so() -> None:
    source = latent(1)
    found = suggest_from_latents(source, [(source + 10 * latent(2), gray(0))], STARTS)
    assert (found.strength, found.within_bound) == (1.0, False)
    assert "does not cover that distance" in str(found)


def test_the_reason_has_the_numbers() -> None:
    source = torch.zeros(1, 4, 6, 5)
    found = suggest_from_latents(source, [(source + 1, gray(0))], STARTS)
    distance, sigma = math.sqrt(120), math.sqrt(120 / unit_bound(120))
    assert f"are {distance:.1f} from" in str(found)
    assert "(RMS 1.00 over 120 values)" in str(found)
    assert f"requires sigma {sigma:.2f}; strength {found.strength:g} starts at sigma {found.sigma:.2f}" in str(found)


def test_white_maps_have_no_strength() -> None:
    with pytest.raises(RequestError, match="change nothing, since every map is white \\(expected a map with something"):
        suggest_from_latents(latent(1), [(latent(2), gray(1))], STARTS)
