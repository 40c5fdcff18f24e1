"""After an edit, however it ended, the host is as if there had been none."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
import torch
from fake_webui.host import Host, global_randomness
from fake_webui.images import BLACK, SAMPLERS, exemplar, furthest, request, smooth, some_request, uniform
from PIL import Image

pytest_plugins = ["fake_webui.fixtures"]

SOURCE = smooth(1)
BAD = request(exemplar(smooth(2), uniform(BLACK, (64, 32))))


class Broken(RuntimeError):
    """What a model raises in the middle."""


def interrupting(host: Host, at: int) -> Callable[[int], None]:
    def on_call(number: int) -> None:
        host.shared.state.interrupted = host.shared.state.interrupted or number == at

    return on_call


def raising(number: int) -> None:
    if number == 2:
        raise Broken


def good(host: Host, sampler: str) -> None:
    assert host.edit(SOURCE, some_request(count=2, mode="iterative", keep_white=True), sampler_name=sampler).images


def refused(host: Host, sampler: str) -> None:
    assert host.edit(SOURCE, BAD, sampler_name=sampler).status == 422
    assert host.edit(SOURCE, "{}", sampler_name=sampler).status == 422


def interrupted(host: Host, sampler: str) -> None:
    run(host, some_request(), sampler, interrupting(host, 2))


def broken(host: Host, sampler: str) -> None:
    with pytest.raises(Broken):
        run(host, some_request(), sampler, raising)


def run(
    host: Host, data: Any, sampler: str, on_call: Callable[[int], None] = lambda number: None, **fields: Any
) -> Any:
    """An edit of a processing object that the caller can look at."""
    p = host.processing(SOURCE, sampler_name=sampler, **fields)
    host.model.forget()
    host.model.on_call = on_call
    host.shared.state.begin()
    try:
        p.processed = host.script("PIXELS").run(p, data)
    finally:
        host.model.on_call = lambda number: None
    return p


@pytest.mark.parametrize(("kind", "sampler"), [("exploding", name) for name in SAMPLERS] + [("flow", "Heun")])
@pytest.mark.parametrize("what", [good, refused, interrupted, broken])
def test_a_plain_generation_is_the_one_before(
    host: Host, what: Callable[[Host, str], None], sampler: str, kind: str
) -> None:
    host.load_model(kind)
    torch.manual_seed(1)
    before, drawn = host.img2img(SOURCE, sampler_name=sampler), global_randomness()
    what(host, sampler)
    torch.manual_seed(1)
    after = host.img2img(SOURCE, sampler_name=sampler)
    assert furthest(after.image, before.image) == 0
    assert after.infotexts == before.infotexts
    assert global_randomness() == drawn


@pytest.mark.parametrize("kind", ["exploding", "forge"])
@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("end", ["good", "interrupted", "broken"])
def test_nothing_is_left_on_the_sampler_or_its_denoiser(host: Host, end: str, sampler: str, kind: str) -> None:
    host.load_model(kind)
    seen: dict[str, set[str]] = {}
    samplers = host.module("sd_samplers")
    own = samplers.create_sampler
    made = []

    def create_sampler(*args: Any) -> Any:
        made.append(own(*args))
        seen["sampler"], seen["denoiser"] = set(vars(made[-1])), set(vars(made[-1].model_wrap_cfg))
        return made[-1]

    samplers.create_sampler = create_sampler
    try:
        on_call = {"good": lambda number: None, "interrupted": interrupting(host, 2), "broken": raising}[end]
        if end == "broken":
            with pytest.raises(Broken):
                run(host, some_request(), sampler, on_call)
        else:
            run(host, some_request(), sampler, on_call)
    finally:
        samplers.create_sampler = own
    assert set(vars(made[0])) == seen["sampler"]
    assert set(vars(made[0].model_wrap_cfg)) == seen["denoiser"]


def test_what_another_extension_hooked_on_the_sampler_stays_and_is_called(host: Host) -> None:
    """An attribute that was there before is put back, not taken away."""
    samplers = host.module("sd_samplers")
    own, made, called = samplers.create_sampler, [], []

    def create_sampler(*args: Any) -> Any:
        sampler = own(*args)
        forward, launch = sampler.model_wrap_cfg.forward, sampler.launch_sampling
        hooked = lambda *args, **kwargs: called.append("forward") or forward(*args, **kwargs)  # noqa: E731
        object.__setattr__(sampler.model_wrap_cfg, "forward", hooked)
        sampler.launch_sampling = lambda steps, func: called.append("launch") or launch(steps, func)
        made.append((sampler, hooked, sampler.launch_sampling))
        return sampler

    samplers.create_sampler = create_sampler
    try:
        run(host, some_request(), "Euler")
    finally:
        samplers.create_sampler = own
    sampler, forward, launch = made[0]
    assert called == ["launch"] + ["forward"] * len(host.model.calls)
    assert vars(sampler.model_wrap_cfg)["forward"] is forward
    assert vars(sampler)["launch_sampling"] is launch


@pytest.mark.parametrize("end", ["good", "refused", "interrupted", "broken"])
@pytest.mark.parametrize("other", [False, True])
def test_the_processing_object_samples_as_before(host: Host, end: str, other: bool) -> None:
    """Its own way, or another script's that was there."""
    p = host.processing(SOURCE)
    if other:
        p.sample = plain = partial(type(p).sample, p)
    host.model.forget()
    host.model.on_call = {"interrupted": interrupting(host, 2), "broken": raising}.get(end, lambda number: None)
    with suppress(Broken, host.module("webui.http_errors").BadRequest):
        host.script("PIXELS").run(p, BAD if end == "refused" else some_request())
    assert vars(p).get("sample") is (plain if other else None)


def test_a_processing_object_has_its_own_source_and_noise_again(host: Host) -> None:
    p = run(host, some_request(count=3, mode="iterative"), "Euler", n_iter=2)
    plain = host.processing(SOURCE, n_iter=2)
    host.module("processing").process_images(plain)
    torch.testing.assert_close(p.init_latent, plain.init_latent)
    assert p.rng.seeds == plain.rng.seeds == [2]


def test_a_processing_object_can_be_used_again_as_the_batch_tab_does(host: Host) -> None:
    p, data = host.processing(SOURCE), some_request(keep_white=True)
    script = host.script("PIXELS")
    first = script.run(p, data).images[0]
    p.init_images = [smooth(3)]
    second = script.run(p, data).images[0]
    p.init_images = [SOURCE]
    assert furthest(script.run(p, data).images[0], first) == 0
    assert furthest(second, host.edit(smooth(3), data).image) == 0


def test_an_interrupted_edit_gives_what_there_is(host: Host) -> None:
    p = run(host, some_request(), "Euler", interrupting(host, 2), n_iter=3)
    assert len(p.processed.images) == 1
    assert len(host.model.calls) == 3


def test_interrupted_between_passes_no_further_pass_is_made(host: Host) -> None:
    calls_of_a_pass = len(run(host, some_request(), "Euler") and host.model.calls)
    p = run(host, some_request(count=3, mode="iterative"), "Euler", interrupting(host, calls_of_a_pass - 1))
    assert len(host.model.calls) == calls_of_a_pass
    assert len(p.processed.images) == 1
    first = host.edit(SOURCE, some_request(count=1)).image
    assert furthest(p.processed.images[0], first) <= 1


def test_skipping_leads_to_the_next_image(host: Host) -> None:
    def on_call(number: int) -> None:
        host.shared.state.skipped = host.shared.state.skipped or number == 2

    p = run(host, some_request(count=2, mode="iterative"), "Euler", on_call, n_iter=2)
    assert len(p.processed.images) == 2
    whole = host.edit(SOURCE, some_request(count=2, mode="iterative"), seed=2).image
    assert furthest(p.processed.images[1], whole) == 0


def test_the_given_images_are_left_as_they_are(host: Host) -> None:
    source = SOURCE.copy()
    p = host.processing(source)
    host.script("PIXELS").run(p, some_request(keep_white=True))
    assert furthest(source, SOURCE) == 0
    assert isinstance(p.init_images[0], Image.Image)
