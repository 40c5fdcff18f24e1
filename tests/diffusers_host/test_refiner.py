"""SDXL with the refiner taking over: one edit across two models, and the ends where one of them has nothing to do."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from diffusers import EulerDiscreteScheduler, StableDiffusionXLImg2ImgPipeline
from diffusers_host.test_families import MAPS, PICTURES, REQUEST, THRESHOLDS, editor, furthest, sampled, settings
from helpers.reference_algorithms import algorithm_2
from helpers.reference_models import refiner as literal_refiner
from helpers.reference_models import sdxl as literal_sdxl
from helpers.tiny_models import sdxl
from PIL import Image
from torch import Tensor

from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.diffusers_host.canvas import Padding, to_image
from pixels_ext.diffusers_host.families import SdxlWithRefiner
from pixels_ext.errors import RequestError
from pixels_ext.request import EditRequest, Exemplar

FLAGS = ("requires_aesthetics_score", "force_zeros_for_empty_prompt")


@cache
def refined() -> Editor:
    base, refiner = sdxl(), sdxl(refiner=True)
    refiner.register_modules(vae=base.vae)
    return Editor(SdxlWithRefiner(base, refiner))


def run(**fields: float | str) -> Settings:
    return settings("SDXL base", **({"steps": 12, "strength": 0.75, "refiner_at": 0.6, "seed": 5} | fields))


def literal(edit: Settings) -> Tensor:
    """Algorithm 2 with the model of the base down to the refiner's first timestep, and the refiner's from there."""
    family = refined().family
    with torch.inference_mode():
        latents = [family.encode(Padding((64, 64), 8, 8).image_tensor(picture)) for picture in PICTURES]
        grey = [torch.tensor(np.asarray(grey) / 255.0)[None, None] for grey in MAPS]
        maps = [torch.nn.functional.interpolate(values, (8, 8), mode="area")[0, 0] for values in grey]
        scheduler, base = literal_sdxl(family.pipeline, edit)
        _, refiner = literal_refiner(family.refiner, edit)
        hand_over = round(1000 * (1 - edit.refiner_at))
        exemplars = list(zip(latents[1:], maps, THRESHOLDS, strict=True))
        noise = torch.randn(latents[0].shape, generator=torch.Generator().manual_seed(edit.seed))
        return algorithm_2(
            latents[0],
            exemplars,
            noise,
            scheduler,
            edit.steps - edit.steps_run,
            base,
            changing=lambda t: base if t >= hand_over else refiner,
        )


@pytest.mark.parametrize("refiner_at", [0.3, 0.5, 0.6, 0.8, 0.99])
def test_the_blend_goes_on_across_the_hand_over(refiner_at: float) -> None:
    edit = run(refiner_at=refiner_at)
    expected = literal(edit)
    assert (sampled(refined(), edit) - expected).abs().max() <= 1e-5


def test_both_models_count() -> None:
    late, early = (sampled(refined(), run(refiner_at=at)) for at in (0.8, 0.5))
    base = sampled(editor("SDXL base"), run())
    assert (late - base).abs().max() > 1e-3
    assert (early - late).abs().max() > 1e-3


def test_at_a_low_strength_the_refiner_edits_alone() -> None:
    low = run(strength=0.25, refiner_at=0.6)
    assert torch.equal(sampled(refined(), low), sampled(editor("SDXL refiner"), low))


def test_where_no_step_is_left_for_the_refiner_the_base_edits_alone() -> None:
    """With its timesteps "trailing" the last of 12 is 83, far above what 0.99 leaves."""
    base = sdxl()
    base.scheduler = EulerDiscreteScheduler.from_config(base.scheduler.config, timestep_spacing="trailing")
    late = run(refiner_at=0.99)
    assert torch.equal(sampled(Editor(SdxlWithRefiner(base, sdxl(refiner=True))), late), sampled(Editor(base), late))


def test_without_a_map_it_is_the_pipelines_own_hand_over() -> None:
    """Black everywhere: `denoising_end` and `denoising_start` of diffusers, from the exemplar's latent."""
    family, edit = refined().family, run(sampler="Euler a")
    latent = family.encode(Padding((64, 64), 8, 8).image_tensor(PICTURES[1])).detach()
    scheduler, generator = family.scheduler(edit), torch.Generator().manual_seed(5)
    shared = {"prompt": "snow", "num_inference_steps": 12, "guidance_scale": 2.0, "generator": generator}
    plain: dict[str, StableDiffusionXLImg2ImgPipeline] = {}
    for name in ("pipeline", "refiner"):
        parts = getattr(family, name).components | {"scheduler": scheduler}
        flags = {key: getattr(family, name).config[key] for key in FLAGS}
        plain[name] = StableDiffusionXLImg2ImgPipeline(**parts, **flags, add_watermarker=False)
        plain[name].set_progress_bar_config(disable=True)
    half = plain["pipeline"](image=latent, strength=0.75, denoising_end=0.6, output_type="latent", **shared).images
    negative = {"negative_prompt": "", "strength": 0.75}
    whole = plain["refiner"](image=half, denoising_start=0.6, output_type="latent", **shared, **negative).images
    black = EditRequest(exemplars=(Exemplar(image=PICTURES[1], edit_map=Image.new("L", (64, 64), 0)),))
    result = refined().edit(PICTURES[0], black, edit).image
    with torch.inference_mode():
        assert furthest(result, to_image(family.decode(whole))) <= 1


def test_a_sampler_of_two_calls_a_step_is_refused() -> None:
    with pytest.raises(RequestError, match="^sampler: 'Heun', which takes two calls a step"):
        refined().edit(PICTURES[0], REQUEST, run(sampler="Heun"))
