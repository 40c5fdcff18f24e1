"""Requests that have nothing to do with PIXELS, made from the description of a WebUI's own API.

`/openapi.json` names the routes, the fields of their bodies and the types of the fields; `/sdapi/v1/script-info` the
scripts and their arguments; `/sdapi/v1/options` the settings. A WebUI with more of them gets more requests. Written by
hand are only the texts for `infotext`, which no schema describes, and the fields that keep a generation small.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from helpers.base64_images import as_text

from .webui_client import WebUI, left_to_right, sample_image

SIDE = 64
GENERATIONS = ("/sdapi/v1/txt2img", "/sdapi/v1/img2img")
NOT_SENT = ("train", "create", "server-")
"""Routes under /sdapi/v1 that end the host, or write for minutes."""
FIELDS_AT_ONCE, SETTINGS_AT_ONCE = 4, 6
IMAGE, MASK = as_text(sample_image(1, (SIDE, SIDE))), as_text(left_to_right((SIDE, SIDE)))
IMAGES = {"image": IMAGE, "data": IMAGE, "mask": MASK, "firstpass_image": IMAGE}
LISTS = {"sampler": "samplers", "scheduler": "schedulers"}

GENERATION = {
    "prompt": "a",
    "steps": 2,
    "seed": 5,
    "subseed": 6,
    "width": SIDE,
    "height": SIDE,
    "cfg_scale": 3,
    "sampler_name": "Euler",
}
PARAMETERS = "Steps: 2, Sampler: Euler, CFG scale: 3, Seed: 5, Size: 64x64"
INFOTEXTS = (
    "",
    "\n\n",
    "snow",
    f"snow\n{PARAMETERS}",
    f"snow\nNegative prompt: rain\n{PARAMETERS}",
    f"snow\n{PARAMETERS}, Denoising strength: 0.4, Clip skip: 2, ENSD: 31337",
    f'snow\n{PARAMETERS}, Script: X/Y/Z plot, X Type: Steps, X Values: "1,2"',
    f"snow\n{PARAMETERS}, Script: Loopback",
    f"snow\n{PARAMETERS}, Script: None",
    f"snow\n{PARAMETERS}, Script: no such script",
    f"snow\n{PARAMETERS}, Script: 3",
    f"snow\n{PARAMETERS}, Denoising strength: much, Mask blur: soft",
    f"snow\n{PARAMETERS}, Model: no such model, Model hash: 0000000000, VAE: no such file",
    f"snow\n{PARAMETERS}, Refiner: no such model, Refiner switch at: 0.5",
    f"snow\n{PARAMETERS}, Variation seed: 3, Variation seed strength: 0.5, Seed resize from: 32x32",
    f"snow\n{PARAMETERS}, Hires upscale: 2, Hires steps: 2, Hires upscaler: Latent",
    f'snow\n{PARAMETERS}, Something else: "[1, 2]", Soft inpainting enabled: True, Token merging ratio: 0.5',
    f"snow \u96ea \U0001f328\ufe0f \u202e\n{PARAMETERS}",
    f"(snow:1.5) [rain] <lora:none:1> BREAK AND\n{PARAMETERS}",
    "Steps: 2.5, Sampler: no such sampler, CFG scale: nan, Seed: x, Size: 64x",
    "Steps: -1, Seed: 5, Size: 0x0",
    '{"json": true}',
    "snow " * 20_000,
)


@dataclass(frozen=True)
class PlainRequest:
    """What is sent: a POST of `body`, or a GET where it is None."""

    name: str
    path: str
    body: dict[str, Any] | None


def plain_requests(host: WebUI) -> list[PlainRequest]:
    """All of them, in the order in which they are sent: those that leave settings behind come last."""
    description = host.call("/openapi.json").body
    routes = {path: methods for path, methods in description["paths"].items() if _is_used(path)}
    posts = {path: _fields(description, methods["post"]) for path, methods in routes.items() if "post" in methods}
    bases = {path: _base(description, path, fields) for path, fields in posts.items()}
    found = [PlainRequest(f"get {_short(path)}", path, None) for path, methods in routes.items() if "get" in methods]
    for path, fields in posts.items():
        found.append(PlainRequest(_short(path), path, bases[path]))
        found += _of_fields(host, description, path, fields, bases[path])
    for path in GENERATIONS:
        found += _of_scripts(host, path, bases[path])
        if "infotext" in posts[path]:
            found += _of_infotexts(path, bases[path])
    return [*found, *_of_settings(host, bases[GENERATIONS[1]])]


def of_infotext(path: str, text: str, name: str) -> PlainRequest:
    """`text` and nothing else, for it to decide; it has to name a small size and few steps."""
    images = {"init_images": [IMAGE]} if path.endswith("img2img") else {}
    return PlainRequest(f"{_short(path)} infotext {name}", path, {**images, "infotext": text})


def _is_used(path: str) -> bool:
    name = path.removeprefix("/sdapi/v1/")
    return name != path and "{" not in path and not name.startswith(NOT_SENT)


def _short(path: str) -> str:
    return path.removeprefix("/sdapi/v1/")


def _fields(description: dict[str, Any], method: dict[str, Any]) -> dict[str, Any]:
    """The schemas of the fields of a route's JSON body; none where it has no body."""
    content = method.get("requestBody", {}).get("content", {})
    return _resolved(description, content.get("application/json", {}).get("schema", {})).get("properties", {})


def _resolved(description: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` itself, the one that it points to, or the first of several that is not null."""
    if "$ref" in schema:
        return description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for several in ("anyOf", "allOf"):
        for one in schema.get(several, []):
            if one.get("type") != "null":
                return _resolved(description, one)
    return schema


def _base(description: dict[str, Any], path: str, fields: dict[str, Any]) -> dict[str, Any]:
    """A small request that the route takes: its images, and what it requires."""
    small = {name: value for name, value in GENERATION.items() if path in GENERATIONS}
    images = {name: IMAGES[name] for name in fields if name in ("image", "data")}
    several = {name: [IMAGE] for name in fields if name == "init_images"}
    lists = {name: [_entry(description, schema)] for name, schema in fields.items() if name == "imageList"}
    return {**small, **images, **several, **lists}


def _entry(description: dict[str, Any], schema: dict[str, Any]) -> Any:
    """An entry of a list: an object with its fields, or a word."""
    entry = _resolved(description, schema.get("items", {}))
    return {name: IMAGES.get(name, "a") for name in entry["properties"]} if "properties" in entry else "a"


def _of_fields(
    host: WebUI, description: dict[str, Any], path: str, fields: dict[str, Any], base: dict[str, Any]
) -> Iterator[PlainRequest]:
    """Every value of every field: the usual ones of several fields at once, by a fixed seed, each odd one by itself."""
    usual: list[tuple[str, Any]] = []
    for field, schema in fields.items():
        values, odd = _values(host, field, _resolved(description, schema), description)
        usual += [(field, value) for value in values]
        for number, value in enumerate([*odd, None]):
            yield PlainRequest(f"{_short(path)} {field} odd {number}", path, {**base, field: value})
    random.Random(path).shuffle(usual)
    for few in _of_different_fields(usual):
        yield PlainRequest(f"{_short(path)} {', '.join(few)}", path, {**base, **few})


def _of_different_fields(values: list[tuple[str, Any]]) -> Iterator[dict[str, Any]]:
    """The values in groups in which no field comes twice."""
    left = values
    while left:
        few: dict[str, Any] = {}
        later = []
        for field, value in left:
            if field in few or len(few) == FIELDS_AT_ONCE:
                later.append((field, value))
            else:
                few[field] = value
        yield few
        left = later


def _values(
    host: WebUI, field: str, schema: dict[str, Any], description: dict[str, Any]
) -> tuple[list[Any], list[Any]]:
    """Values of the field's kind that a caller might send, and odd ones, which may well be refused."""
    for word, name in LISTS.items():
        if word in field:
            return list(getattr(host, name)), ["no such", ""]
    if "upscaler" in field and schema.get("type") == "string":
        return _upscalers(host), ["no such", ""]
    if field in IMAGES:
        return [IMAGES[field]], ["", "no image"]
    if "enum" in schema:
        return schema["enum"], []
    kind = schema.get("type")
    if kind == "boolean":
        return [False, True], []
    if kind in ("integer", "number"):
        small = [SIDE, SIDE + 8] if field in ("width", "height") else [0, 1, 2] if kind == "integer" else [0, 0.5, 1]
        return small, [-1]
    if kind == "array":
        return _of_array(field, _entry(description, schema))
    if kind == "object":
        return [{}], [{"a": 1}, {"a": {"args": []}}]
    return ["", "a, b\nc: d"], ["a"]


def _of_array(field: str, entry: Any) -> tuple[list[Any], list[Any]]:
    first = IMAGE if field == "init_images" else entry
    return [[first, first], [first]], [[], [1, None, "x"]]


def _upscalers(host: WebUI) -> list[str]:
    """Those that need no weights."""
    listed = host.call("/sdapi/v1/upscalers").body
    modes = host.call("/sdapi/v1/latent-upscale-modes").body
    return [each["name"] for each in [*listed, *modes] if not each.get("model_url") and not each.get("model_path")]


def _of_scripts(host: WebUI, path: str, base: dict[str, Any]) -> Iterator[PlainRequest]:
    """Every other script with its own arguments, with others, and with too many."""
    for script in host.call("/sdapi/v1/script-info").body:
        if script["is_img2img"] != path.endswith("img2img") or "pixels" in script["name"].lower():
            continue
        usual = [argument["value"] for argument in script["args"]]
        others = [_another(argument) for argument in script["args"]]
        # Not fewer than it has: then the hosts let those of the scripts behind slide in, of whatever extension.
        named = {"usual": usual, "others": others, "more": [*usual, "x", None, {}]}
        for kind, args in named.items():
            if script["is_alwayson"]:
                asked: dict[str, Any] = {"alwayson_scripts": {script["name"]: {"args": args}}}
            else:
                asked = {"script_name": script["name"], "script_args": args}
            yield PlainRequest(f"{_short(path)} {script['name']}, args: {kind}", path, {**base, **asked})
        if script["is_alwayson"]:
            asked = {"alwayson_scripts": {script["name"]: {}}}
            yield PlainRequest(f"{_short(path)} {script['name']}, no args", path, {**base, **asked})


def _another(argument: dict[str, Any]) -> Any:
    """Another value that the argument takes."""
    usual, choices = argument["value"], argument.get("choices") or []
    if isinstance(usual, bool):
        return not usual
    if len(choices) > 1:
        return choices[1:2] if isinstance(usual, list) else choices[1]
    if isinstance(usual, (int, float)):
        return usual if argument.get("minimum") is None else argument["minimum"]
    return "a" if isinstance(usual, str) else usual


def _of_infotexts(path: str, base: dict[str, Any]) -> Iterator[PlainRequest]:
    for number, text in enumerate(INFOTEXTS):
        yield PlainRequest(f"{_short(path)} fields and infotext {number}", path, {**base, "infotext": text})
        if PARAMETERS in text:
            yield of_infotext(path, text, f"alone {number}")
    both = {
        "infotext": INFOTEXTS[3],
        "script_name": "prompt matrix",
        "script_args": [False, False, "positive", "comma", 0],
    }
    yield PlainRequest(f"{_short(path)} infotext and script", path, {**base, **both})


def _of_settings(host: WebUI, base: dict[str, Any]) -> Iterator[PlainRequest]:
    """Each setting that is a number or a yes or no, changed for one request, a few at once."""
    settings = host.call("/sdapi/v1/options").body
    changed = {
        name: (not value) if isinstance(value, bool) else value + 1
        for name, value in sorted(settings.items())
        if isinstance(value, (bool, int, float)) and not name.startswith("pixels")
    }
    names = list(changed)
    for first in range(0, len(names), SETTINGS_AT_ONCE):
        few = {name: changed[name] for name in names[first : first + SETTINGS_AT_ONCE]}
        body = {**base, "override_settings": few}
        yield PlainRequest(f"img2img override_settings {', '.join(few)}", GENERATIONS[1], body)
    for name in ("sd_model_checkpoint", "no_such_setting"):
        for value in (settings.get(name), "no such", 1, None):
            body = {**base, "override_settings": {name: value}}
            yield PlainRequest(f"img2img override_settings {name}: {value}", GENERATIONS[1], body)
    few = dict(list(changed.items())[:SETTINGS_AT_ONCE])
    body = {**base, "override_settings": few, "override_settings_restore_afterwards": False}
    yield PlainRequest("img2img override_settings kept", GENERATIONS[1], body)
    yield PlainRequest("options changed", "/sdapi/v1/options", {"CLIP_stop_at_last_layers": 2})
    yield PlainRequest("options unknown", "/sdapi/v1/options", {"no_such_setting": 2})
