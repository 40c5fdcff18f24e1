"""How a bad request is refused: the same sentence on the page, as HTTP 422 from the API, without a trace in the log."""

from __future__ import annotations

from fastapi import HTTPException

from pixels_ext.errors import RequestError


class Refused(HTTPException):
    """What the hosts turn into an answer: their API reads `status_code` and `detail`, their page the text."""

    def __init__(self, error: RequestError) -> None:
        super().__init__(status_code=422, detail=f"PIXELS: {error}")

    def __str__(self) -> str:
        return self.detail
