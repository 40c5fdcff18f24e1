"""What a picture's parameters say about an edit, and how a pasted text becomes a request again."""

from __future__ import annotations

import json
from typing import Any

from pixels_ext.errors import in_one_line
from pixels_ext.request import EditRequest
from pixels_ext.request.summary import BY_HASH, REQUEST, TITLE, WORDS, summary, words
from pixels_ext.webui.callbacks import register_callback
from pixels_ext.webui.input_files import load_input, save_inputs
from pixels_ext.webui.messages import add_comment, continue_on_error
from pixels_ext.webui.protocols import Processing
from pixels_ext.webui.settings import saves_inputs

NOTES = "PIXELS notes"

SCRIPT = "Script"
"""The host's own field, which chooses in the dropdown of whatever tab a text is pasted into."""


def register() -> None:
    """Have a look at every text that is pasted, before the tab's fields read it."""
    with continue_on_error("a result that is sent to txt2img chooses a script there that is none"):
        register_callback("infotext_pasted", _remove_script_field)


def _remove_script_field(_: str, parameters: dict[str, Any]) -> None:
    """PIXELS is in img2img alone, whose own field (`pasted`) chooses it again."""
    if parameters.get(SCRIPT) == TITLE:
        del parameters[SCRIPT]


class _OwnText(str):
    """A text that we wrote into the parameters, so that no more than that is taken out again."""

    __slots__ = ()


def infotext_fields(request: EditRequest) -> dict[str, str]:
    """What the parameters say of an edit: a few words, and the compact request with the pictures' hashes."""
    return {WORDS: _OwnText(words(request)), REQUEST: _OwnText(summary(request))}


def write_infotext(p: Processing, texts: dict[str, str]) -> None:
    """Write what is `said` of an edit into the parameters of `p`."""
    p.extra_generation_params.setdefault(SCRIPT, _OwnText(TITLE))
    p.extra_generation_params.update(texts)


def remove_infotext(p: Processing) -> None:
    """Take what was written into the parameters of `p` out again. Copies of `p` and the results of an earlier run may
    have the same dictionary: that one stays as it is."""
    written = getattr(p, "extra_generation_params", None)
    if isinstance(written, dict) and any(isinstance(value, _OwnText) for value in written.values()):
        p.extra_generation_params = {name: value for name, value in written.items() if not isinstance(value, _OwnText)}


def add_notes(p: Processing, sentences: list[str]) -> None:
    """Say something about an edit, once: below the pictures on the page. The hosts' API does not hand comments over, so
    there it stands in the parameters."""
    for sentence in sentences:
        add_comment(p, f"PIXELS: {sentence}")
    if sentences and getattr(p, "is_api", False):
        before = p.extra_generation_params.get(NOTES)
        kept = str(before) if isinstance(before, _OwnText) else ""
        new = (sentence for sentence in sentences if sentence not in kept)
        p.extra_generation_params[NOTES] = _OwnText(" ".join(filter(None, (kept, *new))))


def save_inputs_if_enabled(p: Processing, request: EditRequest) -> None:
    """Save the request's pictures beside the outputs, if the user wants it. A full disk is no reason to lose the edit.
    Raises `RequestError` when a setting is wrong."""
    if not (saves_inputs(p) and p.save_samples()):
        return
    try:
        save_inputs(request)
    except OSError as error:
        add_notes(p, [f"The exemplars and edit maps were not saved ({in_one_line(error)})."])


def request_from_infotext(parameters: dict[str, Any]) -> str | None:
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
        restored = json.dumps(_load_images(data)) if isinstance(data, dict) else None
    except (ValueError, RecursionError):
        return None
    if restored is not None:
        parameters.setdefault(SCRIPT, TITLE)
    return restored


def _load_images(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _load_images(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_load_images(value) for value in data]
    if isinstance(data, str) and data.startswith(BY_HASH):
        return load_input(data.removeprefix(BY_HASH)) or data
    return data
