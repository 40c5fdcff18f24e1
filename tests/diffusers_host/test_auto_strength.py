"""`--strength auto`: from images to the strength, with the sampler's own noise, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.images import gray_map, noise_image
from PIL import Image

from pixels_ext.cli.main import main
from pixels_ext.core.suggest_strength import unit_bound
from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.diffusers_host.samplers import make_scheduler
from pixels_ext.diffusers_host.suggest_strength import _start_sigmas
from pixels_ext.errors import RequestError
from pixels_ext.request import EditRequest, Exemplar

BLACK, WHITE = Image.new("L", (64, 64), 0), Image.new("L", (64, 64), 255)


def blended(part: float) -> Image.Image:
    """From the source (0) to another image (1)."""
    return Image.blend(noise_image(1), noise_image(2), part)


def of(image: Image.Image, edit_map: Image.Image = BLACK, **fields: Any) -> EditRequest:
    return EditRequest(exemplars=(Exemplar(image=image, edit_map=edit_map),), **fields)


@pytest.fixture
def editor(pipeline: Any) -> Iterator[Editor]:
    """With latents of about the spread that trained autoencoders give them; random weights make them tiny."""
    own = pipeline.vae.config.scaling_factor
    pipeline.vae.register_to_config(scaling_factor=40 * own)
    yield Editor(pipeline)
    pipeline.vae.register_to_config(scaling_factor=own)


@pytest.fixture
def work(pipeline: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pipeline.save_pretrained(tmp_path / "model")
    noise_image(1).save(tmp_path / "source.png")
    noise_image(2).save(tmp_path / "exemplar.png")
    gray_map(1).save(tmp_path / "map.png")
    WHITE.save(tmp_path / "white.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edit(*flags: str, edit_map: str = "map.png") -> int:
    exemplar = ("--exemplar", "exemplar.png", "--map", edit_map)
    return main(["edit", "--source", "source.png", *exemplar, "--model", "model", "--quiet", "-o", "out.png", *flags])


def test_it_is_said_and_kept_with_its_reason(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edit("--strength", "auto", "--steps", "10") == 0
    [line] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("strength ")]
    strength, _, reason = line.removeprefix("strength ").partition(": ")
    text = Image.open("out.png").info["parameters"]
    assert f"Denoising strength: {strength}," in text
    assert reason.startswith("the exemplars are ")
    assert f'PIXELS strength: "{reason}"' in text
    by_hand = Image.open("out.png").tobytes()
    assert edit("--strength", strength, "--steps", "10") == 0
    again = Image.open("out.png")
    assert again.tobytes() == by_hand
    assert "PIXELS strength" not in again.info["parameters"]


def test_white_maps_and_other_words_are_refused(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert edit("--strength", "auto", edit_map="white.png") == 2
    assert "all exemplars change nothing, since every map is white" in capsys.readouterr().err
    assert edit("--strength", "automatic") == 2
    assert "--strength is 'automatic' (expected a number from 0.01 to 1" in capsys.readouterr().err


@pytest.mark.parametrize("sampler", ["Euler", "DDIM", "Heun", "DPM++ 2M", "UniPC", "LCM"])
def test_it_is_the_lowest_at_which_a_run_begins_with_enough_noise(editor: Editor, sampler: str) -> None:
    settings = Settings(sampler=sampler, steps=20)
    found = editor.suggest_strength(noise_image(1), of(noise_image(2)), settings)
    scheduler = make_scheduler(sampler, "automatic", editor.family.pipeline.scheduler.config)
    scheduler.set_timesteps(20)
    starts = dict(_start_sigmas(scheduler, 20))
    assert list(starts.values()) == sorted(starts.values())
    assert found.strength == min(strength for strength, noise in starts.items() if noise >= found.required_sigma)
    assert found.sigma == starts[found.strength]
    assert 0.1 < found.strength < 0.9
    assert found.bound == pytest.approx(found.sigma**2 * unit_bound(found.distance.dof))


def test_the_noise_is_the_one_that_samplers_begin_with(pipeline: Any) -> None:
    """As its own tables have it: a sigma for Euler and Heun, a share of the image for DDIM."""
    for sampler, order in (("Euler", 1), ("Heun", 2)):
        scheduler = make_scheduler(sampler, "automatic", pipeline.scheduler.config)
        scheduler.set_timesteps(20)
        assert dict(_start_sigmas(scheduler, 20))[0.5] == pytest.approx(float(scheduler.sigmas[10 * order]), rel=1e-5)
    scheduler = make_scheduler("DDIM", "automatic", pipeline.scheduler.config)
    scheduler.set_timesteps(20)
    alpha = float(scheduler.alphas_cumprod[scheduler.timesteps[10]])
    assert dict(_start_sigmas(scheduler, 20))[0.5] == pytest.approx(((1 - alpha) / alpha) ** 0.5, rel=1e-5)


def test_only_strengths_that_run_a_step_are_suggested(pipeline: Any) -> None:
    for steps in (1, 3, 30):
        settings = Settings(steps=steps, strength=1)
        found = Editor(pipeline).suggest_strength(noise_image(1), of(blended(0.01)), settings)
        assert Settings(steps=steps, strength=found.strength).steps_run >= 1


@pytest.mark.parametrize("mode", ["single-pass", "iterative"])
def test_more_distant_exemplars_ask_for_more(editor: Editor, mode: str) -> None:
    settings = Settings(steps=50)
    found = [editor.suggest_strength(noise_image(1), of(blended(t), mode=mode), settings) for t in (0.1, 0.4, 1.0)]
    assert found[0].required_sigma < found[1].required_sigma < found[2].required_sigma
    assert found[0].strength < found[2].strength


def test_the_strength_in_the_settings_does_not_matter(editor: Editor, make_request: Callable[..., EditRequest]) -> None:
    request = make_request(2)
    first, second = (editor.suggest_strength(noise_image(1), request, Settings(strength=s)) for s in (0.2, 1.0))
    assert first == second


def test_where_an_exemplar_does_not_reach_is_not_measured(editor: Editor) -> None:
    settings = Settings()
    with pytest.raises(RequestError, match="every map is white"):
        editor.suggest_strength(noise_image(1), of(noise_image(2), WHITE), settings)
    half = noise_image(2).convert("RGBA")
    half.putalpha(0)
    with pytest.raises(RequestError, match="every map is white"):
        editor.suggest_strength(noise_image(1), of(half), settings)
