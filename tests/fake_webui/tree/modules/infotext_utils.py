"""From an infotext to its names and values, and into the components of a tab."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from modules import errors, script_callbacks

_FIELD = re.compile(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')


def parse_generation_parameters(text: str) -> dict[str, str]:
    found = {}
    for name, value in _FIELD.findall(text.strip().split("\n")[-1]):
        try:
            found[name] = json.loads(value) if value.startswith('"') else value
        except ValueError:
            found[name] = value
    return found


def pasted(fields: list[tuple[Any, str | Callable[..., Any]]], text: str) -> list[tuple[Any, Any]]:
    """What a paste does to the components of a tab, one after another; `None` leaves one as it is."""
    parameters: dict[str, Any] = dict(parse_generation_parameters(text))
    script_callbacks.infotext_pasted_callback(text, parameters)
    changed = []
    for component, read in fields:
        try:
            value = read(parameters) if callable(read) else parameters.get(read)
        except Exception:
            errors.report(f"Error executing {read}")
            value = None
        changed.append((component, value["value"] if isinstance(value, dict) else value))
    return changed
