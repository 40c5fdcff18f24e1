"""Edits by the API of a running WebUI that has this extension."""

from __future__ import annotations

import base64
import io
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from PIL import Image

from pixels_ext.diffusers_host.model_error import ModelError
from pixels_ext.diffusers_host.settings import Settings
from pixels_ext.errors import first_line
from pixels_ext.imaging.images import image_to_data_url
from pixels_ext.request import EditRequest, to_json

from .store import Provenance

_CHECKPOINT = "sd_model_checkpoint"
_TIMEOUT = 1800
"""Seconds: the first edit may load a checkpoint from a slow disk."""
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class WebUI:
    """A `Backend`. `address`: where the WebUI is. `login`: "user:password" of its --api-auth, or empty.

    The checkpoint is the one that is chosen there when the run begins, and every edit asks for it by name.
    """

    address: str
    login: str = ""

    def provenance(self) -> Provenance:
        return {"backend": "WebUI", "model": self._checkpoint}

    def edit(self, source: Image.Image, request: EditRequest, settings: Settings) -> tuple[Image.Image, str]:
        answer = self._call("/sdapi/v1/img2img", self.payload(source, request, settings))
        image = Image.open(io.BytesIO(base64.b64decode(answer["images"][0]))).convert("RGB")
        if image.size != source.size:
            raise ModelError("webui", f"answered with {image.size}", f"an image of {source.size}")
        return image, json.loads(answer["info"])["infotexts"][0]

    def payload(self, source: Image.Image, request: EditRequest, settings: Settings) -> dict[str, Any]:
        """The body of the call."""
        return {
            "init_images": [image_to_data_url(source)],
            "prompt": settings.prompt,
            "negative_prompt": settings.negative_prompt,
            "denoising_strength": settings.strength,
            "steps": settings.steps,
            "sampler_name": settings.sampler,
            "cfg_scale": settings.guidance_scale,
            "seed": settings.seed,
            "width": source.width,
            "height": source.height,
            "override_settings": {_CHECKPOINT: self._checkpoint},
            "override_settings_restore_afterwards": False,
            "script_name": "pixels",
            "script_args": [to_json(request, image_to_data_url)],
        }

    @cached_property
    def _checkpoint(self) -> str:
        return str(self._call("/sdapi/v1/options").get(_CHECKPOINT) or "unknown")

    def _call(self, path: str, body: Any = None) -> Any:
        headers = {"Content-Type": "application/json"}
        if self.login:
            headers["Authorization"] = f"Basic {base64.b64encode(self.login.encode()).decode()}"
        data = None if body is None else json.dumps(body).encode()
        try:
            request = urllib.request.Request(self.address.rstrip("/") + path, data, headers)
            with _DIRECT.open(request, timeout=_TIMEOUT) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = " ".join(error.read().decode(errors="replace").split())[:300]
            raise ModelError("webui", f"answered {path} with HTTP {error.code}: {text}", "an image") from None
        except (OSError, ValueError) as error:
            found = f"is {self.address!r}, which cannot be asked: {first_line(error)}"
            raise ModelError("webui", found, "a WebUI that runs with --api") from None
