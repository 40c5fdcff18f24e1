"""Invariants of an edit, whatever the WebUI, its samplers and its model are."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pytest
from PIL import Image

from .webui_client import (
    WebUI,
    by_alwayson,
    by_script,
    difference,
    exemplar,
    left_to_right,
    pixels_of,
    plain_map,
    request,
    right_half,
    sample_image,
)

SOURCE, EXEMPLAR, OTHER = sample_image(1), sample_image(2), sample_image(3)
BLACK, WHITE = plain_map(0), plain_map(255)
EDIT = request(exemplar(EXEMPLAR, left_to_right()))


def few_steps(sampler: str) -> dict[str, Any]:
    """Three calls of the model or more, of which the first already sees something of the image, with flow models too.
    AUTOMATIC1111's UniPC fails below about 12 steps, with or without us."""
    steps = {"UniPC": 16, "DDIM": 7, "DDIM CFG++": 7, "PLMS": 7}
    return {"sampler_name": sampler, "steps": steps.get(sampler, 4), "denoising_strength": 0.6}


def test_a_black_map_gives_plain_img2img_of_the_exemplar(host: WebUI, sampler: str) -> None:
    plain = host.img2img(EXEMPLAR, **few_steps(sampler))
    if plain.status != 200:
        pytest.skip(f"the host itself fails: {plain.reason[:100]}")
    edit = host.img2img(SOURCE, **few_steps(sampler), **by_script(request(exemplar(EXEMPLAR, BLACK))))
    bound = 1
    if sampler == "DPM adaptive":  # which chooses its steps by what comes out, and makes much of a hair
        hair = host.img2img(EXEMPLAR, initial_noise_multiplier=1 + 1e-5, **few_steps(sampler))
        bound = max(bound, difference(hair.image, plain.image))
    assert difference(edit.image, plain.image) <= bound


def test_under_a_white_map_the_model_is_given_the_noised_source(probed: WebUI, sampler: str) -> None:
    answer = probed.img2img(SOURCE, **few_steps(sampler), **by_script(request(exemplar(EXEMPLAR, WHITE))))
    if answer.status != 200 and probed.img2img(SOURCE, **few_steps(sampler)).status != 200:
        pytest.skip(f"the host itself fails: {answer.reason[:100]}")
    assert answer.status == 200
    # With other models, samplers for flow models come to levels that are no numbers, and end in black by themselves.
    calls = [call for call in probed.calls() if call["level"] is not None]
    assert len(calls) >= 3
    # The Forges round the timesteps that UniPC asks for, of which half are fractions, and speak of sigmas.
    rounded = sampler == "UniPC" and calls[0]["level"] < 100
    assert max(call["deviation"] for call in calls) <= (5e-3 if rounded else 1e-5)


def test_kept_white_is_the_source_bit_by_bit(host: WebUI) -> None:
    answer = host.img2img(SOURCE, **by_script(request(exemplar(EXEMPLAR, right_half()), keep_white=True)))
    kept = np.abs(answer.image - pixels_of(SOURCE)).max(axis=(0, 2)) == 0
    assert kept[-56:].all()  # the right half without the 8 pixels of the change-over
    assert not kept[:60].any()


def test_a_white_exemplar_changes_nothing(host: WebUI) -> None:
    alone = host.img2img(SOURCE, **by_script(EDIT)).image
    for exemplars in ([exemplar(OTHER, WHITE), *EDIT["exemplars"]], [*EDIT["exemplars"], exemplar(OTHER, WHITE)]):
        assert difference(alone, host.img2img(SOURCE, **by_script(request(*exemplars))).image) <= 1


def test_a_batch_is_its_single_runs(host: WebUI) -> None:
    batch = host.img2img(SOURCE, batch_size=2, n_iter=2, **by_script(EDIT)).images[-4:]
    for number, each in enumerate(batch):
        assert difference(each, host.img2img(SOURCE, seed=5 + number, **by_script(EDIT)).image) <= 1


def test_every_source_of_a_batch_is_edited_as_if_alone(host: WebUI) -> None:
    batch = host.img2img([SOURCE, OTHER], batch_size=2, **by_script(EDIT)).images[-2:]
    for number, source in enumerate((SOURCE, OTHER)):
        assert difference(batch[number], host.img2img(source, seed=5 + number, **by_script(EDIT)).image) <= 1


def test_every_source_of_a_batch_keeps_its_own_white(host: WebUI) -> None:
    edit = request(exemplar(EXEMPLAR, right_half()), keep_white=True)
    batch = host.img2img([SOURCE, OTHER], batch_size=2, n_iter=2, **by_script(edit)).images[-4:]
    for number, each in enumerate(batch):
        assert difference(each[:, -56:], pixels_of((SOURCE, OTHER)[number % 2])[:, -56:]) == 0


@pytest.mark.parametrize("route", [by_script, by_alwayson])
def test_a_plain_generation_after_an_edit_is_what_it_was_before(host: WebUI, route: Any) -> None:
    before = host.img2img(SOURCE).image
    assert difference(host.img2img(SOURCE, **route(EDIT)).image, before) > 8
    assert difference(host.img2img(SOURCE).image, before) <= 1
    assert host.img2img(SOURCE, **route({**EDIT, "mode": "no"})).status == 422
    assert difference(host.img2img(SOURCE).image, before) <= 1


@pytest.mark.parametrize("mode", ["single-pass", "iterative"])
def test_a_plain_generation_after_an_interrupted_edit_is_what_it_was_before(host: WebUI, mode: str) -> None:
    before = host.img2img(SOURCE).image
    edit = request(*EDIT["exemplars"], exemplar(OTHER, BLACK), mode=mode)
    answers = []
    run = threading.Thread(target=lambda: answers.append(host.img2img(SOURCE, steps=150, **by_script(edit))))
    run.start()
    while run.is_alive() and not host.call("/sdapi/v1/progress?skip_current_image=true").body["progress"]:
        time.sleep(0.05)
    time.sleep(0.5)
    started = time.monotonic()
    host.call("/sdapi/v1/interrupt", {})
    run.join()
    assert time.monotonic() - started < 20
    assert answers[0].status == 200
    assert difference(host.img2img(SOURCE).image, before) <= 1


def test_iterative_is_one_edit_after_the_other_with_the_next_seed(host: WebUI) -> None:
    """By hand each result goes through the autoencoder and 8 bits; inside, it does not. So this is not exact."""
    first, second = exemplar(EXEMPLAR, left_to_right()), exemplar(OTHER, right_half())
    at_once = host.img2img(SOURCE, **by_script(request(first, second, mode="iterative"))).image
    between = host.img2img(SOURCE, **by_script(request(first))).image
    by_hand = host.img2img(Image.fromarray(between.astype(np.uint8)), seed=6, **by_script(request(second))).image
    wrong_seed = host.img2img(Image.fromarray(between.astype(np.uint8)), seed=5, **by_script(request(second))).image
    print("iterative", difference(at_once, by_hand), np.abs(at_once - by_hand).mean())
    assert np.abs(at_once - by_hand).mean() < 0.5 * np.abs(at_once - wrong_seed).mean()
