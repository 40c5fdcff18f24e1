"""PIXELS together with common extensions: each one that the host has is switched on, with an edit and without.

With a map that is all black, an edit is the host's own img2img of the exemplar, with the other extension on in both.
`docs/other-extensions.md` has the results, and the versions.
"""

from __future__ import annotations

import os
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

SIZE = (256, 192)
SOURCE, EXEMPLAR = sample_image(1, SIZE), sample_image(2, SIZE)
MASK = Image.new("L", SIZE, 0)
MASK.paste(255, (32, 32, 200, 160))
ADETAILER = {"ad_model": "mediapipe_face_short", "ad_use_steps": True, "ad_steps": 6}
FACE = os.environ.get("PIXELS_HOST_FACE")

ON: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "Tiled Diffusion": (
        "tiled diffusion",
        {"Enable Tiled Diffusion": True, "Latent tile width": 16, "Latent tile height": 16, "Latent tile overlap": 4},
        {},
    ),
    "Mixture of Diffusers": (
        "tiled diffusion",
        {
            "Enable Tiled Diffusion": True,
            "Method": "Mixture of Diffusers",
            "Latent tile width": 16,
            "Latent tile height": 16,
            "Latent tile overlap": 4,
        },
        {},
    ),
    "Tiled Diffusion with noise inversion": (
        "tiled diffusion",
        {"Enable Tiled Diffusion": True, "Latent tile width": 16, "Enable Noise Inversion": True, "Inversion steps": 3},
        {},
    ),
    "DemoFusion": (
        "demofusion",
        {"Enable DemoFusion(Dont open with tilediffusion)": True, "Latent window size": 16, "Latent window overlap": 8},
        {},
    ),
    "Tiled VAE": ("tiled vae", {"Enable Tiled VAE": True, "Encoder Tile Size": 128, "Decoder Tile Size": 16}, {}),
    "Regional Prompter": (
        "regional prompter",
        {"Regional Prompter": True},
        {"prompt": "a cat BREAK a dog on the moon"},
    ),
    "Dynamic Prompts": (
        "dynamic prompts v2.17.1",
        {"Dynamic Prompts enabled": True},
        {"prompt": "{a cat|a dog|the moon}"},
    ),
    "ADetailer": ("adetailer", {"ADetailer": True, "Skip img2img": False, "": ADETAILER}, {}),
    "ControlNet": ("controlnet", {}, {}),
    "Hypertile": ("hypertile", {"Hypertile U-Net": True}, {}),
    "Soft inpainting": ("soft inpainting", {"Soft inpainting": True}, {"mask": as_text(MASK), "inpainting_fill": 1}),
}


def control_unit(host: WebUI) -> dict[str, Any]:
    """ControlNet's argument. It accepts only models with real shapes, so the checkpoint must have them too."""
    models = host.call("/controlnet/model_list").body["model_list"]
    if not models:
        pytest.skip("this host's ControlNet has no model")
    return {
        "enabled": True,
        "module": "none",
        "model": models[0],
        "image": as_text(sample_image(3, SIZE)),
        "save_detected_map": False,
    }


def switched_on(host: WebUI, name: str) -> dict[str, Any]:
    """The body's fields that switch an extension on; the test is skipped where the host has none."""
    script, changed, more = ON[name]
    listed = [each for each in host.call("/sdapi/v1/script-info").body if each["is_img2img"] and each["is_alwayson"]]
    found = next((each for each in listed if each["name"].lower() == script), None)
    if not found:
        pytest.skip(f"this host has no {name}")
    if name == "ControlNet":
        return {
            "width": SIZE[0],
            "height": SIZE[1],
            "alwayson_scripts": {found["name"]: {"args": [control_unit(host)]}},
        }
    left = dict(changed)
    args = [left.pop(argument["label"], argument["value"]) for argument in found["args"]]
    assert not left, f"{name} has no {list(left)}"
    return {"width": SIZE[0], "height": SIZE[1], "alwayson_scripts": {found["name"]: {"args": args}}, **more}


BYPASSING = ("DemoFusion",)
"""They do their own sampling and bypass all hooks."""
INVERTING = ("Tiled Diffusion with noise inversion",)
"""Their noise comes from the source, so it differs from that of plain img2img of the exemplar."""


@pytest.mark.parametrize("name", [name for name in ON if name not in BYPASSING + INVERTING])
def test_black_is_img2img_of_the_exemplar_with_the_extension(host: WebUI, name: str) -> None:
    fields = switched_on(host, name)
    of = SOURCE if "mask" in fields else EXEMPLAR  # an inpaint mask keeps the source around it, in an edit too
    plain = host.img2img(of, **fields)
    if plain.status != 200:
        pytest.skip(f"the host itself fails: {plain.reason[:100]}")
    alone = host.img2img(of, **{key: value for key, value in fields.items() if key != "alwayson_scripts"}).image
    edited = host.img2img(SOURCE, **fields, **by_script(request(exemplar(of, plain_map(0, SIZE)))))
    assert edited.status == 200, edited.reason
    print(name, "changes plain img2img by", difference(plain.image, alone), "and an edit of black by", end=" ")
    print(difference(edited.image, plain.image))
    assert difference(edited.image, plain.image) <= 1


@pytest.mark.skipif(not FACE, reason="PIXELS_HOST_FACE names no image of a face")
def test_adetailers_own_generation_is_no_edit(host: WebUI) -> None:
    """Its own generation, from a copy of ours and inside of it, is plain img2img, as it is without an edit. The
    checkpoint must leave the face a face, so that a single weak step is run."""
    face = Image.open(FACE).convert("RGB")
    size = {"width": face.width, "height": face.height, "steps": 50, "denoising_strength": 0.02}
    fields = {**switched_on(host, "ADetailer"), **size}
    before = host.img2img(face, **size).image
    with_detailer = host.img2img(face, **fields).image
    if difference(with_detailer, before) == 0:
        pytest.skip("ADetailer finds no face in this checkpoint's result")
    edit = request(exemplar(face, plain_map(0, face.size)))
    answer = host.img2img(sample_image(1, face.size), **fields, **by_script(edit))
    assert answer.status == 200, answer.reason
    away = np.abs(answer.image - with_detailer)
    print("ADetailer changes plain img2img by", difference(with_detailer, before), end=", ")
    print("an edit of black is away from it by", away.max(), "at most,", away.mean(), "on average")
    # It re-generates what may already be off by 1, at its own strength.
    assert away.max() <= 4
    assert away.mean() < 0.05
    assert difference(host.img2img(face, **size).image, before) <= 1


@pytest.mark.parametrize("name", BYPASSING)
def test_what_bypasses_an_edit_is_named(host: WebUI, name: str) -> None:
    fields = switched_on(host, name)
    answer = host.img2img(SOURCE, **fields, **by_script(request(exemplar(EXEMPLAR, plain_map(0, SIZE)))))
    assert (answer.status, answer.reason.startswith("PIXELS: Another script or extension did the sampling")) == (
        422,
        True,
    )


@pytest.mark.parametrize("name", [name for name in ON if name not in BYPASSING])
def test_white_is_kept_and_nothing_is_left(host: WebUI, name: str) -> None:
    fields = switched_on(host, name)
    if host.img2img(SOURCE, **fields).status != 200:
        pytest.skip("the host itself fails")
    size = {"width": SIZE[0], "height": SIZE[1]}
    before = host.img2img(SOURCE, **size).image
    edit = request(exemplar(EXEMPLAR, right_half(SIZE)), keep_white=True)
    answer = host.img2img(SOURCE, **fields, **by_script(edit))
    assert answer.status == 200, answer.reason
    kept = (answer.image == pixels_of(SOURCE)).all(axis=(0, 2))
    assert kept[-100:].all()
    assert not kept[40:100].all()
    grays = request(exemplar(EXEMPLAR, left_to_right(SIZE)))
    assert host.img2img(SOURCE, **fields, **by_script(grays)).status == 200
    assert difference(host.img2img(SOURCE, **size).image, before) <= 1
