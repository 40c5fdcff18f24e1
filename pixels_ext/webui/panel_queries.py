"""The panel's queries before a generation: a map that a browser cannot make, a suggested strength."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from modules import errors, scripts
from modules.api.api import decode_base64_to_image
from modules.call_queue import queue_lock

from pixels_ext.edit.prepare import unshaped_map
from pixels_ext.errors import RequestError, one_line
from pixels_ext.imaging.images import flatten, image_to_data_url, map_to_image
from pixels_ext.maps import MapProviders
from pixels_ext.webui import suggest_strength
from pixels_ext.webui.parse_request import read_request, read_source
from pixels_ext.webui.vision_models import get_vision_models


def handle_panel_query(text: str) -> str:
    """The answer to a query, both as JSON texts, for the panel alone.

    A query has an `id`, which is repeated in its answer, `request`, and `source` (the image in the tab as data URL).

    For a map: also `field` ("edit_map" or "second_map"), and the request has one exemplar; the answer has `map`, a gray
    image of the source's size before shaping, as data URL. For a strength: also `ask`, "strength", and the settings of
    the tab (`pixels_ext.webui.suggest_strength`); the answer has `strength` and the rest. An answer may have `problem`
    instead, a sentence.
    """
    query = json.loads(text)
    number, kind = query.pop("id"), query.pop("ask", "map")
    try:
        return json.dumps({"id": number, **_HANDLERS[kind](query)})
    except RequestError as error:
        return json.dumps({"id": number, "problem": str(error)})
    except Exception as error:  # whatever a model raises: without an answer the panel would wait for ever
        errors.report(f"PIXELS: a {kind} for the page", exc_info=True)
        return json.dumps({"id": number, "problem": f"The {kind} could not be {_VERBS[kind]} ({one_line(error)})."})


def _make_map(query: Mapping[str, Any]) -> dict[str, Any]:
    request = read_request(query["request"], decode_base64_to_image)
    source = flatten(read_source(query["source"], decode_base64_to_image))
    # Models need the device, which a generation may be using.
    with queue_lock:
        providers = MapProviders(vision=get_vision_models(scripts.scripts_img2img))
        values = unshaped_map(request, 0, query["field"], source, providers)
    return {"map": image_to_data_url(map_to_image(values))}


_HANDLERS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = MappingProxyType(
    {"map": _make_map, "strength": suggest_strength.suggest_strength}
)
_VERBS: Mapping[str, str] = MappingProxyType({"map": "made", "strength": "measured"})
