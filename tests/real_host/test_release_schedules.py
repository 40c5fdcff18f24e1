"""Schedules, strengths and thresholds: at which step is each latent cell released?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from .webui_client import WebUI, by_script, difference, exemplar, left_to_right, plain_map, request, sample_image

SOURCE, EXEMPLAR = sample_image(1), sample_image(2)
BLACK_EDIT = by_script(request(exemplar(EXEMPLAR, plain_map(0))))
WHITE_EDIT = by_script(request(exemplar(EXEMPLAR, plain_map(255))))
UNSHAPED = {"black_point": 0, "white_point": 1}
CURVES: dict[str, Callable[[float, int], float]] = {
    "linear": lambda u, _: u,
    "log": lambda u, steps: math.log1p(u * steps) / math.log1p(steps),
    "quadratic": lambda u, _: u**2,
    "cubic": lambda u, _: u**3,
    "sigmoid": lambda u, _: 1 / (1 + math.exp(3 - 6 * u)),
}
RUNS = {
    "strength 0": {"denoising_strength": 0},
    "strength 0.05": {"denoising_strength": 0.05},
    "strength 1": {"denoising_strength": 1},
    "1 step": {"steps": 1},
    "1 step at strength 1": {"steps": 1, "denoising_strength": 1},
    "2 steps": {"steps": 2},
    "exactly the steps asked for": {"override_settings": {"img2img_fix_steps": True}},
    "next-to-last sigma left out": {"override_settings": {"always_discard_next_to_last_sigma": True}},
    "churn": {"s_churn": 5.0},
}


def edit(**fields: Any) -> dict[str, Any]:
    return by_script(request(exemplar(EXEMPLAR, left_to_right(), shaping=UNSHAPED), **fields))


def locked_shares(probed: WebUI, **fields: Any) -> list[float]:
    """The share of a left-to-right gradient that is locked at each call of the model."""
    assert probed.img2img(SOURCE, **fields).status == 200
    return [call["locked"] for call in probed.calls()]


def test_a_gradient_is_released_evenly_whatever_the_schedule(probed: WebUI, scheduler: str) -> None:
    locked = locked_shares(probed, steps=6, scheduler=scheduler, **edit())
    assert locked == pytest.approx([1 - i / len(locked) for i in range(len(locked))], abs=0.07)


@pytest.mark.parametrize("name", ["DDIM", "PLMS"])
def test_a_gradient_is_released_evenly_by_timesteps(probed: WebUI, name: str) -> None:
    locked = locked_shares(probed, sampler_name=name, steps=8, **edit())
    own_steps = locked[:1] + locked[2:] if name == "PLMS" else locked  # PLMS looks ahead once, at the second level
    assert own_steps == pytest.approx([1 - i / len(own_steps) for i in range(len(own_steps))], abs=0.07)


@pytest.mark.parametrize("setting", ["img2img_fix_steps", "always_discard_next_to_last_sigma"])
def test_a_gradient_is_released_evenly_whatever_the_settings(probed: WebUI, setting: str) -> None:
    locked = locked_shares(probed, steps=6, override_settings={setting: True}, **edit())
    assert locked == pytest.approx([1 - i / len(locked) for i in range(len(locked))], abs=0.07)


@pytest.mark.parametrize("name", CURVES)
def test_every_threshold_releases_as_in_the_paper(probed: WebUI, name: str) -> None:
    locked = locked_shares(probed, steps=6, denoising_strength=1, **edit(threshold=name))
    steps = len(locked)
    assert locked == pytest.approx([1 - CURVES[name](i / steps, steps) for i in range(steps)], abs=0.07)


@pytest.mark.parametrize("name", ["Euler", "DDIM"])
@pytest.mark.parametrize("run", RUNS)
def test_black_and_white_are_exact_at_every_strength_and_number_of_steps(probed: WebUI, run: str, name: str) -> None:
    fields = {"sampler_name": name, **RUNS[run]}
    plain = probed.img2img(EXEMPLAR, **fields)
    if plain.status != 200:
        pytest.skip(f"the host itself fails: {plain.reason[:100]}")
    assert difference(probed.img2img(SOURCE, **fields, **BLACK_EDIT).image, plain.image) <= 1
    probed.calls()
    assert probed.img2img(SOURCE, **fields, **WHITE_EDIT).status == 200
    assert all(call["deviation"] <= 1e-5 for call in probed.calls())


def test_black_and_white_are_exact_for_every_schedule(probed: WebUI, scheduler: str) -> None:
    plain = probed.img2img(EXEMPLAR, scheduler=scheduler).image
    assert difference(probed.img2img(SOURCE, scheduler=scheduler, **BLACK_EDIT).image, plain) <= 1
    probed.calls()
    assert probed.img2img(SOURCE, scheduler=scheduler, **WHITE_EDIT).status == 200
    assert max(call["deviation"] for call in probed.calls()) <= 1e-5
