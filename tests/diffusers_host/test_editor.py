"""Integer edits from Python, with a tiny random model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from helpers.images import gray_map, noise_image
from helpers.tiny_sd1 import random_pipeline
from PIL import Image

from pixels_ext.diffusers_host import Editor, Settings
from pixels_ext.diffusers_host.canvas import Padding, size_notice, working_size
from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.diffusers_host.nan_check import check_finite
from pixels_ext.diffusers_host.samplers import make_scheduler
from pixels_ext.errors import RequestError
from pixels_ext.imaging.timeline import draw_timeline, evenly_spaced_steps
from pixels_ext.request import EditRequest, Exemplar, Placement

QUICK = Settings(steps=5, strength=0.8, size=64)


def array(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"), dtype=int)


def furthest(a: Image.Image, b: Image.Image) -> int:
    return int(np.abs(array(a) - array(b)).max())


def one(image: Image.Image, edit_map: Image.Image, **fields: Any) -> EditRequest:
    return EditRequest(exemplars=(Exemplar(image=image, edit_map=edit_map),), **fields)


def test_black_map_is_plain_img2img_of_the_exemplar(pipeline: Any) -> None:
    source, exemplar = noise_image(1), noise_image(2)
    black, white = Image.new("L", (64, 64), 0), Image.new("L", (64, 64), 255)
    edit = Editor(pipeline).edit(source, one(exemplar, black), QUICK).image
    plain = _euler_img2img(pipeline, exemplar)
    assert furthest(edit, plain) <= 1
    held = Editor(pipeline).edit(exemplar, one(exemplar, white), QUICK).image
    assert furthest(held, plain) > 8  # white holds the source at every step, plain img2img does not


def _euler_img2img(pipeline: Any, image: Image.Image) -> Image.Image:
    """Plain img2img with the same sampler, from the mode of the autoencoder's posterior."""
    editor, own = Editor(pipeline), pipeline.scheduler
    pixels = Padding((64, 64), 8, 8).image_tensor(image)
    pipeline.scheduler = make_scheduler("Euler", "automatic", own.config)
    try:
        with torch.inference_mode():
            return pipeline(
                prompt="",
                image=editor.family.encode(pixels),
                strength=0.8,
                num_inference_steps=5,
                guidance_scale=1,
                generator=torch.Generator().manual_seed(0),
            ).images[0]
    finally:
        pipeline.scheduler = own


def test_the_pipeline_is_left_as_it_was(pipeline: Any, make_request: Callable[..., EditRequest]) -> None:
    editor, before = Editor(pipeline), pipeline.scheduler
    first = editor.edit(noise_image(1), make_request(2), QUICK).image
    with pytest.raises(RequestError):
        editor.edit(noise_image(1), make_request(1), Settings(sampler="none"))
    assert pipeline.scheduler is before
    assert furthest(first, editor.edit(noise_image(1), make_request(2), QUICK).image) == 0


@pytest.mark.parametrize("size", [(64, 64), (100, 70), (99, 131)])
def test_the_result_has_the_source_s_size(pipeline: Any, size: tuple[int, int]) -> None:
    source = noise_image(1, size)
    request = one(noise_image(2, (30, 90)), gray_map(1, size))
    assert Editor(pipeline).edit(source, request, Settings(steps=2, strength=1, size=size)).image.size == size


def test_kept_white_pixels_are_the_source_s(pipeline: Any) -> None:
    source, edit_map = noise_image(1), np.full((64, 64), 255, dtype=np.uint8)
    edit_map[:, :16] = 0
    for mode in ("single-pass", "iterative"):
        request = one(noise_image(2), Image.fromarray(edit_map), keep_white=True, mode=mode)
        result = Editor(pipeline).edit(source, request, QUICK).image
        assert furthest(result.crop((24, 0, 64, 64)), source.crop((24, 0, 64, 64))) == 0
        assert furthest(result.crop((0, 0, 16, 64)), source.crop((0, 0, 16, 64))) > 8


def test_uncovered_places_are_as_if_they_were_white(pipeline: Any) -> None:
    source, small = noise_image(1), Placement(fit="contain", scale=0.5)
    black, white = Image.new("L", (64, 64), 0), Image.new("L", (64, 64), 255)
    placed = EditRequest(exemplars=(Exemplar(image=noise_image(2), edit_map=black, placement=small),))
    edit = Editor(pipeline).composite(source, placed, QUICK)
    outside = Editor(pipeline).composite(source, one(noise_image(2), white), QUICK)
    assert furthest(edit.crop((0, 0, 14, 64)), outside.crop((0, 0, 14, 64))) == 0
    assert furthest(edit, outside) > 8


def test_thresholds_and_modes_change_the_edit(pipeline: Any, make_request: Callable[..., EditRequest]) -> None:
    editor, source = Editor(pipeline), noise_image(1)
    linear, log, iterative = (
        editor.edit(source, make_request(2, **fields), QUICK).image
        for fields in ({}, {"threshold": "log"}, {"mode": "iterative"})
    )
    assert furthest(linear, log) > 2
    assert furthest(linear, iterative) > 2


def test_prompts_and_guidance_count(pipeline: Any, make_request: Callable[..., EditRequest]) -> None:
    def edit(**fields: Any) -> Image.Image:
        settings = Settings(steps=5, strength=0.8, size=64, **fields)
        return Editor(pipeline).edit(noise_image(1), make_request(), settings).image

    assert furthest(edit(), edit(prompt="snow", guidance_scale=8)) > 0
    assert furthest(edit(prompt="snow", guidance_scale=8), edit(prompt="snow", guidance_scale=1)) > 0
    assert furthest(edit(guidance_scale=8), edit(guidance_scale=1)) <= 1  # nothing to guide from or to


def test_the_time_line_shows_less_held_at_every_column(pipeline: Any) -> None:
    ramp = Image.fromarray(np.tile(np.linspace(0, 255, 64, dtype=np.uint8), (64, 1)))
    settings = Settings(steps=10, strength=0.8, size=64, timeline_frames=4)
    result = Editor(pipeline).edit(noise_image(1), one(noise_image(2), ramp), settings)
    held = [moment.mask.mean() for moment in result.timeline_frames]
    assert [moment.label for moment in result.timeline_frames] == [f"step {i} of 8" for i in evenly_spaced_steps(8, 4)]
    assert held == sorted(held, reverse=True)
    assert held[0] > 0.8
    assert 0 < held[-1] < 0.2
    sheet = draw_timeline(result.timeline_frames)
    assert sheet.width > 4 * 64
    assert sheet.height > 2 * 64


def test_evenly_spaced_steps() -> None:
    assert evenly_spaced_steps(10, 4) == [0, 3, 6, 9]
    assert evenly_spaced_steps(3, 8) == [0, 1, 2]
    assert evenly_spaced_steps(5, 1) == [0]


def test_a_map_of_another_aspect_is_refused(pipeline: Any) -> None:
    request = one(noise_image(2), Image.new("L", (64, 80)))
    with pytest.raises(
        RequestError, match=r"^exemplars\[0\].edit_map: 64x80, which has another aspect ratio than the source"
    ):
        Editor(pipeline).edit(noise_image(1), request, QUICK)


@pytest.mark.parametrize(
    ("source", "size", "expected"),
    [
        ((640, 480), None, (640, 480)),
        ((4032, 3024), None, (4032, 3024)),
        ((200, 100), None, (200, 100)),
        ((640, 480), 256, (256, 192)),
        ((640, 480), (320, 240), (320, 240)),
        ((101, 67), 512, (512, 340)),
    ],
)
def test_working_sizes(source: tuple[int, int], size: Any, expected: tuple[int, int]) -> None:
    assert working_size(source, size) == expected


@pytest.mark.parametrize(
    ("source", "size", "message"),
    [
        ((640, 480), (320, 320), "^size: 320x320, which has another aspect"),
        ((640, 480), 32, r"^size: 32x24 with this source \(expected sides from 64 to 4096"),
        ((640, 480), 9000, "^size: 9000x6750"),
        ((1, 1), None, "^source: 1x1 "),
        ((1, 4000), None, "^source: 1x4000 "),
    ],
)
def test_impossible_sizes(source: tuple[int, int], size: Any, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        working_size(source, size)


@pytest.mark.parametrize("part", ["unet", "vae.decoder", "vae.encoder"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_an_error_and_no_black_image(
    part: str, value: float, make_request: Callable[..., EditRequest]
) -> None:
    broken = random_pipeline()
    module = broken.unet if part == "unet" else getattr(broken.vae, part.removeprefix("vae."))
    with torch.no_grad():
        module.conv_out.bias.fill_(value)
    doing = {"unet": "sampling", "vae.decoder": "decoding", "vae.encoder": "encoding"}[part]
    with pytest.raises(ModelError, match=rf"^model: produced NaN or infinity while {doing} in fp32 \(expected finite"):
        Editor(broken).edit(noise_image(1), make_request(), QUICK)
    if part == "vae.encoder":
        with pytest.raises(ModelError, match="while encoding"):
            Editor(broken).suggest_strength(noise_image(1), make_request(), QUICK)


def test_the_remedy_for_what_is_no_number_is_another_precision() -> None:
    for precision, remedy in ((torch.float16, "bf16 or --precision fp32"), (torch.bfloat16, "--precision fp32")):
        with pytest.raises(ModelError, match=rf"\(expected .*{remedy}\)\.$"):
            check_finite(torch.tensor([1.0, torch.nan]), "sampling", precision)
    numbers = torch.tensor([1.0, -6e4])
    assert check_finite(numbers, "sampling", torch.float16) is numbers


def test_a_source_without_a_size_keeps_its_own(pipeline: Any) -> None:
    """Also where the model was trained at 64: at more than 1.5 times that, one sentence says what would be better."""
    source = noise_image(1, (200, 120))
    request = one(noise_image(2), gray_map(1, (200, 120)))
    assert Editor(pipeline).edit(source, request, Settings(steps=1, strength=1)).image.size == (200, 120)
    assert size_notice((200, 120), 64).startswith("pixels_ext: the edit is made at 200x120, the model was trained")
    assert "--size 96 " in size_notice((200, 120), 64)
    assert size_notice((96, 64), 64) == ""
