"""The engine, hooked into a real pipeline, against the paper's algorithms transcribed literally."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from helpers.images import gray_map, noise_image
from helpers.reference_algorithms import Held, algorithm_1, algorithm_2, general_form
from PIL import Image
from torch import Tensor

from pixels_ext.core.release import ExemplarMaps, release_map, source_release
from pixels_ext.core.surgery import surgical_latent
from pixels_ext.core.thresholds import THRESHOLDS
from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.diffusers_host.pipeline_hook import PipelineHook
from pixels_ext.diffusers_host.samplers import make_scheduler
from pixels_ext.request import EditRequest, Exemplar, Shaping

SIZE, STEPS, SKIPPED = (8, 8), 12, 3


def embeddings(pipeline: Any, prompt: str) -> Tensor:
    return pipeline.encode_prompt(prompt, "cpu", 1, False)[0]


def literal_model(pipeline: Any, prompt: str) -> Any:
    words = embeddings(pipeline, prompt)
    return lambda x, t: pipeline.unet(x, t, encoder_hidden_states=words).sample


def fresh(pipeline: Any, sampler: str) -> Any:
    scheduler = make_scheduler(sampler, "uniform", pipeline.scheduler.config)
    scheduler.set_timesteps(STEPS)
    return scheduler


@torch.inference_mode()
def engine(
    pipeline: Any, sampler: str, init_latent: Tensor, exemplars: list[tuple[Tensor, Tensor, str]], seed: int
) -> Tensor:
    """The same edit with the engine in a diffusers pipeline. Maps come as `[h, w]` of latent size."""
    maps = [ExemplarMaps(mu[None, None], name) for _, mu, name in exemplars]
    return sampled(pipeline, sampler, init_latent, [z for z, _, _ in exemplars], maps, seed)


def sampled(
    pipeline: Any, sampler: str, init_latent: Tensor, latents: list[Tensor], edit_maps: list[ExemplarMaps], seed: int
) -> Tensor:
    scheduler = make_scheduler(sampler, "uniform", pipeline.scheduler.config)
    releases = [source_release(each, STEPS - SKIPPED) for each in edit_maps]
    surgical = surgical_latent(init_latent, list(zip(latents, releases, strict=True)))
    hook = PipelineHook(scheduler, surgical, release_map(edit_maps, STEPS - SKIPPED), SKIPPED)
    pipeline.scheduler = scheduler
    return pipeline(
        prompt="snow",
        image=surgical,
        strength=1 - SKIPPED / STEPS,
        num_inference_steps=STEPS,
        guidance_scale=1.0,
        generator=torch.Generator().manual_seed(seed),
        callback_on_step_end=hook.on_step_end,
        output_type="latent",
    ).images


def random_edit(seed: int, count: int) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
    generator = torch.Generator().manual_seed(seed)
    latents = [torch.randn(1, 4, *SIZE, generator=generator) for _ in range(count + 1)]
    maps = [(torch.rand(SIZE, generator=generator) * 1.4 - 0.2).clamp(0, 1) for _ in range(count)]
    return latents[0], list(zip(latents[1:], maps, strict=True))


@pytest.mark.parametrize("sampler", ["Euler", "DDIM", "DPM++ 2M", "UniPC"])
@pytest.mark.parametrize("threshold", list(THRESHOLDS))
def test_one_exemplar_is_algorithm_1(pipeline: Any, sampler: str, threshold: str) -> None:
    init_latent, [(latent, mu)] = random_edit(seed=len(threshold), count=1)
    noise = torch.randn(1, 4, *SIZE, generator=torch.Generator().manual_seed(5))
    with torch.inference_mode():
        expected = algorithm_1(
            init_latent,
            latent,
            mu,
            threshold,
            noise,
            fresh(pipeline, sampler),
            SKIPPED,
            literal_model(pipeline, "snow"),
        )
    result = engine(pipeline, sampler, init_latent, [(latent, mu, threshold)], seed=5)
    assert (result - expected).abs().max() < 1e-5


@pytest.mark.parametrize("sampler", ["Euler", "DDIM", "DPM++ 2M"])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_many_exemplars_are_algorithm_2(pipeline: Any, sampler: str, count: int) -> None:
    init_latent, pairs = random_edit(seed=40 + count, count=count)
    names = list(THRESHOLDS)
    exemplars = [(z, mu, names[(k + count) % 5]) for k, (z, mu) in enumerate(pairs)]
    noise = torch.randn(1, 4, *SIZE, generator=torch.Generator().manual_seed(6))
    with torch.inference_mode():
        expected = algorithm_2(
            init_latent, exemplars, noise, fresh(pipeline, sampler), SKIPPED, literal_model(pipeline, "snow")
        )
    result = engine(pipeline, sampler, init_latent, exemplars, seed=6)
    assert (result - expected).abs().max() < 1e-5


def random_held(seed: int, count: int) -> tuple[Tensor, list[Held]]:
    """Exemplars of which each is kept in its own way."""
    init_latent, pairs = random_edit(seed, count)
    names = list(THRESHOLDS)
    ways = [
        {"hold": 1, "seam_width": 2.3},
        {"hold": 0.73, "lay_up_to": 0.41, "seam_width": 0},
        {"limit": 0.83},
        {"hold": 0.9, "limit": 0.91, "lay_up_to": 0.27, "seam_width": 1.7},
    ]
    return init_latent, [Held(z, mu, names[(k + seed) % 5], **ways[(k + seed) % 4]) for k, (z, mu) in enumerate(pairs)]


def maps_of(each: Held) -> ExemplarMaps:
    gray = each.mu[None, None]
    limited = None if each.limit == 1 else 1 - each.limit * (1 - gray)
    width = 100 * each.seam_width / min(SIZE)
    return ExemplarMaps(gray, each.threshold, limited, each.hold, each.lay_up_to, width)


@pytest.mark.parametrize("sampler", ["Euler", "DDIM", "DPM++ 2M", "UniPC", "Heun"])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_exemplars_that_are_kept_are_the_general_form(pipeline: Any, sampler: str, count: int) -> None:
    init_latent, exemplars = random_held(seed=60 + count, count=count)
    noise = torch.randn(1, 4, *SIZE, generator=torch.Generator().manual_seed(6))
    scheduler = fresh(pipeline, sampler)
    with torch.inference_mode():
        expected = general_form(init_latent, exemplars, noise, scheduler, SKIPPED, literal_model(pipeline, "snow"))
    latents = [each.z for each in exemplars]
    result = sampled(pipeline, sampler, init_latent, latents, [maps_of(each) for each in exemplars], seed=6)
    paper = [(each.z, each.mu, each.threshold) for each in exemplars]
    assert (result - engine(pipeline, sampler, init_latent, paper, seed=6)).abs().max() > 0.1
    assert (result - expected).abs().max() < 1e-5


def test_a_whole_edit_from_its_request_is_the_general_form(pipeline: Any) -> None:
    """From images to image: limits of two maps that are combined, shares of the shorter side, and grays."""
    source, images, maps = noise_image(0), [noise_image(1), noise_image(2)], [gray_map(0), gray_map(1)]
    exact = {"black_point": 0, "white_point": 1}
    request = EditRequest(
        exemplars=(
            Exemplar(image=images[0], edit_map=maps[0], shaping=Shaping(**exact), hold=0.8, lay_up_to=0.37),
            Exemplar(
                image=images[1],
                edit_map=maps[1],
                shaping=Shaping(**exact, limit=0.87),
                second_map=maps[0],
                second_shaping=Shaping(**exact, limit=0.87),
                combine="intersect",
                hold=1,
                lay_up_to=0.6,
                seam_width=20,
            ),
        )
    )
    editor = Editor(pipeline)
    settings = Settings(prompt="snow", guidance_scale=1, steps=STEPS, strength=0.75, schedule="uniform", seed=7)
    grays = [
        torch.nn.functional.interpolate(torch.tensor(gray)[None, None], SIZE, mode="area")[0, 0]
        for gray in (_gray(maps[0]), np.maximum(_gray(maps[0]), _gray(maps[1])))
    ]
    z_1, *latents = (editor.family.encode(_pixels(image)) for image in (source, *images))
    exemplars = [
        Held(latents[0], grays[0], "linear", hold=0.8, lay_up_to=0.37, seam_width=0.06 * SIZE[0]),
        Held(latents[1], grays[1], "linear", limit=0.87, hold=1, lay_up_to=0.6, seam_width=0.2 * SIZE[0]),
    ]
    noise = torch.randn(1, 4, *SIZE, generator=torch.Generator().manual_seed(7))
    with torch.inference_mode():
        latent = general_form(z_1, exemplars, noise, fresh(pipeline, "Euler"), SKIPPED, literal_model(pipeline, "snow"))
        expected = _picture(editor.family.decode(latent))
    assert _furthest(editor.edit(source, request, settings).image, expected) <= 1
    paper = EditRequest(exemplars=tuple(Exemplar(image=p, edit_map=m) for p, m in zip(images, maps, strict=True)))
    assert _furthest(editor.edit(source, paper, settings).image, expected) > 8


def test_iterative_mode_is_algorithm_1_repeated(pipeline: Any) -> None:
    """From images to image: each result is decoded and is the next source."""
    exact = Shaping(black_point=0, white_point=1)
    sources = [noise_image(k) for k in range(3)]
    maps = [gray_map(k) for k in range(2)]
    request = EditRequest(
        exemplars=tuple(Exemplar(image=p, edit_map=m, shaping=exact) for p, m in zip(sources[1:], maps, strict=True)),
        mode="iterative",
    )
    editor = Editor(pipeline)
    settings = Settings(prompt="snow", guidance_scale=1, steps=STEPS, strength=0.75, schedule="uniform", seed=7)
    result = editor.edit(sources[0], request, settings)

    latent, final = None, sources[0]
    for k in range(2):
        single = EditRequest(exemplars=(request.exemplars[k],))
        z_1, z_2 = (editor.family.encode(_pixels(image)) for image in (final, sources[k + 1]))
        mu = torch.nn.functional.interpolate(torch.tensor(_gray(maps[k]))[None, None], SIZE, mode="area")[0, 0]
        noise = torch.randn(1, 4, *SIZE, generator=torch.Generator().manual_seed(7 + k))
        with torch.inference_mode():
            latent = algorithm_1(
                z_1, z_2, mu, "linear", noise, fresh(pipeline, "Euler"), SKIPPED, literal_model(pipeline, "snow")
            )
            final = _picture(editor.family.decode(latent))
        alone = editor.edit(sources[0], single, settings).image if k == 0 else None
        if alone is not None:
            assert _furthest(alone, final) <= 1
    assert _furthest(result.image, final) <= 1


def _pixels(image: Image.Image) -> Tensor:
    return torch.tensor(np.asarray(image, dtype=np.float32) / 127.5 - 1).permute(2, 0, 1)[None]


def _gray(image: Image.Image) -> np.ndarray:
    return np.asarray(image, dtype=np.float32) / 255


def _picture(pixels: Tensor) -> Image.Image:
    values = ((pixels[0].clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return Image.fromarray(values.permute(1, 2, 0).numpy())


def _furthest(a: Image.Image, b: Image.Image) -> int:
    return int(np.abs(np.asarray(a, dtype=int) - np.asarray(b, dtype=int)).max())
