"""Nothing stays alive after an edit: without Python's collector, the last reference to `p` frees images and latents."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from copy import copy
from typing import Any
from weakref import ref

import numpy as np
import pytest
from fake_webui.host import Host
from fake_webui.images import BLACK, exemplar, furthest, request, smooth, some_request, uniform
from PIL import Image

pytest_plugins = ["fake_webui.fixtures"]

SOURCE = smooth(1)
GOOD = some_request(count=2, mode="iterative", keep_white=True, run_under_scripts=True)
OF_MASK = request({**exemplar(smooth(2), uniform(BLACK)), "edit_map": {"type": "inpaint_mask"}}, run_under_scripts=True)
BAD_MAP = request(exemplar(smooth(2), uniform(BLACK, (64, 32))), run_under_scripts=True)
BAD = some_request(threshold="x", run_under_scripts=True)
OURS = ("SampleHook", "EditRun", "SourceCanvas", "LatentExemplar", "PreparedExemplar", "EditRequest", "LatentSurgery")
OURS += ("InpaintMaskOverride", "DeferredError", "SourceRestorer")


class Broken(RuntimeError):
    """What a model raises in the middle."""


@pytest.fixture(scope="module", autouse=True)
def _only_what_is_new(started_host: Host) -> Iterator[None]:
    """What there was before this file is none of its edits: nobody need look through it each time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def ours(host: Host) -> list[Any]:
    """What is alive of an edit: our objects, and every image."""
    found = []
    for each in gc.get_objects():
        if type(each).__name__ in OURS:
            found.append(type(each).__name__)
        elif isinstance(each, Image.Image) and each.width >= 32:
            found.append(f"image {each.size}")
    return sorted(found)


def dropdown(host: Host, p: Any, data: Any) -> None:
    host.script("PIXELS").run(p, data)


def alwayson(host: Host, p: Any, data: Any) -> None:
    p.script_args[host.script("PIXELS", alwayson=True).args_from] = data
    host.module("processing").process_images(p)


def plot(host: Host, p: Any, data: Any) -> None:
    """Five cells, which are copies of `p`."""
    runner, xyz = p.scripts, host.script("X/Y/Z plot")
    p.script_args[0] = runner.selectable_scripts.index(xyz) + 1
    p.script_args[xyz.args_from : xyz.args_from + 7] = [1, "1, 2, 3, 4, 5", [], 0, "", [], True]
    p.script_args[host.script("PIXELS").args_from] = data
    runner.run(p, *p.script_args)


def loopback(host: Host, p: Any, data: Any) -> None:
    runner, loops = p.scripts, host.script("Loopback")
    p.script_args[0] = runner.selectable_scripts.index(loops) + 1
    p.script_args[loops.args_from] = 3
    p.script_args[host.script("PIXELS").args_from] = data
    runner.run(p, *p.script_args)


def interrupt(host: Host) -> Callable[[int], None]:
    return lambda number: setattr(host.shared.state, "interrupted", host.shared.state.interrupted or number == 2)


def fail(host: Host) -> Callable[[int], None]:
    def on_call(number: int) -> None:
        if number == 2:
            raise Broken

    return on_call


ENDS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "good": (GOOD, None, {}),
    "two batches of two": (GOOD, None, {"n_iter": 2, "batch_size": 2}),
    "from the inpaint mask": (OF_MASK, None, {"image_mask": uniform(255)}),
    "refused, a map": (BAD_MAP, None, {}),
    "refused, a value": (BAD, None, {}),
    "refused, no steps": (GOOD, None, {"steps": 0}),
    "no inpaint mask": (OF_MASK, None, {}),
    "interrupted": (GOOD, interrupt, {}),
    "broken": (GOOD, fail, {}),
}


@pytest.fixture
def without_cycles(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host whose samplers do not hold their `p`: then the last reference to `p` is ours to see."""
    sampler = host.module("sd_samplers_common").Sampler
    own = sampler.initialize

    def initialize(self: Any, p: Any) -> None:
        own(self, p)
        self.p = None

    monkeypatch.setattr(sampler, "initialize", initialize)


def generated(host: Host, way: Callable[..., None], end: str, data: Any) -> Callable[[], Any]:
    """Generate, as the host does it with a processing object of its own; what is left of that."""
    _, on_call, fields = ENDS[end]
    fields = {"steps": 3} | {
        name: value.copy() if isinstance(value, Image.Image) else value for name, value in fields.items()
    }
    with closing(host.processing(smooth(1), **fields)) as p:
        host.model.forget()
        host.shared.state.begin()
        if on_call:
            host.model.on_call = on_call(host)
        with suppress(Broken, host.module("webui.http_errors").BadRequest):
            way(host, p, data)
        host.model.forget()
        host.errors.reported.clear()
    return ref(p)


@pytest.mark.usefixtures("without_collector", "without_cycles")
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("way", [dropdown, alwayson, plot, loopback])
def test_the_last_reference_to_p_frees_everything(host: Host, way: Callable[..., None], end: str) -> None:
    before = ours(host)
    assert generated(host, way, end, ENDS[end][0])() is None
    assert ours(host) == before


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("way", [dropdown, alwayson, plot, loopback])
def test_where_the_host_holds_p_it_holds_no_more_than_without_an_edit(
    host: Host, way: Callable[..., None], end: str
) -> None:
    """The real hosts' samplers hold their `p`, and are themselves a cycle."""
    gc.collect()
    before = ours(host)
    generated(host, alwayson if way is dropdown else way, end, None)
    plain = ours(host)
    gc.collect()
    generated(host, way, end, ENDS[end][0])
    assert before == [] == [each for each in plain if each in OURS]
    assert set(Counter(ours(host)) - Counter(plain)) <= {"SampleHook", "DeferredError"}
    gc.collect()


@pytest.mark.usefixtures("without_collector", "without_cycles")
def test_a_copy_that_was_made_in_an_edit_frees_everything_too(host: Host) -> None:
    before = ours(host)
    p = host.processing(smooth(1))
    alwayson(host, p, GOOD)
    copied = copy(p)
    p.close()
    copied.close()
    del p
    host.module("processing").process_images(copied)
    copied.close()
    del copied
    host.model.forget()
    assert ours(host) == before


@pytest.mark.usefixtures("without_collector", "without_cycles")
def test_an_error_that_is_kept_for_later_holds_no_frames(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise OSError("no such model")

    monkeypatch.setattr(host.module("webui.sample_hook"), "get_vision_models", broken)
    p = host.processing(smooth(1))
    p.script_args[host.script("PIXELS", alwayson=True).args_from] = GOOD
    with pytest.raises(RuntimeError, match="PIXELS: OSError: no such model") as raised:
        host.module("processing").process_images(p)
    assert "in broken" in str(raised.value.__cause__)
    del raised
    gone = ref(p)
    p.close()
    del p
    assert gone() is None


def test_the_same_request_edits_again_after_its_images_were_let_go(host: Host) -> None:
    """By an extension that takes the scripts off, so that nobody asks for an edit anew."""
    p = host.processing(SOURCE)
    alwayson(host, p, GOOD)
    p.scripts = None
    again = host.module("processing").process_images(p).images[0]
    plain = {**GOOD, "keep_white": False}  # which is done by our script
    assert furthest(again, host.edit(SOURCE, plain).image) == 0
    assert np.asarray(again).std() > 0
