"""Interoperability: refiner, LoRA, other extensions, preview, skip, faults."""

from __future__ import annotations

import base64
import io
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from .webui_client import (
    Answer,
    WebUI,
    by_script,
    difference,
    exemplar,
    left_to_right,
    pixels_of,
    plain_map,
    request,
    sample_image,
)

SOURCE, EXEMPLAR, OTHER = sample_image(1), sample_image(2), sample_image(3)
BLACK = by_script(request(exemplar(EXEMPLAR, plain_map(0))))
EDIT = request(exemplar(EXEMPLAR, left_to_right()))
OTHER_EXTENSION = "pixels other extension"


def with_other_extension(what: str) -> dict[str, Any]:
    """The body's fields that let the test extension take part."""
    return {"alwayson_scripts": {OTHER_EXTENSION: {"args": [what]}}}


@pytest.fixture
def extended(host: WebUI) -> WebUI:
    if not host.has_script(OTHER_EXTENSION):
        pytest.skip("needs the probe's other extension in the host's extensions (tests/real_host/README.md)")
    return host


def started(host: WebUI, **fields: Any) -> tuple[threading.Thread, list[Answer]]:
    """A running edit, and the list that will have its answer."""
    answers: list[Answer] = []
    run = threading.Thread(target=lambda: answers.append(host.img2img(SOURCE, **fields)))
    run.start()
    while run.is_alive() and not host.call("/sdapi/v1/progress?skip_current_image=true").body["state"]["sampling_step"]:
        time.sleep(0.05)
    return run, answers


def refining(host: WebUI) -> dict[str, Any]:
    """The body's fields for a refiner, another checkpoint that the host has and can refine with."""
    used = host.checkpoint or host.call("/sdapi/v1/options").body["sd_model_checkpoint"]
    name = Path(used.split(" [")[0]).stem
    others = [each["title"] for each in host.call("/sdapi/v1/sd-models").body if each["model_name"] != name]
    # A refiner by its name comes first.
    for title in sorted(others, key=lambda title: "refiner" not in title):
        fields = {"refiner_checkpoint": title, "refiner_switch_at": 0.5}
        if host.img2img(SOURCE, **fields).status == 200:
            return fields
    pytest.skip("needs a second checkpoint that can refine")


@pytest.mark.parametrize("name", ["Euler", "DDIM"])
def test_black_is_plain_img2img_with_a_refiner(host: WebUI, name: str) -> None:
    fields = {**refining(host), "sampler_name": name, "steps": 6}
    plain = host.img2img(EXEMPLAR, **fields).image
    assert difference(host.img2img(SOURCE, **fields, **BLACK).image, plain) <= 1


def test_a_refiner_takes_part_in_every_batch(host: WebUI) -> None:
    fields = {**refining(host), "steps": 6}
    plain = host.img2img(SOURCE, n_iter=2, **fields)
    if plain.status != 200:
        pytest.skip(f"the host itself fails: {plain.reason[:100]}")
    for number, each in enumerate(host.img2img(SOURCE, n_iter=2, **fields, **by_script(EDIT)).images[-2:]):
        assert difference(each, host.img2img(SOURCE, seed=5 + number, **fields, **by_script(EDIT)).image) <= 1


def test_a_refiner_is_refused_in_an_iterative_edit(host: WebUI) -> None:
    fields = refining(host)
    edit = request(*EDIT["exemplars"], exemplar(OTHER, plain_map(0)), mode="iterative")
    answer = host.img2img(SOURCE, **fields, **by_script(edit))
    assert answer.status == 422
    assert answer.reason.startswith("PIXELS: mode: 'iterative', which does not work with a refiner")
    one = request(*EDIT["exemplars"], mode="iterative")
    assert host.img2img(SOURCE, **fields, **by_script(one)).status == 200


def test_black_is_plain_img2img_with_a_lora(host: WebUI) -> None:
    answer = host.call("/sdapi/v1/loras")
    names = [each["name"] for each in answer.body] if answer.status == 200 else []
    plain = host.img2img(EXEMPLAR)
    for name in names:
        fields = {"prompt": f"a <lora:{name}:1>"}
        with_lora = host.img2img(EXEMPLAR, **fields).image
        if difference(with_lora, plain.image) > 8:
            break
    else:
        pytest.skip("needs a LoRA that fits the checkpoint")
    assert difference(host.img2img(SOURCE, **fields, **BLACK).image, with_lora) <= 1
    assert difference(host.img2img(EXEMPLAR).image, plain.image) <= 1


@pytest.mark.parametrize("what", ["unet", "sample, early", "sample, late"])
def test_black_is_plain_img2img_under_another_extension(extended: WebUI, what: str) -> None:
    alone = extended.img2img(EXEMPLAR).image
    plain = extended.img2img(EXEMPLAR, **with_other_extension(what)).image
    assert difference(plain, alone) > 2
    assert difference(extended.img2img(SOURCE, **BLACK, **with_other_extension(what)).image, plain) <= 1
    assert difference(extended.img2img(EXEMPLAR).image, alone) <= 1


@pytest.mark.parametrize("mode", ["single-pass", "iterative"])
@pytest.mark.parametrize("what", ["fail 1", "fail 3", "fail encode 1", "fail encode 2"])
def test_a_plain_generation_after_a_fault_is_what_it_was_before(extended: WebUI, what: str, mode: str) -> None:
    before = extended.img2img(SOURCE).image
    edited = extended.img2img(SOURCE, **by_script(EDIT)).image
    edit = request(*EDIT["exemplars"], exemplar(OTHER, left_to_right()), mode=mode)
    answer = extended.img2img(SOURCE, **by_script(edit), **with_other_extension(what))
    assert answer.status == 500
    assert "the other extension fails" in answer.reason
    assert difference(extended.img2img(SOURCE).image, before) <= 1
    assert difference(extended.img2img(SOURCE, **by_script(EDIT)).image, edited) <= 1


def test_an_edit_can_be_watched(host: WebUI) -> None:
    run, answers = started(host, steps=150, **by_script(EDIT))
    seen = []
    while run.is_alive():
        text = host.call("/sdapi/v1/progress").body["current_image"]
        if text:
            seen.append(pixels_of(Image.open(io.BytesIO(base64.b64decode(text.split(",")[-1])))))
        time.sleep(0.05)
    assert answers[0].image.std() > 2
    assert seen
    assert seen[-1].std() > 0.5
    assert max(seen[-1].shape[:2]) <= SOURCE.width


def test_after_a_skip_the_next_batch_is_edited_as_if_alone(host: WebUI) -> None:
    fields = {"steps": 100, **by_script(EDIT)}
    run, answers = started(host, n_iter=2, **fields)
    host.call("/sdapi/v1/skip", {})
    run.join()
    skipped, whole = answers[0].images[-2:]
    assert difference(skipped, host.img2img(SOURCE, **fields).image) > 8
    assert difference(whole, host.img2img(SOURCE, seed=6, **fields).image) <= 1


def test_simultaneous_requests_do_not_mix(host: WebUI) -> None:
    """The hosts process simultaneous requests one after another; each result is what it would be alone."""
    bodies: list[dict[str, Any]] = [
        {},
        by_script(EDIT),
        by_script(request(exemplar(OTHER, left_to_right(), threshold="log"), keep_white=True)),
        by_script(request(*EDIT["exemplars"], exemplar(OTHER, left_to_right()), mode="iterative")),
        by_script({"exemplars": []}),
    ]
    alone = [host.img2img(SOURCE, **body) for body in bodies]
    at_once: list[Answer | None] = [None] * 3 * len(bodies)

    def ask(number: int) -> None:
        at_once[number] = host.img2img(SOURCE, **bodies[number % len(bodies)])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(at_once))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, answer in enumerate(at_once):
        expected = alone[number % len(bodies)]
        assert answer is not None
        assert answer.status == expected.status
        if expected.status == 200:
            assert difference(answer.image, expected.image) <= 1
