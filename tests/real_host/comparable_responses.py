"""What two hosts answered, made comparable: without what no two answers share, and without our own entries in lists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .webui_client import WebUI

NO_TWO_SHARE = {"job_timestamp", "eta_relative", "ram", "used", "free", "port"}
ADDRESS_IN_MEMORY = re.compile(r"0x[0-9a-f]{6,}")
HASH_OF_A_CHECKPOINT = re.compile(r" \[[0-9a-f]{10}\]$")
"""Stands behind a checkpoint's name from when the host has found time to compute it."""
Leaves = dict[str, Any]


def leaves(host: WebUI, answer: dict[str, Any]) -> Leaves:
    """Every value of an answer by its path; what the host's folder, port and clock say is left out."""
    body = answer.get("body")
    return {path: _settled(host, value) for path, value in _leaves("", {**answer, "body": _opened(body)})}


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
    """What differs, by path; what only one of them has stands beside an ellipsis."""
    pairs = {path: (one.get(path, ...), other.get(path, ...)) for path in {**other, **one}}
    return {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}


def _opened(answer: Any) -> Any:
    """The JSON inside of `info` as JSON."""
    if not isinstance(answer, dict) or not str(answer.get("info", "")).startswith("{"):
        return answer
    return {**answer, "info": json.loads(answer["info"])}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield f"{path}{{}}", sorted(value)
        for name, each in value.items():
            if name not in NO_TWO_SHARE:
                yield from _leaves(f"{path}.{name}", each)
    elif isinstance(value, list):
        yield f"{path}[]", len(value)
        for number, each in enumerate(value):
            yield from _leaves(f"{path}[{number}]", each)
    else:
        yield path, value


def _settled(host: WebUI, value: Any) -> Any:
    if not isinstance(value, str) or len(value) > 1_000_000:
        return value
    for own in host.own_words:
        value = value.replace(own, "HOST")
    return HASH_OF_A_CHECKPOINT.sub("", ADDRESS_IN_MEMORY.sub("0x", value))
