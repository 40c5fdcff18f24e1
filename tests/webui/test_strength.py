"""The strength that Lemma 1 asks for, asked of a host: by its page and by its API."""

from __future__ import annotations

import json
import threading
from typing import Any

import numpy as np
import pytest
import torch
from fake_webui.host import Host, global_randomness
from fake_webui.images import smooth
from helpers.base64_images import as_text
from PIL import Image

from pixels_ext.core.suggest_strength import MISS_PROBABILITY, unit_bound

pytest_plugins = ["fake_webui.fixtures"]

SOURCE, OTHER = smooth(1), smooth(2)
SIZE = {"width": SOURCE.width, "height": SOURCE.height}


def asked(image: Image.Image = OTHER, gray: int = 0, **more: Any) -> dict[str, Any]:
    exemplar = {"image": as_text(image), "edit_map": as_text(Image.new("L", SOURCE.size, gray))}
    return {"request": {"exemplars": [exemplar]}, "source": as_text(SOURCE), **SIZE, **more}


def answered(host: Host, question: dict[str, Any]) -> dict[str, Any]:
    answer = json.loads(
        host.module("webui.panel_queries").handle_panel_query(json.dumps({"id": 3, "ask": "strength", **question}))
    )
    assert answer.pop("id") == 3
    return answer


def posted(host: Host, question: dict[str, Any]) -> dict[str, Any]:
    host.serve()
    [route] = [route for route in host.app.routes if route.path == "/pixels/v1/strength"]
    assert route.methods == ["POST"]
    return route.endpoint(question)


@pytest.mark.parametrize("kind", ["exploding", "sd3", "forge", "flow"])
def test_it_is_measured_with_the_host_s_own_model(host: Host, kind: str) -> None:
    model = host.load_model(kind)
    answer = answered(host, asked())

    def latent(image: Image.Image) -> torch.Tensor:
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None] / 127.5 - 1
        return model.encode_first_stage(pixels)

    difference = latent(OTHER) - latent(SOURCE)
    assert answer["squared_distance"] == pytest.approx(float(difference.square().sum()), rel=1e-4)
    assert answer["dof"] == difference.numel()
    assert answer["required_sigma"] == pytest.approx((answer["squared_distance"] / unit_bound(answer["dof"])) ** 0.5)
    assert answer["within_bound"]
    assert answer["sigma"] >= answer["required_sigma"]
    assert answer["bound"] == pytest.approx(answer["sigma"] ** 2 * unit_bound(answer["dof"]))
    assert f"strength {answer['strength']:g} starts at sigma" in answer["reason"]
    assert f"p = {MISS_PROBABILITY:g}" in answer["reason"]
    assert 0 < answer["strength"] < 1


def test_the_noise_is_what_the_host_s_samplers_begin_with(host: Host) -> None:
    """In the flow of an image into noise, a sigma of 0.5 has as much of the one as of the other."""
    for kind, noise in (("forge", 0.6), ("flow", 1.0)):
        model = host.load_model(kind)
        starts = dict(host.module("webui.suggest_strength")._start_noise_ratios(model))
        assert starts[0.5] == pytest.approx(noise, rel=0.02)
        assert list(starts.values()) == sorted(starts.values())
        assert np.isfinite(list(starts.values())).all()
    model = host.load_model("exploding")
    starts = dict(host.module("webui.suggest_strength")._start_noise_ratios(model))
    alpha = float(model.alphas_cumprod[500])
    assert starts[0.5] == pytest.approx(((1 - alpha) / alpha) ** 0.5, rel=0.01)


def test_the_page_and_the_api_get_the_same_answer(host: Host) -> None:
    question = asked()
    assert posted(host, question) == answered(host, question)


def test_the_answer_follows_images_maps_and_size(host: Host) -> None:
    near = answered(host, asked(Image.blend(SOURCE, OTHER, 0.3)))
    far = answered(host, asked())
    assert near["required_sigma"] < far["required_sigma"]
    gray = answered(host, asked(gray=128))
    assert 0.4 < gray["dof"] / far["dof"] < 0.6
    assert gray["required_sigma"] == pytest.approx(far["required_sigma"], rel=0.2)
    large = answered(host, asked(width=2 * SOURCE.width))
    assert large["dof"] == 2 * far["dof"]
    log = asked(gray=128)
    log["request"]["threshold"] = "log"
    many, few = (answered(host, {**log, "steps": steps})["dof"] for steps in (50, 4))
    assert many > few


def test_it_waits_for_the_generation_that_runs(host: Host) -> None:
    done: list[dict[str, Any]] = []
    lock = host.module("call_queue").queue_lock
    asking = threading.Thread(target=lambda: done.append(answered(host, asked())))
    with lock:
        asking.start()
        asking.join(0.5)
        assert done == []
        assert host.model.encoded == []
    asking.join(20)
    assert done[0]["within_bound"]


def test_nothing_that_follows_is_changed(host: Host) -> None:
    host.load_model("exploding", posterior=0.1)
    before = global_randomness()
    answered(host, asked())
    assert global_randomness() == before
    assert not torch.is_inference_mode_enabled()


def test_forge_loads_the_model_first(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = host.module("sd_models").Model("forge")
    monkeypatch.setattr(host.module("sd_models"), "forge_model_reload", lambda: (chosen, True), raising=False)
    answered(host, asked())
    assert chosen.encoded
    assert not host.model.encoded


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"request": None}, "request: missing (expected a PIXELS request, an object)."),
        ({"source": None}, "source: missing (expected the source image as base64 or data URL)."),
        ({"source": "no image!"}, "source: not base64"),
        ({"width": 8}, "width: 8 (expected a whole number from 64 to 4096)."),
        ({"strength": 1}, "strength: an unknown field (expected one of: request, source, height, steps, width)."),
        ({"request": {"exemplars": []}}, "exemplars: 0 entries (expected a list of 1 to 32 objects)."),
    ],
)
def test_what_is_wrong_is_said(host: Host, change: dict[str, Any], sentence: str) -> None:
    question = {**asked(), **change}
    assert answered(host, question)["problem"].startswith(sentence)
    with pytest.raises(Exception, match="PIXELS: ") as refused:
        posted(host, question)
    assert refused.value.status_code == 422
    assert refused.value.detail.startswith(f"PIXELS: {sentence}")


def test_white_maps_have_none_and_what_a_model_raises_is_answered(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    assert answered(host, asked(gray=255))["problem"].startswith("exemplars: change nothing, since every map is white")

    def fails(*_: object) -> None:
        raise MemoryError("out of memory")

    monkeypatch.setattr(host.module("webui.suggest_strength"), "encode_images", fails)
    answer = answered(host, asked())
    assert answer == {"problem": "The strength could not be measured (MemoryError: out of memory)."}
    assert len(host.errors.reported) == 1
    host.errors.reported.clear()
