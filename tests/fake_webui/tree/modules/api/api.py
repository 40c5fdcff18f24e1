"""`POST /sdapi/v1/img2img`, without the web: a payload in, a status and a body out."""

from __future__ import annotations

import base64
import io
import json
from contextlib import closing
from typing import Any

from fastapi import HTTPException
from PIL import Image

from modules import errors, images, processing, scripts, shared
from modules.infotext_utils import parse_generation_parameters
from modules.shared import opts, state

_OWN = ("init_images", "mask", "script_name", "script_args", "alwayson_scripts", "infotext")
_IN_INFOTEXT = {"steps": ("Steps", int), "sampler_name": ("Sampler", str), "seed": ("Seed", int)}


def decode_base64_to_image(encoding: str) -> Image.Image:
    """As in the hosts, a broken data URL ends in an `IndexError`."""
    if encoding.startswith(("http://", "https://")):
        if not opts.api_enable_requests:
            raise HTTPException(status_code=500, detail="Requests not allowed")
        raise OSError("the fake WebUI has no network")
    if encoding.startswith("data:image/"):
        encoding = encoding.split(";")[1].split(",")[1]
    try:
        return images.read(io.BytesIO(base64.b64decode(encoding)))
    except Exception as error:
        raise HTTPException(status_code=500, detail="Invalid encoded image") from error


def encode_pil_to_base64(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


class Api:
    def __init__(self, app: Any) -> None:
        auth = ["the host's check of user and password"] if shared.cmd_opts.api_auth else []
        app.add_api_route("/sdapi/v1/options", lambda: dict(opts.data), methods=["GET"], dependencies=auth)
        app.add_api_route("/sdapi/v1/img2img", self.img2img, methods=["POST"], dependencies=auth)

    def img2img(self, payload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        try:
            return 200, self._img2img(payload)
        except Exception as error:
            if not isinstance(error, HTTPException):
                errors.report("API")
            known = vars(error)
            body = {"error": type(error).__name__, "detail": known.get("detail", ""), "errors": str(error)}
            return known.get("status_code", 500), body

    def _img2img(self, payload: dict[str, Any]) -> dict[str, Any]:
        runner = scripts.scripts_img2img
        fields, mentioned = _from_infotext(payload.get("infotext"), runner)
        selected, args = self._script_args(payload, runner, mentioned)
        fields |= {name: value for name, value in payload.items() if name not in _OWN}
        if payload.get("mask"):
            fields["image_mask"] = decode_base64_to_image(payload["mask"])
        with closing(processing.StableDiffusionProcessingImg2Img(**fields)) as p:
            p.init_images = [decode_base64_to_image(text) for text in payload["init_images"]]
            p.is_api = True
            p.scripts, p.script_args = runner, args if selected else tuple(args)
            state.begin("scripts_img2img")
            processed = runner.run(p, *args) if selected else processing.process_images(p)
        encoded = [encode_pil_to_base64(image) for image in processed.images]
        info = {"infotexts": processed.infotexts, "comments": list(p.comments)}
        return {"images": encoded, "info": json.dumps(info)}

    def _script_args(self, payload: dict[str, Any], runner: Any, mentioned: dict[int, Any]) -> tuple[Any, list[Any]]:
        args = default_script_args(runner)
        selected = None
        for index, value in mentioned.items():
            args[index] = value
        if payload.get("script_name"):
            index = _index(payload["script_name"], runner.selectable_scripts)
            selected = runner.selectable_scripts[index]
            args[selected.args_from : selected.args_to] = payload.get("script_args", [])
            args[0] = index + 1
        for name, given in payload.get("alwayson_scripts", {}).items():
            script = runner.scripts[_index(name, runner.scripts)]
            if not script.alwayson:
                raise HTTPException(status_code=422, detail="Cannot have a selectable script in the always on scripts")
            for i, value in zip(range(script.args_from, script.args_to), given.get("args", ()), strict=False):
                args[i] = value
        return selected, args


def _from_infotext(text: str | None, runner: Any) -> tuple[dict[str, Any], dict[int, Any]]:
    """The fields of a payload in an infotext, and scripts' arguments by their index. What a
    field raises is not caught."""
    if not text:
        return {}, {}
    parameters: dict[str, Any] = dict(parse_generation_parameters(text))
    fields = {name: kind(parameters[label]) for name, (label, kind) in _IN_INFOTEXT.items() if label in parameters}
    fields["prompt"] = text.strip().rpartition("\n")[0]
    indexes = {id(component): index for index, component in enumerate(runner.inputs)}
    mentioned: dict[int, Any] = {}
    for component, read in runner.infotext_fields:
        value = read(parameters) if callable(read) else parameters.get(read)
        value = value.get("value") if isinstance(value, dict) else value
        if id(component) in indexes and value is not None:
            mentioned[indexes[id(component)]] = type(component.value)(value)
    return fields, mentioned


def default_script_args(runner: Any) -> list[Any]:
    args: list[Any] = [None] * max(1, *(script.args_to for script in runner.scripts))
    args[0] = 0
    for script in runner.scripts:
        args[script.args_from : script.args_to] = [control.value for control in script.ui(script.is_img2img) or ()]
    return args


def _index(name: str, among: list[Any]) -> int:
    try:
        return [script.title().lower() for script in among].index(name.lower())
    except ValueError:
        raise HTTPException(status_code=422, detail=f"Script '{name}' not found") from None
