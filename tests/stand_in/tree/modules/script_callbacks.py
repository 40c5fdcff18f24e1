"""Callbacks that extensions register, by the moment at which they are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from modules import errors

_callbacks: dict[str, list[Callable[..., Any]]] = {}


def clear_callbacks() -> None:
    _callbacks.clear()


def _call(moment: str, *args: Any) -> None:
    for callback in _callbacks.get(moment, ()):
        try:
            callback(*args)
        except Exception:
            errors.report(f"callback {moment}")


def on_before_ui(callback: Callable[[], None], *, name: str | None = None) -> None:
    _callbacks.setdefault("before_ui", []).append(callback)


def on_app_started(callback: Callable[[Any, Any], None], *, name: str | None = None) -> None:
    _callbacks.setdefault("app_started", []).append(callback)


def on_ui_settings(callback: Callable[[], None], *, name: str | None = None) -> None:
    _callbacks.setdefault("ui_settings", []).append(callback)


def before_ui_callback() -> None:
    _call("before_ui")


def app_started_callback(demo: Any, app: Any) -> None:
    _call("app_started", demo, app)


def ui_settings_callback() -> None:
    _call("ui_settings")
