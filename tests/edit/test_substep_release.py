"""Substep release, from the request to the samplers of the WebUI and of diffusers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_webui.host import Host
from fake_webui.images import CASES, exemplar, furthest, ramp, request, smooth
from helpers.images import noise_image
from PIL import Image

from pixels_ext.cli.main import main
from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.request import EditRequest, Exemplar
from pixels_ext.request.summary import short_text

pytest_plugins = ["fake_webui.fixtures"]

GRADIENT = Image.fromarray(np.tile(np.linspace(255, 0, 64, dtype=np.uint8), (64, 1)))
HALF = GRADIENT.point(lambda value: 255 * (value > 127))


def edited(pipeline: Any, edit_map: Image.Image, substep_release: bool, **settings: Any) -> np.ndarray:
    parts = (Exemplar(image=noise_image(2), edit_map=edit_map),)
    given = EditRequest(exemplars=parts, substep_release=substep_release)
    return np.asarray(Editor(pipeline).edit(noise_image(1), given, Settings(**settings)).image, dtype=int)


@pytest.mark.parametrize("sampler", ["Euler", "DDIM", "Heun", "DPM++ 2M", "LCM"])
def test_black_and_white_are_as_ever_and_gradients_are_not(pipeline: Any, sampler: str) -> None:
    few = {"sampler": sampler, "steps": 4, "strength": 1.0}
    assert np.array_equal(edited(pipeline, HALF, True, **few), edited(pipeline, HALF, False, **few))
    assert not np.array_equal(edited(pipeline, GRADIENT, True, **few), edited(pipeline, GRADIENT, False, **few))


def test_with_many_steps_there_is_less_of_a_difference(pipeline: Any) -> None:
    def difference(steps: int) -> float:
        usual, other = (edited(pipeline, GRADIENT, each, steps=steps, strength=1.0) for each in (False, True))
        return float(np.square(usual - other).mean() ** 0.5)

    assert difference(32) < difference(4) / 3


def test_it_is_off_unless_asked_for_and_told_where_it_is_on(
    pipeline: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pipeline.save_pretrained("model")
    for name, image in (("a", noise_image(1)), ("b", noise_image(2)), ("m", GRADIENT)):
        image.save(f"{name}.png")
    common = ("edit", "--source", "a.png", "--exemplar", "b.png", "--map", "m.png", "--model", "model", "--quiet")
    few = ("--steps", "4", "--strength", "1")
    assert main([*common, *few, "-o", "usual.png"]) == 0
    assert main([*common, *few, "-o", "between.png", "--substep-release"]) == 0
    usual, between = Image.open("usual.png"), Image.open("between.png")
    assert np.array_equal(np.asarray(usual), edited(pipeline, GRADIENT, False, steps=4, strength=1.0))
    assert np.array_equal(np.asarray(between), edited(pipeline, GRADIENT, True, steps=4, strength=1.0))
    assert "substep_release" in between.info["parameters"]
    assert "substep_release" not in usual.info["parameters"]
    assert short_text(EditRequest(exemplars=(Exemplar(image=usual, edit_map=GRADIENT),), substep_release=True)) == (
        "1 exemplar, linear, substep release"
    )


@pytest.mark.parametrize(("kind", "sampler"), CASES)
def test_in_a_host_black_and_white_are_as_ever_and_gradients_are_not(host: Host, kind: str, sampler: str) -> None:
    host.load_model(kind)

    def image(edit_map: Image.Image, **fields: Any) -> Image.Image:
        given = request(exemplar(smooth(2), edit_map), **fields)
        return host.edit(smooth(1), given, sampler_name=sampler).image

    assert furthest(image(HALF, substep_release=True), image(HALF)) == 0
    assert furthest(image(ramp(), substep_release=True), image(ramp())) > 0
