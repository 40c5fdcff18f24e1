"""Callbacks that extensions register, by the moment at which they are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from modules import errors

callback_map: dict[str, list[Callable[..., Any]]] = {
    f"callbacks_{moment}": [] for moment in ("app_started", "before_ui", "infotext_pasted", "ui_settings")
}


def clear_callbacks() -> None:
    for callbacks in callback_map.values():
        callbacks.clear()


def _call(moment: str, *args: Any) -> None:
    for callback in callback_map[f"callbacks_{moment}"]:
        try:
            callback(*args)
        except Exception:
            errors.report(f"callback {moment}")


def on_before_ui(callback: Callable[[], None], *, name: str | None = None) -> None:
    callback_map["callbacks_before_ui"].append(callback)


def add_callback(
    callbacks: list[Callable[..., None]],
    fun: Callable[..., None],
    *,
    name: str | None = None,
    category: str = "unknown",
    filename: str | None = None,
) -> None:
    callbacks.append(fun)


def on_app_started(callback: Callable[[Any, Any], None], *, name: str | None = None) -> None:
    callback_map["callbacks_app_started"].append(callback)


def on_infotext_pasted(callback: Callable[[str, dict[str, Any]], None], *, name: str | None = None) -> None:
    callback_map["callbacks_infotext_pasted"].append(callback)


def on_ui_settings(callback: Callable[[], None], *, name: str | None = None) -> None:
    callback_map["callbacks_ui_settings"].append(callback)


def before_ui_callback() -> None:
    _call("before_ui")


def app_started_callback(demo: Any, app: Any) -> None:
    _call("app_started", demo, app)


def infotext_pasted_callback(infotext: str, params: dict[str, Any]) -> None:
    _call("infotext_pasted", infotext, params)


def ui_settings_callback() -> None:
    _call("ui_settings")
