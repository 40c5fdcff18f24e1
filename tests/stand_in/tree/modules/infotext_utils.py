"""From a picture's parameters back to their names and values."""

from __future__ import annotations

import json
import re

_FIELD = re.compile(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')


def parse_generation_parameters(text: str) -> dict[str, str]:
    found = {}
    for name, value in _FIELD.findall(text.strip().split("\n")[-1]):
        try:
            found[name] = json.loads(value) if value.startswith('"') else value
        except ValueError:
            found[name] = value
    return found
