"""`/pixels/v1/schema`, `version` and `strength`, where the host runs its API and under its rules of access."""

from __future__ import annotations

from typing import Any

import pixels_ext
from pixels_ext.errors import RequestError
from pixels_ext.request import json_schema
from pixels_ext.webui.callbacks import register_callback
from pixels_ext.webui.http_errors import BadRequest
from pixels_ext.webui.messages import continue_on_error

PREFIX = "/pixels/v1"
_HOST_ROUTE = "/sdapi/v1/options"


def register() -> None:
    """Add the routes when the host's web application is there."""
    with continue_on_error("the routes below /pixels/v1 cannot be added"):
        register_callback("app_started", _add_routes)


def _add_routes(_: Any, app: Any) -> None:
    """Exactly where the host's own routes are: with --api, and with --nowebui alone. Under --api-auth each of those
    carries the check; ours take it over from one of them."""
    host = next((route for route in app.routes if getattr(route, "path", None) == _HOST_ROUTE), None)
    if host is None:
        return
    for name, answer, method in (
        ("schema", json_schema, "GET"),
        ("version", _version, "GET"),
        ("strength", _suggest_strength, "POST"),
    ):
        app.add_api_route(f"{PREFIX}/{name}", answer, methods=[method], dependencies=host.dependencies)


def _version() -> dict[str, str]:
    """The extension's version."""
    return {"version": pixels_ext.__version__}


def _suggest_strength(question: dict[str, Any]) -> dict[str, Any]:
    """The denoising strength that an edit needs, measured from its pictures (Lemma 1), with what it came from."""
    from pixels_ext.webui.strength import answer  # late: the host's API is not loaded yet when scripts are

    try:
        return answer(question)
    except RequestError as error:
        raise BadRequest(error) from None
