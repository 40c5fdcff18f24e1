"""Was this generation asked to be an edit, and by what? Never raises; whether the request is valid is another question.

What other programs and the hosts themselves put into the places that are looked at here is anything: `p.script_args` is
a list, a tuple, a dictionary or `None`, and begins with a title where the API's `infotext` is used; `p.scripts` may be
somebody else's object; a short list of arguments lets those of the next script slide into our slots.

A value is a PIXELS request when it can be recognized as one, right or broken: an object that has `exemplars`,
`edit_map` or another field of a request that nobody else has (`threshold` and `mode` are everybody's words); the JSON
text of such an object, or a text that begins like one and has such a word in it; a list that holds one. Anything else
is not ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pixels_ext.errors import describe
from pixels_ext.fields import fields_of
from pixels_ext.request import EditRequest
from pixels_ext.webui.protocols import Processing

_OWN_FIELDS = {name for name, _ in fields_of(EditRequest)} - {"threshold", "mode"} | {"edit_map"}
_OWN_PREFIX = "exemplar"
"""How names begin that are meant to be `exemplars`."""


class PanelSlot:
    """Marks the script in the dropdown, whose argument is what the panel holds."""


class ApiSlot:
    """Marks the always-on script, whose argument is given by API and has no place on the page."""


@dataclass(frozen=True)
class Activation:
    """`request`: what was asked with, yet to be read; `None` where nobody asked. `foreign`: why what stands in our slot
    is not ours, in words. `under`: the other script that is chosen, and runs. `itself`: PIXELS is chosen, so that its
    `run` edits."""

    request: Any = None
    foreign: str = ""
    other_script: Any = None
    selected: bool = False


def find_request(p: Processing, argument: object) -> Activation:
    """Whether `p` is to be edited, and by what; `argument`: what stands in the always-on script's slot."""
    try:
        return _find_request(p, argument)
    except Exception as error:  # an attribute that raises, a dictionary that is none, an object nested without end
        return Activation(foreign=f"cannot be read ({type(error).__name__})")


def api_slot_value(p: Processing) -> object:
    """What stands in the always-on script's slot of `p`. Never raises."""
    try:
        return _slot_value(p, ApiSlot, "alwayson_scripts")
    except Exception:
        return None


def _find_request(p: Processing, argument: object) -> Activation:
    own, foreign = _recognize(argument)
    first = _first_argument(_arguments(p))
    if isinstance(first, str):
        # The API's `infotext`: the host has put the title of the script there, which it does not run, and into the
        # panel's slot what our field made of the text. What the caller says beside it comes first, as everywhere there.
        return Activation(_panel_request(p) if own is None else own, foreign)
    chosen = _selected_script(p, first)
    if isinstance(chosen, PanelSlot):
        return Activation(own, foreign, selected=True)
    if own is None and chosen is not None:
        in_panel = _panel_request(p)
        if isinstance(in_panel, Mapping) and in_panel.get("stay_active") is True:
            own = in_panel
    return Activation(own, foreign, chosen)


def _selected_script(p: Processing, first: object) -> Any:
    """The script that is chosen in the dropdown, and runs. Extensions hand a runner with fewer scripts the arguments
    that were made for all."""
    scripts = _list(getattr(p.scripts, "selectable_scripts", None)) if hasattr(p, "scripts") else []
    return scripts[first - 1] if isinstance(first, int) and 0 < first <= len(scripts) else None


def _panel_request(p: Processing) -> Any:
    """What the panel holds, when it is a request; else other scripts' arguments slid in, which is nobody's fault."""
    return _recognize(_slot_value(p, PanelSlot, "selectable_scripts"))[0]


def _slot_value(p: Processing, kind: type, among: str) -> object:
    scripts = _list(getattr(getattr(p, "scripts", None), among, None))
    ours = next((script for script in scripts if isinstance(script, kind)), None)
    place, arguments = getattr(ours, "args_from", None), _arguments(p)
    return arguments[place] if isinstance(place, int) and 0 < place < len(arguments) else None


def _arguments(p: Processing) -> list[Any]:
    return _list(getattr(p, "script_args", None))


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _first_argument(arguments: list[Any]) -> object:
    return arguments[0] if arguments else None


def _recognize(value: object) -> tuple[Any, str]:
    """The request in `value`, as object where it is one, else as it stands there; and in words what is not ours."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None, ""
    found = _from_json(value)
    if _looks_like_request(found, 2):
        return (found if isinstance(found, Mapping) else value), ""
    return None, f"{_describe_value(value)}, which is not a PIXELS request"


def _from_json(value: object) -> object:
    """What a JSON text says; anything else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "[", '"'):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            pass
    return value


def _looks_like_request(value: object, deep: int) -> bool:
    if isinstance(value, Mapping):
        return any(name in _OWN_FIELDS or str(name).startswith(_OWN_PREFIX) for name in value)
    if isinstance(value, str):
        inner = _from_json(value)
        if inner is not value:
            return deep > 0 and _looks_like_request(inner, deep - 1)
        return value.lstrip()[:1] in ("{", "[") and any(name in value for name in _OWN_FIELDS)
    return deep > 0 and any(_looks_like_request(each, deep - 1) for each in _list(value))


def _describe_value(value: object) -> str:
    try:
        return describe(value)
    except Exception:  # nested without end, or a number of more digits than Python writes
        return f"is a {type(value).__name__}"
