"""Registering a callback with the host, without the delay of its own function."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from modules import script_callbacks

_HERE = str(Path(__file__))


def register_callback(category: str, function: Callable[..., None]) -> None:
    """Have the host call `function` for a category of its callbacks: "app_started", "infotext_pasted"."""
    try:
        # `on_...` would find out by itself which file registers; that takes the hosts 30 to 60 ms.
        callbacks = script_callbacks.callback_map[f"callbacks_{category}"]
        script_callbacks.add_callback(callbacks, function, category=category, filename=_HERE)
    except Exception:  # neither the map nor the function is a public API
        getattr(script_callbacks, f"on_{category}")(function)
