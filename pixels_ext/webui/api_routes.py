"""`/pixels/v1/schema`, `version` and `strength`, wherever the host serves its API, under the same access rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pixels_ext
from pixels_ext.errors import RequestError
from pixels_ext.request import json_schema
from pixels_ext.webui.callbacks import register_callback
from pixels_ext.webui.http_errors import BadRequest
from pixels_ext.webui.messages import continue_on_error

if TYPE_CHECKING:
    from fastapi import FastAPI

PREFIX = "/pixels/v1"
_HOST_ROUTE = "/sdapi/v1/options"


def register() -> None:
    """Add the routes as soon as the host's web application is there."""
    with continue_on_error("the routes below /pixels/v1 cannot be added"):
        register_callback("app_started", _add_routes)


def _add_routes(_: object, app: FastAPI) -> None:
    """Only where the host's own routes are: with --api or --nowebui. With --api-auth each of those has a dependency
    that checks the password; ours copy it from one of them."""
    host_route = next((route for route in app.routes if getattr(route, "path", None) == _HOST_ROUTE), None)
    if host_route is None:
        return
    for name, endpoint, method in (
        ("schema", json_schema, "GET"),
        ("version", _version, "GET"),
        ("strength", _suggest_strength, "POST"),
    ):
        app.add_api_route(f"{PREFIX}/{name}", endpoint, methods=[method], dependencies=host_route.dependencies)


def _version() -> dict[str, str]:
    """The extension's version."""
    return {"version": pixels_ext.__version__}


def _suggest_strength(question: dict[str, Any]) -> dict[str, Any]:
    """The denoising strength that an edit needs, measured on its images (Lemma 1), with the numbers behind it."""
    from pixels_ext.webui.suggest_strength import (
        suggest_strength,  # late: the host's API is not loaded yet when scripts are
    )

    try:
        return suggest_strength(question)
    except RequestError as error:
        raise BadRequest(error) from None
