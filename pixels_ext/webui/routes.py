"""`/pixels/v1/schema`, `version` and `strength`, where the host runs its API and under its rules of access."""

from __future__ import annotations

from typing import Any

from modules import script_callbacks, shared

import pixels_ext
from pixels_ext.errors import RequestError
from pixels_ext.request import json_schema
from pixels_ext.webui.refusal import Refused

PREFIX = "/pixels/v1"
_HOST_ROUTE = "/sdapi/v1/options"


def register() -> None:
    """Add the routes when the host's web application is there."""
    # `on_app_started` would find out by itself which file asks; that takes the hosts 30 to 60 ms.
    callbacks = script_callbacks.callback_map["callbacks_app_started"]
    script_callbacks.add_callback(callbacks, _add, category="app_started", filename=__file__)


def _add(_: Any, app: Any) -> None:
    # Under --api-auth each of the host's own routes carries the check; ours take it over from one of them.
    host = next((route for route in app.routes if getattr(route, "path", None) == _HOST_ROUTE), None)
    if not shared.cmd_opts.api or host is None:
        return
    for name, answer, method in (
        ("schema", json_schema, "GET"),
        ("version", _version, "GET"),
        ("strength", _strength, "POST"),
    ):
        app.add_api_route(f"{PREFIX}/{name}", answer, methods=[method], dependencies=host.dependencies)


def _version() -> dict[str, str]:
    """The extension's version."""
    return {"version": pixels_ext.__version__}


def _strength(question: dict[str, Any]) -> dict[str, Any]:
    """The denoising strength that an edit needs, measured from its pictures (Lemma 1), with what it came from."""
    from pixels_ext.webui.strength import answer  # late: the host's API is not loaded yet when scripts are

    try:
        return answer(question)
    except RequestError as error:
        raise Refused(error) from None
