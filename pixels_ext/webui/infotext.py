"""What a picture's parameters say about an edit, and how a pasted text becomes a request again."""

from __future__ import annotations

import json
from typing import Any

from modules.shared import opts

from pixels_ext.request import EditRequest
from pixels_ext.request.summary import BY_HASH, REQUEST, TITLE, WORDS, summary, words
from pixels_ext.webui.stored import found, save_inputs

NOTES = "PIXELS notes"


class _Said(str):
    """A text that we wrote into the parameters, so that no more than that is taken out again."""

    __slots__ = ()


def said(request: EditRequest) -> dict[str, str]:
    """What the parameters say of an edit: a few words, and the compact request with the pictures' hashes."""
    return {WORDS: _Said(words(request)), REQUEST: _Said(summary(request))}


def describe(p: Any, texts: dict[str, str]) -> None:
    """Write what is `said` of an edit into the parameters of `p`."""
    p.extra_generation_params.setdefault("Script", _Said(TITLE))
    p.extra_generation_params.update(texts)


def forget(p: Any) -> None:
    """Take what was written into the parameters of `p` out again. Copies of `p` and the results of an earlier run may
    have the same dictionary: that one stays as it is."""
    written = getattr(p, "extra_generation_params", None)
    if isinstance(written, dict) and any(isinstance(value, _Said) for value in written.values()):
        p.extra_generation_params = {name: value for name, value in written.items() if not isinstance(value, _Said)}


def note(p: Any, sentences: list[str]) -> None:
    """Say something about an edit, once: below the pictures on the page. The hosts' API does not hand comments over, so
    there it stands in the parameters."""
    for sentence in sentences:
        p.comment(f"PIXELS: {sentence}")
    if sentences and getattr(p, "is_api", False):
        p.extra_generation_params[NOTES] = _Said(" ".join(sentences))


def keep_inputs(p: Any, request: EditRequest) -> None:
    """Save the request's pictures beside the outputs, if the user wants it."""
    if opts.pixels_save_inputs and p.save_samples():
        save_inputs(request)


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
