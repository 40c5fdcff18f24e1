"""Malformed input: requests that must be refused in one sentence, and unusual images that must not be.

The same tables run against the fake WebUI (`tests/webui/test_malformed_requests.py`) and against a running WebUI
(`real_host/test_malformed_requests.py`). Rows for single fields are made from the table of fields, so a new field has
its rows.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from fake_webui.images import smooth
from helpers.base64_images import as_text
from PIL import Image

from pixels_ext.fields import (
    Boolean,
    Choice,
    Field,
    Group,
    GroupList,
    ImageField,
    ImageOrMapSpec,
    Integer,
    Number,
    Text,
    fields_of,
)
from pixels_ext.request.edit_request import EditRequest

Row = tuple[str, Any, str]
"""Name of the case, what is sent, and how the sentence begins after "PIXELS: "."""
SIDE = 64


@cache
def good_text() -> str:
    """A good request with one exemplar and two maps, as JSON."""
    grays = as_text(Image.linear_gradient("L").point(lambda gray: max(0, 2 * gray - 255)))
    return json.dumps({"exemplars": [{"image": as_text(smooth(10)), "edit_map": grays, "second_map": grays}]})


def good() -> dict[str, Any]:
    return json.loads(good_text())


def with_value(path: str, value: Any) -> dict[str, Any]:
    """The good request with the field at `path` (as sentences write it) set to `value`."""
    request = good()
    *above, last = path.replace("[", ".").replace("]", "").split(".")
    owner: Any = request
    for name in above:
        owner = owner[int(name)] if name.isdigit() else owner.setdefault(name, {})
    owner[last] = value
    return request


def without(path: str) -> dict[str, Any]:
    """The good request without the exemplar's field `path`."""
    request = good()
    del request["exemplars"][0][path]
    return request


def request_rows() -> Iterator[Row]:
    """What is no request, or none that makes sense as a whole."""
    yield "no JSON", "{exemplars", "script_args[0]: not JSON"
    yield "a list", [good()], "script_args[0]: [{"
    yield "the text of a list", json.dumps([good()]), "script_args[0]: [{"
    yield "a text twice over", json.dumps(json.dumps(good())), "script_args[0]: '{"
    yield "no exemplar at all", {"keep_white": True}, "exemplars: missing"
    yield "exemplars under another name", {"exemplar": good()["exemplars"]}, "exemplar: an unknown field"
    yield "an exemplar alone", good()["exemplars"][0], "image: an unknown field"
    yield "no exemplars", {"exemplars": []}, "exemplars: 0 entries"
    yield "exemplars by name", {"exemplars": {"0": {}}}, "exemplars: {"
    yield "33 exemplars", {"exemplars": [{}] * 33}, "exemplars: 33 entries"
    yield "40 whole exemplars", {"exemplars": good()["exemplars"] * 40}, "exemplars: 40 entries"
    yield "an exemplar as text", {"exemplars": ["x"]}, "exemplars[0]: 'x'"
    yield "an exemplar that is null", {"exemplars": [None]}, "exemplars[0]: None"
    yield "an unknown field", {**good(), "strength": 1}, "strength: an unknown field"
    yield "a field of another time", {**good(), "version": "0.1", "maps": []}, "version: an unknown field"
    yield (
        "an unknown field of an exemplar",
        with_value("exemplars[0].mask", 1),
        "exemplars[0].mask: an unknown field",
    )
    yield (
        "an unknown field below",
        with_value("exemplars[0].shaping.blurr", 1),
        "exemplars[0].shaping.blurr: an unkn",
    )
    yield "no image", without("image"), "exemplars[0].image: missing"
    yield "no map", without("edit_map"), "exemplars[0].edit_map: missing"
    second = {"exemplars": [*good()["exemplars"], {"image": as_text(smooth(10))}]}
    yield "no second map of two", second, "exemplars[1].edit_map: missing"
    crossed = {"black_point": 0.9, "white_point": 0.2}
    yield "points crossed", with_value("exemplars[0].shaping", crossed), "exemplars[0].shaping.white_point: 0.2"
    made = "exemplars[0].edit_map"
    yield "an unknown map type", with_value(made, {"type": "magic"}), f"{made}.type: 'magic'"
    yield "no map type", with_value(made, {}), f"{made}.type: missing"
    yield "a map type that is null", with_value(made, {"type": None}), f"{made}.type: None"
    yield (
        "an unknown field of a map type",
        with_value(made, {"type": "linear", "angle": 3}),
        f"{made}.angle: an unknown",
    )
    yield "no prompt", with_value(made, {"type": "text"}), f"{made}.prompt: missing"
    yield "a very long prompt", with_value(made, {"type": "text", "prompt": "a " * 200_000}), f"{made}.prompt: "


def foreign_rows() -> Iterator[Row]:
    """What nobody can take for a request of ours: refused where PIXELS is chosen, and else nothing to us."""
    yield "JSON without end", "[" * 100_000, "script_args[0]: not JSON"
    yield "a very long text", "x" * 3_000_000, "script_args[0]: not JSON"
    yield "a sampler", "Euler a", "script_args[0]: not JSON"
    yield "a number", 4, "script_args[0]: 4"
    yield "a fraction", 0.5, "script_args[0]: 0.5"
    yield "true", True, "script_args[0]: True"
    yield "false", False, "script_args[0]: False"
    yield "an empty list", [], "script_args[0]: []"
    yield "a list of something", [1, "a", None], "script_args[0]: [1"
    yield "a JSON list", "[1, 2]", "script_args[0]: [1, 2]"
    yield "an empty object", {}, "exemplars: missing"
    yield "the text of one", "{}", "exemplars: missing"
    yield "another extension's object", {"enabled": True, "mode": "x", "weight": 1.0}, "enabled: an unknown field"
    yield "a text that speaks of us", json.dumps({"prompt": "two exemplars"}), "prompt: an unknown field"


def image_rows() -> Iterator[Row]:
    """What is no image, or none that can be used."""
    image, edit_map = "exemplars[0].image", "exemplars[0].edit_map"
    for name, text in {
        "an empty image text": "",
        "no base64": "%%%",
        "base64 of no image": base64.b64encode(b"no image at all").decode(),
        "half a data URL": "data:image/png",
        "a data URL without base64": "data:image/png;base64",
        "a data URL of text": "data:text/html;base64,PGI+",
        "markup": "<img src=x onerror=alert(1)>",
        "a truncated image": as_text(smooth(10))[: len(as_text(smooth(10))) // 2],
        "a truncated JPEG": as_text(smooth(10, (200, 200)), "JPEG")[:600],
        "a vector image": base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"/>').decode(),
        "a path": "/etc/passwd",
        "a path of Windows": "C:\\Users\\me\\secret.png",
        "an address of a file": "file:///etc/passwd",
        "an address on this machine": "http://127.0.0.1:1/a.png",
        "an address in this network": "https://10.0.0.1/a.png",
        "an address of link-local metadata": "http://169.254.169.254/latest/meta-data",
        "a hash alone": "sha256:0123456789ab",
        "a hash with a path": "sha256:../../../etc/passwd",
    }.items():
        yield name, with_value(image, text), f"{image}: "
        yield f"{name} for a map", with_value(edit_map, text), f"{edit_map}: "
    yield "a bomb", with_value(image, bomb(60_000)), f"{image}: "  # how large, where Pillow has no limit of its own
    yield "a smaller bomb", with_value(image, bomb(12_000)), f"{image}: 12000x12000 (expected at most 100 megapixels"
    yield "a bomb for a map", with_value(edit_map, bomb(12_000)), f"{edit_map}: 12000x12000"
    frames = [smooth(seed) for seed in range(3)]
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        moving = as_text(frames[0], kind, save_all=True, append_images=frames[1:])
        yield f"a moving {kind}", with_value(image, moving), f"{image}: 3 frames"
    yield "a map of another aspect", with_value(edit_map, as_text(Image.new("L", (64, 48)))), f"{edit_map}: 64x48"
    yield "a map of 1 x 4000", with_value(edit_map, as_text(Image.new("L", (1, 4000)))), f"{edit_map}: 1x4000"
    outside = as_text(Image.new("F", (SIDE, SIDE), 7.0), "TIFF")
    yield "a map outside of 0 to 1", with_value(edit_map, outside), f"{edit_map}: a float image"
    none = as_text(Image.new("F", (SIDE, SIDE), float("nan")), "TIFF")
    yield "a map with NaN", with_value(edit_map, none), f"{edit_map}: a float image"


def bomb(side: int) -> str:
    """A PNG of a few hundred bytes that says it has `side` squared pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + data).decode("ascii")


def field_rows() -> Iterator[Row]:
    """Every field of the table with values of which none is right."""
    for path, field, map_type in _fields(EditRequest, ""):
        for name, value in _wrong(field):
            if map_type:
                above, _, last = path.rpartition(".")
                yield (
                    f"{path} of {map_type}: {name}",
                    with_value(above, {**_generated_map(map_type), last: value}),
                    f"{path}: ",
                )
            else:
                yield f"{path}: {name}", with_value(path, value), f"{path}: "


def _fields(model: type, above: str) -> Iterator[tuple[str, Field, str]]:
    """Path and declaration of every field, and for those of generated maps the map type."""
    for name, field in fields_of(model):
        path = f"{above}.{name}" if above else name
        yield path, field, ""
        if isinstance(field, Group):
            yield from _fields(field.model, path)
        elif isinstance(field, GroupList):
            yield from _fields(field.model, f"{path}[0]")
        elif isinstance(field, ImageOrMapSpec) and not field.optional:
            for map_type, spec in field.by_type.items():
                yield from ((f"{path}.{inner}", declared, map_type) for inner, declared in fields_of(spec))


def _generated_map(map_type: str) -> dict[str, Any]:
    """A map of this type, with its required fields."""
    image = {"image": as_text(smooth(10))}
    return {"type": map_type, **{"text": {"prompt": "sky"}, "image": image, "shape": image}.get(map_type, {})}


def _wrong(field: Field) -> Iterator[tuple[str, Any]]:
    optional = isinstance(field, Choice | ImageField) and field.optional
    if not optional:
        yield "null", None
    if not isinstance(field, GroupList):
        yield "a list", [[]]
    if not isinstance(field, ImageOrMapSpec | Group):
        yield "an object", {"a": 1}
    if isinstance(field, Choice):
        yield "a word that is no choice", "nosuchword"
        yield "a number", 1
    elif isinstance(field, Number):
        yield "a word", "1"
        yield "true", True
        yield "too small", field.minimum - 1
        yield "huge", 10**400 if isinstance(field, Integer) else 1e308
        yield "infinite", float("inf")
        yield "not a number", float("nan")
    elif isinstance(field, Boolean):
        yield "a word", "yes"
        yield "a number", 1
    elif isinstance(field, Text):
        yield "a number", 3
    elif isinstance(field, ImageField):
        yield "a number", 3
        yield "true", True
    elif isinstance(field, Group):
        yield "a word", "x"
        yield "a number", 3


def rows() -> list[Row]:
    """Refused by every entry point."""
    return [*request_rows(), *image_rows(), *field_rows()]


@cache
def odd_images() -> dict[str, str]:
    """Images as base64 that are strange, and good: each is an exemplar, and the square ones are maps too."""
    image = smooth(10, (96, 96))
    alpha = image.convert("RGBA")
    alpha.putalpha(image.convert("L"))
    sixteen = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    rotated = Image.Exif()
    rotated[0x0112] = 6
    landscape = smooth(10, (96, 64))
    return {
        "CMYK": as_text(image.convert("CMYK"), "JPEG"),
        "16-bit": as_text(sixteen),
        "one bit": as_text(image.convert("1")),
        "palette": as_text(image.quantize(16)),
        "palette with transparency": as_text(alpha.quantize(16), transparency=0),
        "gray with transparency": as_text(alpha.convert("LA")),
        "RGBA": as_text(alpha),
        "WebP": as_text(image, "WEBP"),
        "GIF": as_text(image, "GIF"),
        "BMP": as_text(image, "BMP"),
        "phone photo, two images in one file": as_text(image, "MPO", save_all=True, append_images=[landscape]),
        "rotated by EXIF": as_text(landscape, "JPEG", exif=rotated),
        "1 x 1": as_text(smooth(10, (1, 1))),
        "1 x 4000": as_text(smooth(10, (1, 4000))),
        "8000 x 8000": as_text(Image.new("RGB", (8000, 8000), (200, 90, 40))),
    }
