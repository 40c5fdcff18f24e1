"""Answers of two WebUIs in comparable form: without what always differs, and without our entries in lists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .webui_client import WebUI

ALWAYS_DIFFERENT = {"job_timestamp", "eta_relative", "ram", "used", "free", "port"}
MEMORY_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
CHECKPOINT_HASH = re.compile(r" \[[0-9a-f]{10}\]$")
"""Added to a checkpoint's name once the host has computed it."""
Leaves = dict[str, Any]


def leaves(host: WebUI, answer: dict[str, Any]) -> Leaves:
    """Every value of an answer by its path, without the host's folder, port and times."""
    body = answer.get("body")
    return {path: _normalize(host, value) for path, value in _leaves("", {**answer, "body": _parse_info(body)})}


def without_ours(value: Any) -> Any:
    """A list or a table of the host's without the entries that are ours by name."""
    if isinstance(value, dict):
        return {name: without_ours(each) for name, each in value.items() if not is_ours(name)}
    if isinstance(value, list):
        return [without_ours(each) for each in value if not is_ours(each)]
    return value


def is_ours(entry: Any) -> bool:
    """Whether it is, or is called, something with "pixels" in it."""
    name = entry.get("name") if isinstance(entry, dict) else entry
    return isinstance(name, str) and len(name) < 200 and ("pixels_" in name or "[PIXELS]" in name or _is_named(name))


def _is_named(name: str) -> bool:
    return name.lower() in ("pixels", "sd-webui-pixels") or name.startswith(("/pixels", "pixels/"))


def differing(one: Leaves, other: Leaves) -> dict[str, tuple[Any, Any]]:
    """What differs, by path. A value that only one of them has is paired with an ellipsis."""
    pairs = {path: (one.get(path, ...), other.get(path, ...)) for path in {**other, **one}}
    return {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}


def _parse_info(answer: Any) -> Any:
    """The answer with the JSON text in `info` parsed."""
    if not isinstance(answer, dict) or not str(answer.get("info", "")).startswith("{"):
        return answer
    return {**answer, "info": json.loads(answer["info"])}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield f"{path}{{}}", sorted(value)
        for name, each in value.items():
            if name not in ALWAYS_DIFFERENT:
                yield from _leaves(f"{path}.{name}", each)
    elif isinstance(value, list):
        yield f"{path}[]", len(value)
        for number, each in enumerate(value):
            yield from _leaves(f"{path}[{number}]", each)
    else:
        yield path, value


def _normalize(host: WebUI, value: Any) -> Any:
    if not isinstance(value, str) or len(value) > 1_000_000:
        return value
    for own in host.own_names:
        value = value.replace(own, "HOST")
    return CHECKPOINT_HASH.sub("", MEMORY_ADDRESS.sub("0x", value))
