"""Generated maps, through the host's API."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.base64_images import as_text
from PIL import Image, ImageOps

from .webui_client import WebUI, by_script, difference, exemplar, left_to_right, pixels_of, request, sample_image

SOURCE, EXEMPLAR = sample_image(1), sample_image(2)
MASKED = {"type": "inpaint_mask"}
EXACT = {"black_point": 0, "white_point": 1}
AREAS = {"whole image": {"inpaint_full_res": False}, "only masked": {"inpaint_full_res": True}}
WITHOUT_MODELS: dict[str, dict[str, Any]] = {
    "image": {"type": "image", "image": as_text(left_to_right())},
    "transparency": {"type": "transparency"},
    "shape": {"type": "shape", "image": as_text(left_to_right())},
    "linear": {"type": "linear"},
    "radial": {"type": "radial"},
    "brightness": {"type": "brightness", "equalize": True},
    "difference": {"type": "difference", "max_difference": 60},
}


def edit_with(edit_map: Any, **fields: Any) -> dict[str, Any]:
    each = {"image": as_text(EXEMPLAR), "edit_map": edit_map, "shaping": EXACT}
    return by_script(request(each, **fields))


def box() -> Image.Image:
    mask = Image.new("L", SOURCE.size, 0)
    mask.paste(255, (8, 16, 72, 64))
    return mask


@pytest.mark.parametrize("name", WITHOUT_MODELS)
def test_every_map_type_without_a_model_edits_and_is_in_the_infotext(host: WebUI, name: str) -> None:
    answer = host.img2img(SOURCE, **edit_with(WITHOUT_MODELS[name]))
    assert difference(answer.image, host.img2img(SOURCE).image) > 8
    assert ("map from" in answer.info["infotexts"][0]) == (name != "image")


def test_a_generated_map_equals_the_same_map_as_an_image(host: WebUI) -> None:
    columns = (np.arange(SOURCE.width) + 0.5) / SOURCE.width
    ramp = Image.fromarray(np.tile((columns * 65535).astype(np.uint16), (SOURCE.height, 1)))
    as_image = host.img2img(SOURCE, **edit_with(as_text(ramp))).image
    assert (
        difference(host.img2img(SOURCE, **edit_with({"type": "linear", "start_x": 0, "end_x": 1})).image, as_image) <= 1
    )


def test_a_gray_mask_is_the_inverted_map(host: WebUI) -> None:
    mask = ImageOps.invert(left_to_right()).point(lambda value: min(max(value, 30), 225))
    fields = {"mask": as_text(mask), "mask_blur": 0, "inpaint_full_res": False}
    as_image = host.img2img(SOURCE, **edit_with(as_text(ImageOps.invert(mask)))).image
    assert difference(host.img2img(SOURCE, **fields, **edit_with(MASKED)).image, as_image) <= 1


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("blur", [0, 4])
def test_the_mask_edits_what_is_painted_and_nothing_else(host: WebUI, area: str, blur: int) -> None:
    fields = {"mask": as_text(box()), "mask_blur": blur, "inpaint_full_res_padding": 16, **AREAS[area]}
    plain = host.img2img(SOURCE, inpainting_fill=1, **fields).image
    answers = [host.img2img(SOURCE, inpainting_fill=fill, **fields, **edit_with(MASKED)) for fill in (0, 1)]
    away = np.abs(answers[0].image - pixels_of(SOURCE)).max(axis=2)
    assert away[24:56, 16:64].mean() > 8
    away[0:90, 0:98] = 0
    assert away.max() == 0
    assert difference(answers[0].image, answers[1].image) <= 1, "masked content has no effect"
    assert ("Mask blur: 4" in answers[0].info["infotexts"][0]) == (blur == 4)
    again = host.img2img(SOURCE, inpainting_fill=1, **fields).image
    assert difference(again, plain) <= 1, "plain inpainting afterwards is what it was"


def test_inpaint_not_masked(host: WebUI) -> None:
    fields = {"mask_blur": 0, "inpaint_full_res": False}
    of_inverted = host.img2img(SOURCE, mask=as_text(ImageOps.invert(box())), **fields, **edit_with(MASKED)).image
    inverted = host.img2img(SOURCE, mask=as_text(box()), inpainting_mask_invert=1, **fields, **edit_with(MASKED)).image
    assert difference(of_inverted, inverted) <= 1


def test_maps_that_cannot_be_generated_are_refused_in_one_sentence(host: WebUI) -> None:
    plain = host.img2img(SOURCE).image
    for edit_map, sentence in (
        (MASKED, "PIXELS: exemplars[0].edit_map.type: 'inpaint_mask', but there is none"),
        ({"type": "linear", "start": 1}, "PIXELS: exemplars[0].edit_map.start: an unknown field"),
        ({"type": "text", "prompt": ""}, "PIXELS: exemplars[0].edit_map.prompt: '' (expected text that is not"),
    ):
        answer = host.img2img(SOURCE, **edit_with(edit_map))
        assert answer.status == 422
        assert answer.reason.startswith(sentence)
    assert difference(host.img2img(SOURCE).image, plain) <= 1


@pytest.mark.parametrize("edit_map", [{"type": "depth"}, {"type": "text", "prompt": "the sky, the sea"}])
def test_models_for_depth_and_text(host: WebUI, edit_map: dict[str, Any]) -> None:
    """With weights in `models/pixels`, also tiny ones, an edit; else one sentence that names the folder."""
    answer = host.img2img(SOURCE, **edit_with(edit_map))
    if answer.status == 422:
        assert f"{edit_map['type']!r}, but its model" in answer.reason
        pytest.skip(answer.reason)
    assert difference(answer.image, host.img2img(SOURCE).image) > 8
    assert difference(host.img2img(SOURCE, **edit_with(edit_map)).image, answer.image) <= 1


def test_white_means_exemplar_is_the_inverted_map(host: WebUI) -> None:
    one = by_script(request(exemplar(EXEMPLAR, left_to_right(), shaping=EXACT)))
    other = by_script(
        request(exemplar(EXEMPLAR, ImageOps.invert(left_to_right()), shaping=EXACT), white_means="exemplar")
    )
    assert difference(host.img2img(SOURCE, **one).image, host.img2img(SOURCE, **other).image) <= 1
