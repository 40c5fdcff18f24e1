"""The studio's arithmetic in the browser gives the pixels that Python's gives."""

from __future__ import annotations

import base64
import functools
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page

from panel.page import ROOT
from pixels_ext.maps import Means
from pixels_ext.preparing import combined_release, composite, prepared
from pixels_ext.request import from_json, json_schema

STEPS = 20
SIZES = {"a": (331, 287), "b": (64, 90), "cut-out": (150, 120), "m": (200, 150), "small": (78, 58), "large": (404, 301)}
LINEAR, RADIAL = {"source": "linear", "start_y": 0.2}, {"source": "radial", "inner": 0.3, "center_x": 0.4}
REQUESTS: dict[str, dict[str, Any]] = {
    "as it comes": {"exemplars": [{"image": "a", "edit_map": "m"}]},
    "quarter turn": {
        "exemplars": [
            {
                "image": "b",
                "edit_map": "small",
                "placement": {"fit": "contain", "x": 0.3, "y": 0.61, "scale": 0.7, "rotation": 90, "flip": True},
            }
        ]
    },
    "half turn, partly outside": {
        "exemplars": [{"image": "a", "edit_map": RADIAL, "placement": {"rotation": -180, "x": 0, "y": 0.9}}]
    },
    "three quarters, stretched": {
        "exemplars": [{"image": "a", "edit_map": LINEAR, "placement": {"fit": "stretch", "rotation": 270}}]
    },
    "turned and shaped": {
        "exemplars": [
            {
                "image": "a",
                "edit_map": "large",
                "placement": {"rotation": 33.3, "scale": 0.4},
                "shaping": {"blur": 1.5, "grow": 4},
            }
        ]
    },
    "cut-out": {
        "exemplars": [
            {
                "image": "cut-out",
                "edit_map": {"source": "linear", "start_x": 0.6, "end_x": 1},
                "placement": {"fit": "original", "scale": 0.8},
            }
        ]
    },
    "two, two maps": {
        "threshold": "cubic",
        "exemplars": [
            {"image": "b", "edit_map": LINEAR, "placement": {"rotation": -20, "fit": "original"}, "threshold": "log"},
            {"image": "a", "edit_map": RADIAL, "second_map": "small", "combine": "product"},
        ],
    },
    "every shaping": {
        "white_means": "edit",
        "exemplars": [
            {
                "image": "a",
                "edit_map": RADIAL,
                "shaping": {"invert": True, "gamma": 1.7, "black_point": 0.1, "white_point": 0.8, "blur": 3},
            },
            {"image": "b", "edit_map": "large", "threshold": "sigmoid", "shaping": {"grow": -6, "blur": 23}},
            {"image": "b", "edit_map": RADIAL, "threshold": "quadratic", "shaping": {"strength": 0.7}},
        ],
    },
    "transparency as the map": {
        "exemplars": [{"image": "a", "edit_map": {"source": "picture", "image": "cut-out", "channel": "alpha"}}]
    },
}


@pytest.fixture(scope="module")
def page(context: BrowserContext) -> Iterator[Page]:
    """An empty page that may import our modules."""
    handler = functools.partial(QuietHandler, directory=str(ROOT / "javascript"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/pixels/engine/")
        yield page
        page.close()
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves modules as such, without a log."""

    extensions_map: ClassVar = {".mjs": "text/javascript", "": "text/plain"}

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def pictures() -> dict[str, Image.Image]:
    rng = np.random.default_rng(4)

    def smooth(size: tuple[int, int], mode: str, knots: int = 6) -> Image.Image:
        pixels = rng.integers(0, 255, (knots, knots, len(mode)), np.uint8)
        return Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)

    def contrast(picture: Image.Image) -> Image.Image:
        return picture.convert("L").point(lambda value: (value - 100) * 3)

    made = {name: smooth(size, "RGB") for name, size in SIZES.items()}
    cut_out = smooth(SIZES["cut-out"], "RGB")
    cut_out.putalpha(contrast(smooth(SIZES["cut-out"], "RGB")))
    made |= {name: contrast(made[name]) for name in ("m", "small", "large")}
    return made | {"source": smooth((200, 150), "RGB"), "cut-out": cut_out}


def test_composite_and_release_are_python_s(page: Page, pictures: dict[str, Image.Image]) -> None:
    plain = {
        name: {"width": p.width, "height": p.height, "bytes": base64.b64encode(p.convert("RGBA").tobytes()).decode()}
        for name, p in pictures.items()
    }
    page.evaluate(
        """async ([plain, schema]) => {
            const {rendered} = await import('./render.mjs?1');
            const {complete} = await import('../schema.mjs?1');
            const bytes = text => Uint8ClampedArray.from(atob(text), letter => letter.charCodeAt(0));
            const picture = name => ({...plain[name], data: bytes(plain[name].bytes)});
            const letters = data => Array.from(new Uint8Array(data.buffer), code => String.fromCharCode(code));
            const text = data => btoa(letters(data).join(''));
            window.render = (request, steps) => {
                const made = rendered(complete(request, schema), picture('source'), picture, steps);
                return {pixels: text(made.pixels), release: text(made.release)};
            };
        }""",
        [plain, json_schema()],
    )
    source = pictures["source"]
    for name, data in REQUESTS.items():
        made = page.evaluate("([request, steps]) => window.render(request, steps)", [data, STEPS])
        shape = source.height, source.width
        pixels = np.frombuffer(base64.b64decode(made["pixels"]), np.uint8).reshape(*shape, 4)[..., :3].astype(int)
        release = np.frombuffer(base64.b64decode(made["release"]), np.float32).reshape(shape)
        request = from_json(json.loads(json.dumps(data)), pictures.__getitem__)
        exemplars = [prepared(request, i, source, source, Means()) for i in range(len(request.exemplars))]
        wanted = np.asarray(composite(source, exemplars, STEPS)).astype(int)
        times = combined_release(exemplars, STEPS)
        assert np.abs(release - times).max() <= 0.01, name
        assert np.abs(pixels - wanted).max() <= 2, name
        assert (times < 1).mean() > 0.02, f"{name} must show something"
        assert (wanted != np.asarray(source)).any(), f"{name} must show something"
