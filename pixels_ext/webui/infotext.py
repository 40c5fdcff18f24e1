"""What a picture's parameters say about an edit, and how a pasted text becomes a request again."""

from __future__ import annotations

import json
from typing import Any

from modules.shared import opts

from pixels_ext.request import EditRequest
from pixels_ext.request.summary import BY_HASH, REQUEST, TITLE, WORDS, summary, words
from pixels_ext.webui.stored import found, save_inputs


def describe(p: Any, request: EditRequest) -> None:
    """Write the edit into the parameters of `p`: a few words, and the compact request with the pictures' hashes."""
    parameters = p.extra_generation_params
    parameters.setdefault("Script", TITLE)
    parameters[WORDS] = words(request)
    parameters[REQUEST] = summary(request)
    if opts.pixels_save_inputs and p.save_samples():
        save_inputs(request)


def forget(p: Any) -> None:
    """Take what `describe` wrote out of the parameters of `p` again."""
    parameters = p.extra_generation_params
    for name in (WORDS, REQUEST, *(["Script"] if parameters.get("Script") == TITLE else [])):
        parameters.pop(name, None)


def pasted(parameters: dict[str, Any]) -> str | None:
    """The request text in pasted parameters, with the pictures that were saved put back in place of their hashes;
    `None` leaves the panel as it is. Foreign or broken text is left out: it must never break the page."""
    text = parameters.get(REQUEST)
    if not isinstance(text, str):
        return None
    try:
        data = json.loads(text)
        return json.dumps(_with_pictures(data)) if isinstance(data, dict) else None
    except (ValueError, RecursionError):
        return None


def _with_pictures(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _with_pictures(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_with_pictures(value) for value in data]
    if isinstance(data, str) and data.startswith(BY_HASH):
        return found(data.removeprefix(BY_HASH)) or data
    return data
