"""Other options of the host's img2img: noise options, sizes, resize modes, inpainting."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.base64_images import as_text
from PIL import Image

from .webui_client import (
    WebUI,
    by_script,
    difference,
    exemplar,
    left_to_right,
    pixels_of,
    plain_map,
    request,
    right_half,
    sample_image,
)

SOURCE, EXEMPLAR = sample_image(1), sample_image(2)
WIDE = (333, 211)
TAESD: dict[str, Any] = {"override_settings": {"sd_vae_encode_method": "TAESD"}}
OPTIONS: dict[str, dict[str, Any]] = {
    "variation seed": {"subseed": 9, "subseed_strength": 0.4},
    "seed resize": {"seed_resize_from_w": 96, "seed_resize_from_h": 192},
    "extra noise": {"override_settings": {"img2img_extra_noise": 0.1}},
    "noise multiplier": {"initial_noise_multiplier": 0.8},
    "prompt editing": {"prompt": "[a:b:0.5]"},
    "two prompts": {"prompt": "a AND b :0.5"},
    "clip skip": {"override_settings": {"CLIP_stop_at_last_layers": 2}},
    "noise of the CPU": {"override_settings": {"randn_source": "CPU"}},
    "noise of NVidia": {"override_settings": {"randn_source": "NV"}},
    "seed delta": {"override_settings": {"eta_noise_seed_delta": 31337}, "sampler_name": "Euler a"},
    "tiling": {"tiling": True},
    "small encoder": TAESD,
}
SIZES = {"wide": (200, 136), "tall": (120, 184), "not a multiple of 8": (203, 141)}
RESIZE_MODES = {"just resize": 0, "crop and resize": 1, "resize and fill": 2, "latent upscale": 3}
FILLS = {"fill": 0, "original": 1, "latent noise": 2, "latent nothing": 3}
AREAS = {"whole image": {"inpaint_full_res": False}, "only masked": {"inpaint_full_res": True}}


def black(size: tuple[int, int] = SOURCE.size, of: Image.Image = EXEMPLAR) -> dict[str, Any]:
    return by_script(request(exemplar(of, plain_map(0, size))))


def white(size: tuple[int, int] = SOURCE.size) -> dict[str, Any]:
    return by_script(request(exemplar(EXEMPLAR, plain_map(255, size))))


def inpainting(area: str, fill: str) -> dict[str, Any]:
    """The upper left of the source is to be inpainted."""
    mask = Image.new("L", SOURCE.size, 0)
    mask.paste(255, (8, 16, 72, 64))
    more = {"mask_blur": 2, "inpaint_full_res_padding": 16, "inpainting_fill": FILLS[fill]}
    return {"mask": as_text(mask), **more, **AREAS[area]}


def has_small_encoder() -> bool:
    return (Path(os.environ.get("PIXELS_HOST_SOURCE", "/nowhere")) / "models/VAE-taesd/taesd_encoder.pth").exists()


@pytest.mark.parametrize("option", OPTIONS)
def test_black_and_white_are_exact_with_every_option(probed: WebUI, option: str) -> None:
    fields = OPTIONS[option]
    if fields is TAESD and not has_small_encoder():
        pytest.skip("needs models/VAE-taesd/taesd_encoder.pth in PIXELS_HOST_SOURCE; a host without it stays broken")
    plain = probed.img2img(EXEMPLAR, **fields)
    if plain.status != 200:
        pytest.skip(f"the host itself fails: {plain.reason[:100]}")
    assert difference(probed.img2img(SOURCE, **fields, **black()).image, plain.image) <= 1
    probed.calls()
    assert probed.img2img(SOURCE, **fields, **white()).status == 200
    assert max(call["deviation"] for call in probed.calls()) <= 1e-5


def test_color_correction_is_the_hosts_own(host: WebUI) -> None:
    fields = {"override_settings": {"img2img_color_correction": True}}
    plain = host.img2img(SOURCE, **fields).image
    # Matching histograms makes up to 7 levels of the one by which a few pixels differ before: the host's own functions,
    # run on the two images as they are without color correction, give these very images.
    edit = host.img2img(SOURCE, **fields, **black(of=SOURCE)).image
    assert difference(edit, plain) <= 12
    assert np.abs(edit - plain).mean() <= 0.02
    half = request(exemplar(EXEMPLAR, right_half()), keep_white=True)
    kept = host.img2img(SOURCE, **fields, **by_script(half)).image
    assert difference(kept[:, -56:], pixels_of(SOURCE)[:, -56:]) == 0


@pytest.mark.parametrize("mode", RESIZE_MODES)
@pytest.mark.parametrize("name", SIZES)
def test_black_and_white_are_exact_at_every_size_and_resize_mode(probed: WebUI, name: str, mode: str) -> None:
    width, height = SIZES[name]
    fields = {"width": width, "height": height, "resize_mode": RESIZE_MODES[mode]}
    source, other = sample_image(1, WIDE), sample_image(2, WIDE)
    plain = probed.img2img(other, **fields)
    if plain.status != 200:
        pytest.skip(f"the host itself fails: {plain.reason[:100]}")
    assert difference(probed.img2img(source, **fields, **black(WIDE, other)).image, plain.image) <= 1
    probed.calls()
    assert probed.img2img(source, **fields, **white(WIDE)).status == 200
    assert max(call["deviation"] for call in probed.calls()) <= 1e-5


def as_the_host_resizes(image: Image.Image, mode: int, size: tuple[int, int]) -> Image.Image:
    """Stretched, or cropped around the middle: the two modes in which every pixel is the source's."""
    if mode == 1:
        factor = max(size[0] / image.width, size[1] / image.height)
        wide = size[0] / size[1] > image.width / image.height
        middle = (
            size[0] if wide else image.width * size[1] // image.height,
            image.height * size[0] // image.width if wide else size[1],
        )
        assert middle[0] >= size[0] - 1, factor
        image = image.resize(middle, Image.Resampling.LANCZOS)
        left, top = size[0] // 2 - image.width // 2, size[1] // 2 - image.height // 2
        canvas = Image.new("RGB", size)
        canvas.paste(image, (left, top))
        return canvas
    return image.resize(size, Image.Resampling.LANCZOS)


@pytest.mark.parametrize("mode", ["just resize", "crop and resize"])
def test_kept_white_is_the_resized_source_bit_by_bit(host: WebUI, mode: str) -> None:
    size, number = (200, 136), RESIZE_MODES[mode]
    source = sample_image(1, WIDE)
    edit = request(exemplar(EXEMPLAR, right_half(WIDE)), keep_white=True)
    answer = host.img2img(source, width=size[0], height=size[1], resize_mode=number, **by_script(edit)).image
    size = answer.shape[1], answer.shape[0]  # Forge Neo makes multiples of 64
    kept = np.abs(answer - pixels_of(as_the_host_resizes(source, number, size))).max(axis=(0, 2)) == 0
    assert kept[10 - size[0] // 2 :].all()
    assert not kept[: size[0] // 2 - 3].any()


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("name", ["Euler", "DDIM"])
def test_inpainting_with_the_source_as_its_own_exemplar_is_plain_inpainting(host: WebUI, area: str, name: str) -> None:
    fields = {**inpainting(area, "original"), "sampler_name": name}
    host.img2img(SOURCE, **fields)
    plain = host.img2img(SOURCE, **fields).image
    assert difference(host.img2img(SOURCE, **fields, **black(of=SOURCE)).image, plain) <= 1


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("fill", FILLS)
def test_white_is_exact_under_inpainting(probed: WebUI, area: str, fill: str) -> None:
    assert probed.img2img(SOURCE, **inpainting(area, fill), **white()).status == 200
    assert max(call["deviation"] for call in probed.calls()) <= 1e-5


@pytest.mark.parametrize("area", AREAS)
def test_inpainting_edits_inside_its_mask_alone(host: WebUI, area: str) -> None:
    edited = host.img2img(SOURCE, **inpainting(area, "original"), **black()).image
    away = np.abs(edited - pixels_of(SOURCE)).max(axis=2)
    assert away[24:56, 16:64].mean() > 8
    away[8:72, 0:80] = 0
    assert away.max() == 0


@pytest.mark.parametrize("area", AREAS)
def test_kept_white_is_the_source_under_inpainting(host: WebUI, area: str) -> None:
    fields = inpainting(area, "original")
    edit = request(exemplar(EXEMPLAR, left_to_right().point(lambda gray: 255 * (gray > 80))), keep_white=True)
    away = np.abs(host.img2img(SOURCE, **fields, **by_script(edit)).image - pixels_of(SOURCE)).max(axis=2)
    assert away[24:56, 16:36].mean() > 8
    assert away[:, 52:].max() == 0
