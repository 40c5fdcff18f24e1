"""Faults in the middle of an edit, at every call that can fail: no hook outlives its generation, and the next
image is right."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fake_webui.host import Host
from fake_webui.images import furthest, request, smooth, some_request

pytest_plugins = ["fake_webui.fixtures"]

SOURCE = smooth(1)
CALLS = 10
"""Of the model, by an iterative edit of two passes with Euler: five each."""
TWICE = some_request(count=2, mode="iterative", keep_white=True)


class Fault(RuntimeError):
    """What a model, or the device, raises in the middle."""


def started(host: Host, data: Any, on_call: Callable[[int], None], **fields: Any) -> Any:
    """What PIXELS answers for a processing object, with `on_call` called before each call of the model."""
    host.model.forget()
    host.model.on_call = on_call
    host.shared.state.begin()
    try:
        return host.script("PIXELS").run(host.processing(SOURCE, **fields), data)
    finally:
        host.model.on_call = lambda number: None


def edits_alive() -> list[str]:
    gc.collect()
    return [
        name for each in gc.get_objects() if (name := type(each).__name__) in ("SampleHook", "EditRun", "LatentSurgery")
    ]


@pytest.fixture(scope="module", autouse=True)
def _only_what_is_new() -> Iterator[None]:
    """What there was before this file is none of its edits: the collector need not look through it each time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _as_before(host: Host) -> Any:
    """Whatever a test does: afterwards both kinds of generation are what they were, and nothing of an edit is alive."""
    plain, edited = host.img2img(SOURCE).image, host.edit(SOURCE, TWICE).image
    yield
    assert furthest(host.img2img(SOURCE).image, plain) == 0
    assert furthest(host.edit(SOURCE, TWICE).image, edited) == 0
    assert edits_alive() == []


def test_the_edit_that_is_disturbed_calls_the_model_that_often(host: Host) -> None:
    started(host, TWICE, lambda number: None)
    assert len(host.model.calls) == CALLS


@pytest.mark.parametrize("number", range(CALLS))
def test_a_model_that_fails_at_any_call(host: Host, number: int) -> None:
    def on_call(call: int) -> None:
        if call == number:
            raise Fault

    with pytest.raises(Fault):
        started(host, TWICE, on_call)


@pytest.mark.parametrize("number", range(CALLS))
@pytest.mark.parametrize("flag", ["interrupted", "skipped"])
def test_interrupt_and_skip_at_any_call(host: Host, flag: str, number: int) -> None:
    def on_call(call: int) -> None:
        if call == number:
            setattr(host.shared.state, flag, True)

    images = started(host, TWICE, on_call, n_iter=2).images
    # After a skip the next image is made; its own calls are counted on.
    assert len(images) == (2 if flag == "skipped" else 1)
    if flag == "skipped":
        alone = started(host, TWICE, lambda call: None, seed=2).images[0]
        assert furthest(images[1], alone) == 0


@pytest.mark.parametrize("number", range(3))
def test_out_of_memory_at_any_encoding(host: Host, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    own, seen = host.model.encode_first_stage, []

    def encode_first_stage(image: Any) -> Any:
        seen.append(1)
        if len(seen) == number + 1:
            raise Fault("CUDA out of memory")
        return own(image)

    monkeypatch.setattr(host.model, "encode_first_stage", encode_first_stage)
    with pytest.raises(Fault):
        started(host, TWICE, lambda call: None)
    assert len(seen) == number + 1
    monkeypatch.undo()


def test_another_checkpoint_from_the_second_batch_on(host: Host) -> None:
    first = host.model
    other = host.load_model("exploding")
    host.shared.sd_model = first
    try:
        switched = started(
            host, TWICE, lambda call: setattr(host.shared, "sd_model", other) if call == CALLS - 1 else None, n_iter=2
        ).images
        assert len(switched) == 2
    finally:
        host.shared.sd_model = first


def test_a_sampler_that_asks_from_another_thread(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = host.edit(SOURCE, TWICE).image
    base = host.module("sd_samplers_common").Sampler
    own = base.launch_sampling

    def launch_sampling(self: Any, steps: int, func: Callable[[], Any]) -> Any:
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(own(self, steps, func)))
        thread.start()
        thread.join()
        return found[0]

    monkeypatch.setattr(base, "launch_sampling", launch_sampling)
    assert furthest(host.edit(SOURCE, TWICE).image, usual) == 0


@pytest.mark.parametrize("number", [0, 3, CALLS - 1])
def test_the_page_is_loaded_anew_in_the_middle(host: Host, number: int) -> None:
    usual = started(host, TWICE, lambda call: None).images[0]
    images = started(host, TWICE, lambda call: host.start() if call == number else None).images
    assert furthest(images[0], usual) == 0


@pytest.mark.parametrize("number", [0, 3, CALLS - 1])
def test_another_edit_in_the_middle_of_one(host: Host, number: int) -> None:
    """As extensions make them; two tabs and the API come one after another, by the hosts' own queue."""
    usual = started(host, TWICE, lambda call: None).images[0]
    other = request(*some_request(count=3)["exemplars"][1:], threshold="log")
    alone = started(host, other, lambda call: None, seed=7).images[0]
    began, within = [], []

    def on_call(call: int) -> None:
        if call == number and not began:
            began.append(call)
            within.append(host.script("PIXELS").run(host.processing(SOURCE, seed=7), other).images[0])

    assert furthest(started(host, TWICE, on_call).images[0], usual) == 0
    assert furthest(within[0], alone) == 0
