"""What an image's infotext says about an edit, and how a pasted infotext becomes a request again."""

from __future__ import annotations

import json
from typing import Any

import pixels_ext
from pixels_ext.errors import one_line
from pixels_ext.imaging.hash import HASH_PREFIX
from pixels_ext.request import EditRequest
from pixels_ext.request.summary import REQUEST_KEY, SUMMARY_KEY, TITLE, compact_json, short_text
from pixels_ext.webui.callbacks import register_callback
from pixels_ext.webui.input_files import load_input, save_inputs
from pixels_ext.webui.messages import add_comment, continue_on_error
from pixels_ext.webui.protocols import Processing
from pixels_ext.webui.settings import saves_inputs

NOTES_KEY = "PIXELS notes"
VERSION_KEY = "PIXELS version"
"""For bug reports, as ADetailer does it. Nothing reads it."""

SCRIPT_KEY = "Script"
"""The host's own field, which selects in the dropdown of whatever tab an infotext is pasted into."""


def register() -> None:
    """Change every pasted infotext before the tab's fields read it."""
    with continue_on_error("a result that is sent to txt2img selects a script there that does not exist"):
        register_callback("infotext_pasted", _remove_script_field)


def _remove_script_field(_: str, parameters: dict[str, Any]) -> None:
    """PIXELS is in img2img alone, whose own field (`request_from_infotext`) selects it again."""
    if parameters.get(SCRIPT_KEY) == TITLE:
        del parameters[SCRIPT_KEY]


class _OwnText(str):
    """A text that we wrote into the infotext, so that nothing else is removed with it."""

    __slots__ = ()


def infotext_fields(request: EditRequest) -> dict[str, str]:
    """The infotext of an edit: a short description, the compact request with the images' hashes, and the version of the
    extension."""
    fields = {SUMMARY_KEY: short_text(request), REQUEST_KEY: compact_json(request), VERSION_KEY: pixels_ext.__version__}
    return {name: _OwnText(text) for name, text in fields.items()}


def write_infotext(p: Processing, texts: dict[str, str]) -> None:
    """Write the `infotext_fields` of an edit into the infotext of `p`."""
    p.extra_generation_params.setdefault(SCRIPT_KEY, _OwnText(TITLE))
    p.extra_generation_params.update(texts)


def remove_infotext(p: Processing) -> None:
    """Remove what was written into the infotext of `p`. Copies of `p` and the results of an earlier run may share its
    dictionary, which stays as it is."""
    written = getattr(p, "extra_generation_params", None)
    if isinstance(written, dict) and any(isinstance(value, _OwnText) for value in written.values()):
        p.extra_generation_params = {name: value for name, value in written.items() if not isinstance(value, _OwnText)}


def add_notes(p: Processing, sentences: list[str]) -> None:
    """Tell the user something about an edit, once: below the images on the page. The hosts' API does not return
    comments, so there it goes into the infotext."""
    for sentence in sentences:
        add_comment(p, f"PIXELS: {sentence}")
    if sentences and getattr(p, "is_api", False):
        before = p.extra_generation_params.get(NOTES_KEY)
        kept = str(before) if isinstance(before, _OwnText) else ""
        new = (sentence for sentence in sentences if sentence not in kept)
        p.extra_generation_params[NOTES_KEY] = _OwnText(" ".join(filter(None, (kept, *new))))


def save_inputs_if_enabled(p: Processing, request: EditRequest) -> None:
    """Save the request's images beside the outputs, if the user wants it. A full disk is no reason to lose the edit.
    Raises `RequestError` if a setting is wrong."""
    if not (saves_inputs(p) and p.save_samples()):
        return
    try:
        save_inputs(request)
    except OSError as error:
        add_notes(p, [f"The exemplars and edit maps were not saved ({one_line(error)})."])


def request_from_infotext(parameters: dict[str, Any]) -> str | None:
    """The request as JSON text in a pasted infotext, with the saved images in place of their hashes; `None` leaves the
    panel as it is. Foreign or broken text is ignored: it must never break the page, and by API the host would answer
    500 to a generation that nobody wants edited.

    The hosts fill the fields of the img2img tab one after another, the dropdown's after this one; so PIXELS is selected
    there."""
    text = parameters.get(REQUEST_KEY)
    if not isinstance(text, str):
        return None
    try:
        data = json.loads(text)
        restored = json.dumps(_load_images(data)) if isinstance(data, dict) else None
    except (ValueError, RecursionError):
        return None
    if restored is not None:
        parameters.setdefault(SCRIPT_KEY, TITLE)
    return restored


def _load_images(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _load_images(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_load_images(value) for value in data]
    if isinstance(data, str) and data.startswith(HASH_PREFIX):
        return load_input(data.removeprefix(HASH_PREFIX)) or data
    return data
