"""A WebUI at an address, through its API; small images, and requests made of them."""

from __future__ import annotations

import base64
import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from helpers.base64_images import as_text
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.int16]
SIZE = 128
AXIS = "[PIXELS] "
VARIED_SETTINGS = (
    "img2img_extra_noise",
    "img2img_color_correction",
    "img2img_fix_steps",
    "CLIP_stop_at_last_layers",
    "randn_source",
    "eta_noise_seed_delta",
    "always_discard_next_to_last_sigma",
    "sd_vae_encode_method",
)
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def sample_image(seed: int, size: tuple[int, int] = (SIZE, SIZE)) -> Image.Image:
    """A soft colorful image."""
    few = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    return Image.fromarray(few).resize(size, Image.Resampling.BICUBIC)


def plain_map(gray: int, size: tuple[int, int] = (SIZE, SIZE)) -> Image.Image:
    return Image.new("L", size, gray)


def left_to_right(size: tuple[int, int] = (SIZE, SIZE)) -> Image.Image:
    """Black on the left edge, white on the right edge."""
    return Image.fromarray(np.tile(np.linspace(0, 255, size[0]).round().astype(np.uint8), (size[1], 1)))


def right_half(size: tuple[int, int] = (SIZE, SIZE)) -> Image.Image:
    """White in the right half, black in the left one."""
    return left_to_right(size).point(lambda gray: 255 * (gray > 127))


def pixels_of(image: Image.Image) -> Pixels:
    return np.asarray(image.convert("RGB"), dtype=np.int16)


def exemplar(image: Image.Image, edit_map: Image.Image, **fields: Any) -> dict[str, Any]:
    return {"image": as_text(image), "edit_map": as_text(edit_map), **fields}


def request(*exemplars: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"exemplars": list(exemplars), **fields}


def by_script(data: Any) -> dict[str, Any]:
    """The body's fields for an edit by `script_name`."""
    return {"script_name": "pixels", "script_args": [data]}


def by_alwayson(data: Any) -> dict[str, Any]:
    """The body's fields for an edit by `alwayson_scripts`."""
    return {"alwayson_scripts": {"pixels": {"args": [data]}}}


def difference(one: Pixels, other: Pixels) -> int:
    """The largest difference of any value, in 1/255. Raises `AssertionError` when the sizes differ."""
    assert one.shape == other.shape
    return int(np.abs(one - other).max())


@dataclass(frozen=True)
class Answer:
    """An answer of the host."""

    status: int
    body: Any

    @property
    def images(self) -> list[Pixels]:
        assert self.status == 200, f"HTTP {self.status}: {str(self.body)[:500]}"
        return [pixels_of(Image.open(io.BytesIO(base64.b64decode(text)))) for text in self.body["images"]]

    @property
    def image(self) -> Pixels:
        (only,) = self.images
        return only

    @property
    def info(self) -> dict[str, Any]:
        return json.loads(self.body["info"])

    @property
    def reason(self) -> str:
        """Why the host refused."""
        body = self.body if isinstance(self.body, dict) else {}
        return str(body.get("detail") or body.get("errors") or self.body)


class WebUI:
    """A running host with our extension."""

    def __init__(self, address: str, login: str = "", checkpoint: str = "") -> None:
        self.address, self.checkpoint = address.rstrip("/"), checkpoint
        self.login = {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"} if login else {}

    def call(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **(self.login if headers is None else headers)}
        try:
            with DIRECT.open(urllib.request.Request(self.address + path, data, headers), timeout=900) as file:
                return Answer(200, json.load(file))
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            return Answer(error.code, json.loads(text) if text.startswith(("{", "[", '"')) else text)

    def img2img(self, source: Image.Image | list[Image.Image], **fields: Any) -> Answer:
        sources = source if isinstance(source, list) else [source]
        body = {
            "init_images": [as_text(image) for image in sources],
            "prompt": "a",
            "steps": 4,
            "denoising_strength": 0.8,
            "seed": 5,
            "width": SIZE,
            "height": SIZE,
            "cfg_scale": 3,
            "sampler_name": "Euler",
            **fields,
            "override_settings": {**self.usual_settings, **fields.get("override_settings", {})},
        }
        return self.call("/sdapi/v1/img2img", body)

    def calls(self) -> list[dict[str, float]]:
        """What the probe saw of the model's calls since it was last asked."""
        return self.call("/pixels-probe/calls").body

    @cached_property
    def has_probe(self) -> bool:
        return self.call("/pixels-probe/calls").status == 200

    @cached_property
    def own_names(self) -> list[str]:
        """What is different in every instance of the host: its data folder and its address."""
        return [str(self.call("/sdapi/v1/cmd-flags").body["data_dir"]), self.address]

    @cached_property
    def samplers(self) -> list[str]:
        return [each["name"] for each in self.call("/sdapi/v1/samplers").body]

    @cached_property
    def schedulers(self) -> list[str]:
        return [each["label"] for each in self.call("/sdapi/v1/schedulers").body]

    @cached_property
    def our_axes(self) -> list[str]:
        return [label for label in self.axes if label.startswith(AXIS)]

    def script_args(self, name: str, **values: Any) -> list[Any]:
        """The arguments of a dropdown script: its own defaults, but for the `values` whose labels begin so."""
        scripts = self.call("/sdapi/v1/script-info").body
        (found,) = [each for each in scripts if each["name"] == name and each["is_img2img"] and not each["is_alwayson"]]
        args = [argument["value"] for argument in found["args"]]
        for start, value in values.items():
            labels = [str(argument["label"]).replace(" ", "_").lower() for argument in found["args"]]
            args[next(i for i, label in enumerate(labels) if label.startswith(start))] = value
        return args

    def has_script(self, name: str) -> bool:
        return name in self.call("/sdapi/v1/scripts").body["img2img"]

    @cached_property
    def page(self) -> list[dict[str, Any]]:
        """The components of the page; none under --nowebui."""
        answer = self.call("/config")
        return answer.body["components"] if answer.status == 200 else []

    @cached_property
    def usual_settings(self) -> dict[str, Any]:
        """The settings that tests change, as they are. The hosts do not take back what one request overrides when the
        setting was never saved, so every request overrides them."""
        options = self.call("/sdapi/v1/options").body
        chosen = {"sd_model_checkpoint": self.checkpoint} if self.checkpoint else {}
        return {**{name: options[name] for name in VARIED_SETTINGS if name in options}, **chosen}

    @cached_property
    def axes(self) -> list[str]:
        """The X/Y/Z axes of img2img in the order in which their numbers count."""
        lists = [list(_choices(component)) for component in self.page if _label(component) == "X type"]
        return max(lists, key=lambda labels: sum(label.startswith(AXIS) for label in labels), default=[])


def _label(component: dict[str, Any]) -> str:
    return str(component.get("props", {}).get("label"))


def _choices(component: dict[str, Any]) -> Iterator[str]:
    for choice in component["props"].get("choices") or []:
        yield choice if isinstance(choice, str) else choice[0]  # gradio 4 gives pairs of label and value
