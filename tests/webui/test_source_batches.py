"""How many sources a run has, and how many of them the host encodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fake_webui.host import Host
from fake_webui.images import furthest, smooth, some_request
from PIL import Image
from torch import Tensor

pytest_plugins = ["fake_webui.fixtures"]

THREE = [smooth(1), smooth(3), smooth(4)]
MODES = pytest.mark.parametrize("mode", ["single-pass", "iterative"])


def two_exemplars(mode: str) -> dict[str, Any]:
    return some_request(count=2, mode=mode, keep_white=True)


def encoding(host: Host, monkeypatch: pytest.MonkeyPatch, change: Callable[[Tensor], Tensor]) -> None:
    """Let the host make something else of its sources."""
    common = host.module("processing").StableDiffusionProcessingImg2Img
    own = common.init

    def init(self: Any, *args: Any) -> None:
        own(self, *args)
        self.init_latent = change(self.init_latent)

    monkeypatch.setattr(common, "init", init)


def alone(host: Host, source: Image.Image, given: Any, seed: int) -> Image.Image:
    return host.edit(source, given, seed=seed).image


@MODES
def test_every_place_of_a_batch_is_an_edit_of_the_one_source(host: Host, mode: str) -> None:
    given = two_exemplars(mode)
    images = host.edit(THREE[0], given, batch_size=4, n_iter=2).images
    assert len(images) == 8
    for index in (0, 3, 6):
        assert furthest(images[index], alone(host, THREE[0], given, seed=1 + index)) == 0


@MODES
def test_every_source_has_an_edit_of_its_own(host: Host, mode: str) -> None:
    given = two_exemplars(mode)
    images = host.edit(THREE, given, batch_size=3, n_iter=2).images
    assert len(images) == 6
    for index in (0, 1, 5):
        assert furthest(images[index], alone(host, THREE[index % 3], given, seed=1 + index)) == 0


@MODES
def test_a_host_that_encodes_only_the_first_of_several_sources_edits_that_one(
    host: Host, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    encoding(host, monkeypatch, lambda latent: latent[:1])
    given = two_exemplars(mode)
    images = host.edit(THREE, given, batch_size=3, n_iter=2).images
    monkeypatch.undo()
    assert len(images) == 6
    for index in (0, 1, 5):
        assert furthest(images[index], alone(host, THREE[0], given, seed=1 + index)) == 0


@pytest.mark.parametrize("way", ["dropdown", "always-on"])
def test_a_model_of_several_frames_is_refused_before_it_samples(
    host: Host, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    host.load_model(channels=16, frames=True)
    encoding(host, monkeypatch, lambda latent: latent.repeat(1, 1, 5, 1, 1))
    given = some_request()
    if way == "dropdown":
        answer = host.edit(THREE[0], given)
    else:
        answer = host.img2img(THREE[0], alwayson_scripts={"pixels": {"args": [given]}})
    assert answer.status == 422
    assert answer.detail == "PIXELS: model: makes 5 frames (expected a model of single images)."
    assert host.model.calls == []


def test_a_model_of_single_frames_is_edited(host: Host) -> None:
    host.load_model(channels=16, frames=True)
    given = some_request()
    images = host.edit(THREE, given, batch_size=3).images
    assert furthest(images[2], alone(host, THREE[2], given, seed=3)) == 0
