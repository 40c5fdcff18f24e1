"""Was this generation asked to be an edit, and with which request? Never raises; `parse_request` checks the request.

Other programs and the hosts themselves put anything into the attributes that are read here: `p.script_args` is a
list, a tuple, a dictionary or `None`, and begins with a title where the API's `infotext` is used; `p.scripts` may be
another extension's object; if the argument list is too short, the next script's arguments slide into our slots.

A value counts as a PIXELS request, valid or not, if it is an object that has `exemplars`, `edit_map` or another field
that only our requests have (`threshold` and `mode` are too common); the JSON text of such an object, or a text that
begins like one and contains such a name; or a list that holds one. Anything else is not ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pixels_ext.errors import describe
from pixels_ext.fields import fields_of
from pixels_ext.request import EditRequest
from pixels_ext.webui.protocols import Processing, Script

_OWN_FIELDS = {name for name, _ in fields_of(EditRequest)} - {"threshold", "mode"} | {"edit_map"}
_OWN_PREFIX = "exemplar"
"""Misspelled names of `exemplars` begin like this."""


class PanelSlot:
    """Marks the script in the dropdown, whose argument is what the panel holds."""


class ApiSlot:
    """Marks the always-on script, whose argument comes by API and has no component on the page."""


@dataclass(frozen=True)
class Activation:
    """`request`: the request as it was given, not parsed yet; `None` if nobody asked for an edit. `foreign`: why the
    value in our slot is not a request, in words. `other_script`: the script other than PIXELS that is selected, and
    runs. `selected`: PIXELS itself is selected, so that its `run` edits."""

    request: object = None
    foreign: str = ""
    other_script: Script | None = None
    selected: bool = False


def find_request(p: Processing, argument: object) -> Activation:
    """Whether `p` is to be edited, and with which request; `argument`: the value in the always-on script's slot."""
    try:
        return _find_request(p, argument)
    except Exception as error:  # an attribute that raises, a broken dictionary, an object that is nested too deeply
        return Activation(foreign=f"cannot be read ({type(error).__name__})")


def api_slot_value(p: Processing) -> object:
    """The value in the always-on script's slot of `p`. Never raises."""
    try:
        return _slot_value(p, ApiSlot, "alwayson_scripts")
    except Exception:
        return None


def _find_request(p: Processing, argument: object) -> Activation:
    own, foreign = _recognize(argument)
    first = _first_argument(_arguments(p))
    if isinstance(first, str):
        # The API's `infotext`: the host has put the title of the script there, which it does not run, and into the
        # panel's slot what our field made of the text. As everywhere in the API, an explicit argument comes first.
        return Activation(_panel_request(p) if own is None else own, foreign)
    script = _selected_script(p, first)
    if isinstance(script, PanelSlot):
        return Activation(own, foreign, selected=True)
    if own is None and script is not None:
        in_panel = _panel_request(p)
        if isinstance(in_panel, Mapping) and in_panel.get("run_under_scripts") is True:
            own = in_panel
    return Activation(own, foreign, script)


def _selected_script(p: Processing, first: object) -> Script | None:
    """The script that is selected in the dropdown, and runs. Extensions may pass the arguments that were made for all
    scripts to a runner that has fewer."""
    scripts = _list(getattr(p.scripts, "selectable_scripts", None)) if hasattr(p, "scripts") else []
    return scripts[first - 1] if isinstance(first, int) and 0 < first <= len(scripts) else None


def _panel_request(p: Processing) -> object:
    """What the panel holds, if it is a request; otherwise other scripts' arguments slid in, which is nobody's fault."""
    return _recognize(_slot_value(p, PanelSlot, "selectable_scripts"))[0]


def _slot_value(p: Processing, marker: type, scripts_name: str) -> object:
    scripts = _list(getattr(getattr(p, "scripts", None), scripts_name, None))
    own = next((script for script in scripts if isinstance(script, marker)), None)
    index, arguments = getattr(own, "args_from", None), _arguments(p)
    return arguments[index] if isinstance(index, int) and 0 < index < len(arguments) else None


def _arguments(p: Processing) -> list[Any]:
    return _list(getattr(p, "script_args", None))


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _first_argument(arguments: list[Any]) -> object:
    return arguments[0] if arguments else None


def _recognize(value: object) -> tuple[object, str]:
    """The request in `value`, as an object if it is one, otherwise as it was given; and why it is not a request."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None, ""
    found = _from_json(value)
    if _looks_like_request(found, 2):
        return (found if isinstance(found, Mapping) else value), ""
    return None, f"{_describe_value(value)}, which is not a PIXELS request"


def _from_json(value: object) -> object:
    """The value of a JSON text; anything else unchanged."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "[", '"'):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            pass
    return value


def _looks_like_request(value: object, depth: int) -> bool:
    if isinstance(value, Mapping):
        return any(name in _OWN_FIELDS or str(name).startswith(_OWN_PREFIX) for name in value)
    if isinstance(value, str):
        inner = _from_json(value)
        if inner is not value:
            return depth > 0 and _looks_like_request(inner, depth - 1)
        return value.lstrip()[:1] in ("{", "[") and any(name in value for name in _OWN_FIELDS)
    return depth > 0 and any(_looks_like_request(each, depth - 1) for each in _list(value))


def _describe_value(value: object) -> str:
    try:
        return describe(value)
    except Exception:  # nested too deeply, or a number with more digits than Python writes
        return f"is a {type(value).__name__}"
