"""Registering a callback with the host, quickly where that is possible."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from modules import script_callbacks

_HERE = str(Path(__file__))


def register_callback(moment: str, function: Callable[..., None]) -> None:
    """Have the host call `function` at a moment that it names: "app_started", "infotext_pasted"."""
    try:
        # `on_...` would find out by itself which file asks; that takes the hosts 30 to 60 ms.
        callbacks = script_callbacks.callback_map[f"callbacks_{moment}"]
        script_callbacks.add_callback(callbacks, function, category=moment, filename=_HERE)
    except Exception:  # neither the map nor the function is for others
        getattr(script_callbacks, f"on_{moment}")(function)
