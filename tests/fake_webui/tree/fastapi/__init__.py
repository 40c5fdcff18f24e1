"""What the extension and the fake WebUI use of FastAPI: the error that becomes an answer, and an app with routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


class HTTPException(Exception):
    def __init__(self, status_code: int, detail: Any = None) -> None:
        super().__init__(status_code, detail)
        self.status_code = status_code
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.status_code}: {self.detail}"


@dataclass
class Route:
    path: str
    endpoint: Callable[..., Any]
    methods: list[str]
    dependencies: list[Any] = field(default_factory=list)


class FastAPI:
    def __init__(self) -> None:
        self.routes: list[Any] = []

    def add_api_route(
        self, path: str, endpoint: Callable[..., Any], *, methods: list[str], dependencies: list[Any] | None = None
    ) -> None:
        self.routes.append(Route(path, endpoint, methods, list(dependencies or ())))
