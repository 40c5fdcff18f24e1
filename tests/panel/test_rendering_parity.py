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
from playwright.sync_api import BrowserContext, Error, Page

from panel.page import ROOT
from pixels_ext.edit.prepare import composite, pixel_release_map, prepare_exemplar
from pixels_ext.errors import RequestError
from pixels_ext.maps import MapProviders
from pixels_ext.request import from_json, json_schema

STEPS = 20
SIZES = {"a": (331, 287), "b": (64, 90), "cut-out": (150, 120), "m": (200, 150), "small": (78, 58), "large": (404, 301)}
LINEAR, RADIAL = {"type": "linear", "start_y": 0.2}, {"type": "radial", "inner": 0.3, "center_x": 0.4}
REQUESTS: dict[str, dict[str, Any]] = {
    "no settings": {"exemplars": [{"image": "a", "edit_map": "m"}]},
    "quarter rotation": {
        "exemplars": [
            {
                "image": "b",
                "edit_map": "small",
                "placement": {"fit": "contain", "x": 0.3, "y": 0.61, "scale": 0.7, "rotation": 90, "flip": True},
            }
        ]
    },
    "half rotation, partly outside": {
        "exemplars": [{"image": "a", "edit_map": RADIAL, "placement": {"rotation": -180, "x": 0, "y": 0.9}}]
    },
    "three quarters, stretched": {
        "exemplars": [{"image": "a", "edit_map": LINEAR, "placement": {"fit": "stretch", "rotation": 270}}]
    },
    "rotated and shaped": {
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
                "edit_map": {"type": "linear", "start_x": 0.6, "end_x": 1},
                "placement": {"fit": "original", "scale": 0.8},
            }
        ]
    },
    "two, two maps": {
        "threshold": "cubic",
        "exemplars": [
            {"image": "b", "edit_map": LINEAR, "placement": {"rotation": -20, "fit": "original"}, "threshold": "log"},
            {"image": "a", "edit_map": RADIAL, "second_map": "small", "combine": "soft_union"},
        ],
    },
    "every shaping": {
        "white_means": "exemplar",
        "exemplars": [
            {
                "image": "a",
                "edit_map": RADIAL,
                "shaping": {"invert": True, "gamma": 1.7, "black_point": 0.1, "white_point": 0.8, "blur": 3},
            },
            {"image": "b", "edit_map": "large", "threshold": "sigmoid", "shaping": {"grow": -6, "blur": 23}},
            {"image": "b", "edit_map": RADIAL, "threshold": "quadratic", "shaping": {"limit": 0.7}},
        ],
    },
    "transparency as the map": {
        "exemplars": [{"image": "a", "edit_map": {"type": "image", "image": "cut-out", "channel": "alpha"}}]
    },
    "kept, hard": {"exemplars": [{"image": "cut-out", "edit_map": "split", "hold": 0.8, "seam_width": 9.7}]},
    "kept, without a seam": {"exemplars": [{"image": "a", "edit_map": LINEAR, "hold": 1, "seam_width": 0}]},
    "placed up to gray and kept": {
        "threshold": "quadratic",
        "exemplars": [{"image": "b", "edit_map": LINEAR, "hold": 1, "lay_up_to": 0.45, "seam_width": 20}],
    },
    "placed up to a gray of the map": {"exemplars": [{"image": "b", "edit_map": "gray", "lay_up_to": 0.4}]},
    "just above a gray of the map": {
        "exemplars": [{"image": "a", "edit_map": "split"}, {"image": "b", "edit_map": "gray", "lay_up_to": 0.39}]
    },
    "several, each in its own way": {
        "exemplars": [
            {"image": "a", "edit_map": RADIAL, "hold": 0.9, "lay_up_to": 0.6, "shaping": {"limit": 0.85}},
            {"image": "b", "edit_map": "split", "hold": 1, "seam_width": 12, "threshold": "cubic"},
            {
                "image": "cut-out",
                "edit_map": LINEAR,
                "second_map": "small",
                "combine": "soft_union",
                "second_shaping": {"limit": 0.6},
                "hold": 0.5,
                "threshold": "sigmoid",
            },
        ],
    },
    "limits of two maps": {
        "exemplars": [
            {
                "image": "a",
                "edit_map": "split",
                "shaping": {"limit": 0.7},
                "second_map": RADIAL,
                "second_shaping": {"limit": 0.3, "black_point": 0.4},
                "combine": "union",
                "threshold": "log",
            }
        ]
    },
    "a plain paste": {"exemplars": [{"image": "a", "edit_map": RADIAL, "shaping": {"limit": 0, "black_point": 0.5}}]},
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
def images() -> dict[str, Image.Image]:
    rng = np.random.default_rng(4)

    def smooth(size: tuple[int, int], mode: str, knots: int = 6) -> Image.Image:
        pixels = rng.integers(0, 255, (knots, knots, len(mode)), np.uint8)
        return Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)

    def contrast(image: Image.Image) -> Image.Image:
        return image.convert("L").point(lambda value: (value - 100) * 3)

    made = {name: smooth(size, "RGB") for name, size in SIZES.items()}
    cut_out = smooth(SIZES["cut-out"], "RGB")
    cut_out.putalpha(contrast(smooth(SIZES["cut-out"], "RGB")))
    made |= {name: contrast(made[name]) for name in ("m", "small", "large")}
    split = Image.new("L", (200, 150), 255)
    split.paste(0, (60, 40, 140, 110))
    split.paste(0, (150, 0, 200, 70))
    more = {"cut-out": cut_out, "split": split, "gray": Image.new("L", (40, 30), 102)}
    return made | {"source": smooth((200, 150), "RGB"), **more}


def hand_over(page: Page, images: dict[str, Image.Image]) -> None:
    """Make `window.render(request, source, steps)`, which knows these images by their names."""
    plain = {
        name: {"width": p.width, "height": p.height, "bytes": base64.b64encode(p.convert("RGBA").tobytes()).decode()}
        for name, p in images.items()
    }
    page.evaluate(
        """async ([plain, schema]) => {
            const {renderEdit} = await import('./render.mjs?1');
            const {withDefaults} = await import('../schema.mjs?1');
            const bytes = text => Uint8ClampedArray.from(atob(text), letter => letter.charCodeAt(0));
            const image = name => ({...plain[name], data: bytes(plain[name].bytes)});
            const letters = data => Array.from(new Uint8Array(data.buffer), code => String.fromCharCode(code));
            const text = data => btoa(letters(data).join(''));
            window.render = (request, source, steps) => {
                const made = renderEdit(withDefaults(request, schema), image(source), image, steps);
                return {pixels: text(made.pixels), release: text(made.release)};
            };
        }""",
        [plain, json_schema()],
    )


def in_the_browser(page: Page, data: dict[str, Any], source: str, size: tuple[int, int]) -> tuple[Any, Any]:
    """Pixels `[H, W, 3]` and release times `[H, W]` as the studio has them."""
    made = page.evaluate("([request, source, steps]) => window.render(request, source, steps)", [data, source, STEPS])
    shape = size[::-1]
    pixels = np.frombuffer(base64.b64decode(made["pixels"]), np.uint8).reshape(*shape, 4)[..., :3].astype(int)
    return pixels, np.frombuffer(base64.b64decode(made["release"]), np.float32).reshape(shape)


def in_python(data: dict[str, Any], source: Image.Image, images: dict[str, Image.Image]) -> tuple[Any, Any]:
    """The same as an edit has them. Raises `RequestError`."""
    request = from_json(json.loads(json.dumps(data)), images.__getitem__)
    exemplars = [prepare_exemplar(request, i, source, source, MapProviders()) for i in range(len(request.exemplars))]
    return np.asarray(composite(source, exemplars, STEPS)).astype(int), pixel_release_map(exemplars, STEPS)


def test_composite_and_release_match_python(page: Page, images: dict[str, Image.Image]) -> None:
    hand_over(page, images)
    source = images["source"]
    for name, data in REQUESTS.items():
        pixels, release = in_the_browser(page, data, "source", source.size)
        wanted, times = in_python(data, source, images)
        assert np.abs(release - times).max() <= 0.01, name
        assert np.abs(pixels - wanted).max() <= 2, name
        assert (times < 1).mean() > 0.02 or name == "a plain paste", f"{name} must show something"
        assert (wanted != np.asarray(source)).any(), f"{name} must show something"


def one(edit_map: Any, **fields: Any) -> dict[str, Any]:
    return {"exemplars": [{"image": "a", "edit_map": edit_map, **fields}]}


def line(*points: float) -> dict[str, Any]:
    return {"type": "linear", **dict(zip(("start_x", "start_y", "end_x", "end_y"), points, strict=True))}


def circle(inner: float, outer: float, x: float = 0.5, y: float = 0.5) -> dict[str, Any]:
    return {"type": "radial", "inner": inner, "outer": outer, "center_x": x, "center_y": y}


SPLIT = {"type": "image", "image": "split"}
AT_THE_LIMITS: dict[str, dict[str, Any]] = {
    "a line without length, nearly": one(line(0.5, 0, 0.5, 1e-30)),
    "a line whose square is nothing": one(line(0, 0.5, 1e-200, 0.5)),
    "the shortest line": one(line(0.5, 0.5, 0.5 + 2**-53, 0.5)),
    "a line through a pixel's center": one(line(0.5025, 0.5, 0.5025 + 1e-12, 0.5)),
    "a line that goes back": one(line(0.6, 0.5, 0.6 - 1e-9, 0.5)),
    "a line outside": one(line(2.9, 3, 3, 3)),
    "the longest line": one(line(-2, -2, 3, 3)),
    "a circle without fade, nearly": one(circle(0.3, 0.3 + 1e-12)),
    "a point": one(circle(0, 1e-300)),
    "a point in a corner": one(circle(0, 1e-20, 0, 0)),
    "a circle through pixels' centers": one(circle(0.33, 0.33 + 1e-9, 0.5025, 0.5033333333)),
    "the largest circle": one(circle(2.99, 3)),
    "a circle elsewhere": one(circle(0, 3, 3, -2)),
    "points that are one": one(SPLIT, shaping={"black_point": 0.5, "white_point": 0.5 + 2**-30}),
    "points that are one, below the map": one("gray", shaping={"black_point": 0.39, "white_point": 0.39 + 1e-9}),
    "a line just next to a pixel's center": one(line(0.5024975, 0.5, 0.5024975 + 1e-12, 0.5)),
    "a circle just next to pixels' centers": one(circle(0.00471071187, 0.00471071187 + 1e-12)),
    "points at black": one("gray", shaping={"black_point": 0, "white_point": 1e-45}),
    "points at white": one(SPLIT, shaping={"black_point": 1 - 1e-12, "white_point": 1}),
    "points of a gradient": one(line(0, 0, 1, 0), shaping={"black_point": 0.25, "white_point": 0.2500001}),
    "the least gamma": one(line(0, 0, 1, 0), shaping={"gamma": 0.1}),
    "the most gamma": one(line(0, 0, 1, 0), shaping={"gamma": 10}),
    "no change": one(SPLIT, shaping={"limit": 0}),
    "most growth": one(SPLIT, shaping={"grow": 25}),
    "least growth": one(SPLIT, shaping={"grow": -25}),
    "most blur": one(SPLIT, shaping={"blur": 25}),
    "least blur": one(SPLIT, shaping={"blur": 1e-9}),
    "everything at once": one(SPLIT, shaping={"invert": True, "grow": 25, "blur": 25, "gamma": 10, "limit": 0.01}),
    "held to the end": one(SPLIT, hold=1, seam_width=50),
    "held by a hair": one(SPLIT, hold=1e-9, seam_width=1e-9, lay_up_to=1e-12),
    "placed nearly everywhere": one(line(0, 0, 1, 0), hold=1, lay_up_to=0.9, seam_width=0.5),
    "held under nothing but black": one("dot", shaping={"black_point": 0.9}, hold=1),
    "a map of one pixel": one("dot"),
    "a map of one row": one("row"),
    "a map by alpha, of one pixel": one({"type": "image", "image": "dot", "channel": "alpha"}),
    "a map that is transparent all over": one("nothing"),
    "two maps": one(line(0.5, 0, 0.5, 1e-30), second_map=circle(0, 1e-300), combine="soft_intersect"),
    "two maps of nothing": one("nothing", second_map="dot", combine="soft_union"),
    **{f"threshold {name}": one(SPLIT) | {"threshold": name} for name in ("log", "cubic", "quadratic", "sigmoid")},
}
REFUSED: dict[str, dict[str, Any]] = {
    "a line without length": one(line(0.5, 0.5, 0.5, 0.5)),
    "a circle without fade": one(circle(0.5, 0.5)),
    "a circle inside out": one(circle(0.5, 0.4)),
    "a point without extent": one(circle(0, 0)),
    "a second map without length": one(SPLIT, second_map=line(0, 0, 0, 0)),
    "points that are one": one(SPLIT, shaping={"black_point": 0.5, "white_point": 0.5}),
    "points that have crossed": one(SPLIT, shaping={"black_point": 0.6, "white_point": 0.5}),
    "second points that are one": one(SPLIT, second_map=SPLIT, second_shaping={"black_point": 1, "white_point": 1}),
}


@pytest.fixture(scope="module")
def odd_images(page: Page, images: dict[str, Image.Image]) -> dict[str, Image.Image]:
    split = Image.new("L", (200, 150), 255)
    split.paste(0, (60, 40, 140, 110))
    odd = {
        "split": split,
        "gray": Image.new("L", (40, 30), 102),
        "dot": Image.new("RGBA", (1, 1), (90, 90, 90, 128)),
        "row": Image.fromarray(np.linspace(0, 255, 64).astype(np.uint8)[None]),
        "nothing": Image.new("RGBA", (4, 3)),
    }
    sources = {f"{w}x{h}": images["source"].resize((w, h)) for w, h in ((200, 150), (65, 65), (7, 90), (1, 1))}
    everything = images | odd | sources
    hand_over(page, everything)
    return everything


@pytest.mark.parametrize("name", AT_THE_LIMITS)
@pytest.mark.parametrize("size", ["200x150", "65x65", "7x90", "1x1"])
def test_maps_at_the_limits_of_their_fields_match_python(
    page: Page, odd_images: dict[str, Image.Image], name: str, size: str
) -> None:
    data, source = AT_THE_LIMITS[name], odd_images[size]
    pixels, release = in_the_browser(page, data, size, source.size)
    with np.errstate(over="ignore", under="ignore"):
        wanted, times = in_python(data, source, odd_images)
    assert np.isfinite(release).all()
    assert np.abs(release - times).max() <= 2 / 255
    assert np.abs(pixels - wanted).max() <= 2


@pytest.mark.parametrize("name", REFUSED)
def test_the_studio_refuses_what_python_refuses(page: Page, odd_images: dict[str, Image.Image], name: str) -> None:
    with pytest.raises(RequestError):
        in_python(REFUSED[name], odd_images["65x65"], odd_images)
    with pytest.raises(Error, match=r"the gradient has no length|must be above"):
        in_the_browser(page, REFUSED[name], "65x65", (65, 65))
