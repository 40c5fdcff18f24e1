"""Every family of models: whole edits, from images to latent, against the paper's algorithms transcribed literally.

What is shared with the edit are the sampler's own functions, the model, the latents, the noise and the maps. What the
edit has to get right is everything else: where it hooks in, what it packs, which noise level it asks for, how many
steps it counts.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from helpers.family_edits import IMAGES, MAPS, REQUEST, THRESHOLDS, editor, furthest, sampled, settings, usual
from helpers.images import gray_map, noise_image
from helpers.reference_algorithms import algorithm_2
from helpers.reference_models import LITERAL
from helpers.tiny_models import MODELS, MORE_CHANNELS, sd3, sdxl
from PIL import Image
from torch import Tensor

from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.diffusers_host.canvas import Padding
from pixels_ext.diffusers_host.families import FAMILIES
from pixels_ext.diffusers_host.samplers import SAMPLERS, make_scheduler
from pixels_ext.errors import RequestError
from pixels_ext.request import EditRequest, Exemplar

NAMES = [*MODELS, *MORE_CHANNELS]
MORE = [("SD 3", "Heun"), ("SDXL base", "DPM++ 2M"), ("Kandinsky 2.2", "DDIM"), ("Kandinsky 2.2", "DPM++ 2M")]


@torch.inference_mode()
def literal(edits: Editor, name: str, run: Settings) -> Tensor:
    """The same edit by Algorithm 2."""
    family = edits.family
    padding = Padding((64, 64), 8, 8)
    latents = [family.encode(padding.image_tensor(image)) for image in IMAGES]
    maps = [
        torch.nn.functional.interpolate(torch.tensor(np.asarray(gray) / 255.0)[None, None], (8, 8), mode="area")[0, 0]
        for gray in MAPS
    ]
    scheduler, model = LITERAL[name](family.pipeline, run)
    generator = torch.Generator().manual_seed(run.seed)
    noise = torch.randn(latents[0].shape, generator=generator)
    exemplars = list(zip(latents[1:], maps, THRESHOLDS, strict=True))
    skipped = run.steps - run.steps_run
    return algorithm_2(latents[0], exemplars, noise, scheduler, skipped, model, generator)


@pytest.mark.parametrize(("name", "sampler"), [*((name, usual(name)) for name in NAMES), *MORE])
def test_an_edit_is_algorithm_2(name: str, sampler: str) -> None:
    run = settings(name, sampler=sampler, seed=5)
    expected = literal(editor(name), name, run)
    result = sampled(editor(name), run)
    assert result.shape == expected.shape
    assert float(expected.std()) > 0.1
    assert (result - expected).abs().max() <= 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_prompts_and_guidance_reach_the_model(name: str) -> None:
    def changed(**fields: Any) -> bool:
        return bool((sampled(editor(name), settings(name, steps=4, **fields)) - plain).abs().max() > 1e-3)

    plain = sampled(editor(name), settings(name, steps=4))
    assert changed(prompt="forest")
    assert changed(guidance_scale=4) == (name != "Flux.1 schnell")
    if not name.startswith("Flux"):
        assert changed(negative_prompt="forest")


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_is_the_single_edits(name: str) -> None:
    batch = sampled(editor(name), settings(name, steps=5, seed=7), 2)
    singles = torch.cat([sampled(editor(name), settings(name, steps=5, seed=seed)) for seed in (7, 8)])
    assert (batch[:1] - batch[1:]).abs().max() > 0.1
    assert (batch - singles).abs().max() <= 1e-5


@pytest.mark.filterwarnings("error:You have passed 2 text prompts:FutureWarning")
def test_a_batch_hands_diffusers_an_image_for_each_prompt() -> None:
    """It will not repeat the one for the others any more, it says."""
    assert len(sampled(editor("SD 2.1, noise"), settings("SD 2.1, noise", steps=2, seed=7), 2)) == 2


@pytest.mark.parametrize("mode", ["single-pass", "iterative"])
def test_a_batch_of_pictures_and_time_lines(mode: str) -> None:
    run = settings("SD 3", timeline_frames=2, seed=3)
    request = EditRequest(exemplars=REQUEST.exemplars, mode=mode)
    told: list[tuple[int, int]] = []
    batch = editor("SD 3").edit_batch(IMAGES[0], request, run, 2, on_pass=lambda *numbers: told.append(numbers))
    second = editor("SD 3").edit(IMAGES[0], request, settings("SD 3", timeline_frames=2, seed=4))
    assert told == ([(0, 1)] if mode == "single-pass" else [(0, 4), (1, 4), (2, 4), (3, 4)])
    assert furthest(batch[1].image, second.image) <= 1
    assert furthest(batch[0].image, second.image) > 8
    for mine, other in zip(batch[1].timeline_frames, second.timeline_frames, strict=True):
        assert furthest(mine.image, other.image) <= 1
        assert np.array_equal(mine.mask, other.mask)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "Flux.1 schnell"])
def test_a_black_map_is_the_pipeline_s_own_img2img(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given the image and not a latent, the pipeline encodes, scales, packs and decodes by itself."""
    compare_with_plain_img2img(name, editor(name), monkeypatch)


def test_an_sdxl_whose_latents_are_normalised_by_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in Playground 2.5."""
    pipeline = sdxl()
    mean_and_spread = {"latents_mean": [-0.4, 0.2, 0.1, 0.6], "latents_std": [0.5, 1.5, 0.8, 1.2]}
    pipeline.vae.register_to_config(**mean_and_spread)
    compare_with_plain_img2img("SDXL base", Editor(pipeline), monkeypatch)


def compare_with_plain_img2img(name: str, edits: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DiagonalGaussianDistribution, "sample", lambda self, generator=None: self.mode())
    family, run = edits.family, settings(name, steps=5, strength=0.6, seed=4)
    black = EditRequest(exemplars=(Exemplar(image=IMAGES[1], edit_map=Image.new("L", (64, 64), 0)),))
    edit = edits.edit(IMAGES[0], black, run).image
    arguments = {} if name.startswith("Kandinsky") else family.pipeline_arguments(torch.zeros(1, 1, 16, 8, 8), run, 1)
    scheduler = family.scheduler(run)
    family.count_steps(scheduler, run)
    own, family.scheduled_pipelines[0].scheduler = family.scheduled_pipelines[0].scheduler, scheduler
    try:
        known = {"prompt": "snow", "num_inference_steps": 5, "strength": 0.6, "guidance_scale": 2.0}
        given = (known | arguments) | {"image": IMAGES[1], "generator": torch.Generator().manual_seed(4)}
        if name.startswith("Kandinsky"):
            words = family.pipeline.prior_pipe("snow", generator=given["generator"], return_dict=False)
            embeddings = dict(zip(("image_embeds", "negative_image_embeds"), words, strict=True))
            del given["prompt"]
            given |= embeddings | {"height": None, "width": None, "generator": torch.Generator().manual_seed(4)}
        plain = family.scheduled_pipelines[0](**given).images[0]
    finally:
        family.scheduled_pipelines[0].scheduler = own
    assert furthest(edit, plain) <= 1


@pytest.mark.parametrize("name", ["SDXL base", "Kandinsky 2.2", "SD 3", "Flux.1 dev", "Qwen-Image", "Z-Image"])
def test_any_size(name: str) -> None:
    source = noise_image(1, (100, 70))
    request = EditRequest(exemplars=(Exemplar(image=IMAGES[1], edit_map=gray_map(1, (100, 70))),))
    result = editor(name).edit(source, request, settings(name, steps=2, strength=1, size=(100, 70), timeline_frames=1))
    assert result.image.size == (100, 70)
    assert result.timeline_frames[0].image.size == (100, 70)
    assert result.timeline_frames[0].mask.shape == (70, 100)


DRAWING = ("Euler a", "DPM2 a", "DPM++ SDE", "DPM++ 2M SDE", "DDPM", "LCM")
"""Samplers that add noise of their own, each in its own way."""


@pytest.mark.parametrize(
    ("name", "sampler"),
    [("SD 2.1, noise", sampler) for sampler in DRAWING]
    + [(name, sampler) for name in ("Kandinsky 2.2", "SD 3") for sampler in editor(name).family.samplers],
)
def test_every_sampler_makes_the_same_image_from_the_same_seed(name: str, sampler: str) -> None:
    first, other = (sampled(editor(name), settings(name, sampler=sampler, steps=6, seed=seed)) for seed in (2, 3))
    both = sampled(editor(name), settings(name, sampler=sampler, steps=6, seed=2), 2)
    assert bool(first.isfinite().all())
    assert (first - other).abs().max() > 0.1
    assert (both - torch.cat([first, other])).abs().max() <= 1e-4


def test_the_samplers_of_kandinsky_are_all_that_its_decoder_can_use() -> None:
    """It neither scales the model's input nor steps twice, and hands its generator to every step."""
    config = editor("Kandinsky 2.2").family.scheduled_pipelines[0].scheduler.config
    can = []
    for sampler in SAMPLERS:
        scheduler = make_scheduler(sampler, "automatic", config)
        scheduler.set_timesteps(10)
        scaled = scheduler.scale_model_input(torch.ones(1), scheduler.timesteps[0])
        takes = "generator" in inspect.signature(scheduler.step).parameters
        if scheduler.order == 1 and torch.equal(scaled, torch.ones(1)) and takes:
            can.append(sampler)
    assert set(editor("Kandinsky 2.2").family.samplers) == set(can)


@pytest.mark.parametrize(
    ("name", "fields", "message"),
    [
        ("Flux.1 dev", {"sampler": "DPM++ 2M"}, "sampler: 'DPM++ 2M', which this model does not support"),
        (
            "SD 3",
            {"sampler": "DDIM"},
            "sampler: 'DDIM', which this model does not support (expected one of: Euler, Heun).",
        ),
        (
            "SD 3",
            {"sampler": "Heun Karras"},
            "schedule: 'karras', which the sampler Heun does not support",
        ),
        (
            "Kandinsky 2.2",
            {"sampler": "Euler"},
            "sampler: 'Euler', which this model does not support",
        ),
        ("SDXL base", {"prompt": "snow " * 90}, "prompt: 90 tokens (expected at most 75 for this model)."),
        ("Kandinsky 2.2", {"negative_prompt": "snow " * 90}, "negative_prompt: 90 tokens (expected at most 75"),
        ("SD 3", {"prompt": "snow " * 300}, "prompt: 299 tokens (expected at most 255 for this model)."),
        ("Flux.1 dev", {"prompt": "snow " * 600}, "prompt: 599 tokens (expected at most 511 for this model)."),
        ("Z-Image", {"prompt": "snow " * 600}, "prompt: 600 tokens (expected at most 50"),
        (
            "Flux.1 schnell",
            {"negative_prompt": "fog"},
            "negative_prompt: given for a Flux model, which has no negative",
        ),
    ],
)
def test_what_a_model_does_not_take_is_refused(name: str, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError) as raised:
        editor(name).edit(IMAGES[0], REQUEST, settings(name, **fields))
    assert str(raised.value).startswith(message)


def test_sd3_without_its_long_text_encoder_reads_as_much_as_clip() -> None:
    short = Editor(sd3(long_text=False))
    assert short.edit(IMAGES[0], REQUEST, settings("SD 3", steps=2)).image.size == (64, 64)
    with pytest.raises(RequestError, match=r"^prompt: 90 tokens \(expected at most 75"):
        short.edit(IMAGES[0], REQUEST, settings("SD 3", prompt="snow " * 90))


def test_a_pipeline_of_no_family_is_refused() -> None:
    with pytest.raises(TypeError, match="expected one of: StableDiffusionXLImg2ImgPipeline"):
        Editor(object())


def test_every_family_is_tested() -> None:
    assert {type(editor(name).family) for name in NAMES} == set(FAMILIES)
