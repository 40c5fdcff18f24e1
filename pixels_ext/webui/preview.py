"""What the studio asks Python for: a map that a browser cannot make, before anything is generated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from modules import errors, scripts
from modules.api.api import decode_base64_to_image
from modules.call_queue import queue_lock
from PIL import Image

from pixels_ext.errors import RequestError
from pixels_ext.maps import Means
from pixels_ext.pictures import flattened, picture_to_text
from pixels_ext.preparing import unshaped_map
from pixels_ext.webui.reading import read_request
from pixels_ext.webui.vision import seeing


def answered(question: str) -> str:
    """The answer to a question, both as JSON, for the page alone.

    A question has `id`, `request` (with one exemplar), `field` ("edit_map" or "second_map") and `source`, the picture
    in the tab as data URL. The answer has its `id`, and `map`, a grey picture of the source's size before shaping, as
    data URL, or `problem`, a sentence.
    """
    asked = json.loads(question)
    try:
        return json.dumps({"id": asked["id"], "map": picture_to_text(_map(asked))})
    except RequestError as error:
        return json.dumps({"id": asked["id"], "problem": str(error)})
    except Exception as error:  # whatever a model raises: without an answer the page would wait, and ask nothing more
        errors.report("PIXELS: a map for the studio", exc_info=True)
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:100]
        return json.dumps({"id": asked["id"], "problem": f"The map could not be made ({reason})."})


def _map(asked: Mapping[str, Any]) -> Image.Image:
    request = read_request(asked["request"], decode_base64_to_image)
    source = flattened(decode_base64_to_image(asked["source"]))
    # Models take the device, which a generation may have.
    with queue_lock:
        means = Means(vision=seeing(SimpleNamespace(scripts=scripts.scripts_img2img)))
        values = unshaped_map(request, 0, asked["field"], source, means)
    return Image.fromarray((values * 255 + 0.5).astype(np.uint8))
