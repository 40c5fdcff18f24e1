"""What a picture's parameters say about an edit, and how a pasted text becomes a request again."""

from __future__ import annotations

import json
from typing import Any

from pixels_ext.request import EditRequest
from pixels_ext.request.summary import BY_HASH, REQUEST, TITLE, WORDS, summary, words
from pixels_ext.webui.callbacks import called_back
from pixels_ext.webui.log import going_on
from pixels_ext.webui.settings import saves_inputs
from pixels_ext.webui.stored import found, save_inputs

SCRIPT = "Script"
"""The host's own field, which chooses in the dropdown of whatever tab a text is pasted into."""


def register() -> None:
    """Have a look at every text that is pasted, before the tab's fields read it."""
    with going_on("a result that is sent to txt2img chooses a script there that is none"):
        called_back("infotext_pasted", _choose_nothing)


def _choose_nothing(_: str, parameters: dict[str, Any]) -> None:
    """PIXELS is in img2img alone, whose own field (`pasted`) chooses it again."""
    if parameters.get(SCRIPT) == TITLE:
        del parameters[SCRIPT]


def describe(p: Any, request: EditRequest) -> None:
    """Write the edit into the parameters of `p`: a few words, and the compact request with the pictures' hashes."""
    parameters = p.extra_generation_params
    parameters.setdefault(SCRIPT, TITLE)
    parameters[WORDS] = words(request)
    parameters[REQUEST] = summary(request)
    if saves_inputs(p) and p.save_samples():
        save_inputs(request)


def forget(p: Any) -> None:
    """Take what `describe` wrote out of the parameters of `p` again."""
    parameters = p.extra_generation_params
    for name in (WORDS, REQUEST, *([SCRIPT] if parameters.get(SCRIPT) == TITLE else [])):
        parameters.pop(name, None)


def own_parameters(p: Any) -> None:
    """Take the same out of a copy's parameters; the original's, which are the same object, stay as they are."""
    p.extra_generation_params = dict(p.extra_generation_params)
    forget(p)


def pasted(parameters: dict[str, Any]) -> str | None:
    """The request text in pasted parameters, with the pictures that were saved put back in place of their hashes;
    `None` leaves the panel as it is. Foreign or broken text is left out: it must never break the page, and by API the
    host would answer 500 to a generation that nobody wants edited.

    The hosts ask the fields of the img2img tab one after another, the dropdown's after this one; so it finds there that
    PIXELS is chosen."""
    text = parameters.get(REQUEST)
    if not isinstance(text, str):
        return None
    try:
        data = json.loads(text)
        restored = json.dumps(_with_pictures(data)) if isinstance(data, dict) else None
    except (ValueError, RecursionError):
        return None
    if restored is not None:
        parameters.setdefault(SCRIPT, TITLE)
    return restored


def _with_pictures(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _with_pictures(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_with_pictures(value) for value in data]
    if isinstance(data, str) and data.startswith(BY_HASH):
        return found(data.removeprefix(BY_HASH)) or data
    return data
