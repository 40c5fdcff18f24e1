"""Errors for a bad request: one sentence, on the page and as HTTP 422 from the API, without a traceback in the log."""

from __future__ import annotations

import traceback
from copy import copy

from fastapi import HTTPException

from pixels_ext.errors import RequestError, one_line


class BadRequest(HTTPException):
    """The hosts' API answers with its `status_code` and `detail`, their page shows its text."""

    def __init__(self, why: RequestError | str) -> None:
        super().__init__(status_code=422, detail=f"PIXELS: {why}")

    def __str__(self) -> str:
        return str(self.detail)


class SourceMismatch(BadRequest):
    """The request does not fit this source. It may fit others, as in a batch of files."""


class DeferredError:
    """An error that is raised later. It is kept without its frames, which hold `p`, while `p` holds this object.

    `raise_as`: the class that a `RequestError` is raised as.
    """

    def __init__(self, error: Exception, raise_as: type[BadRequest] = BadRequest) -> None:
        self._why = copy(error) if isinstance(error, RequestError) else None
        self._raise_as = raise_as
        self._text = one_line(error, 300)
        self._traceback = "" if self._why else "".join(traceback.format_exception(error))

    def error(self) -> Exception:
        """The error to raise, a new object each time."""
        if self._why:
            return self._raise_as(self._why)
        error = RuntimeError(f"PIXELS: {self._text}")
        error.__cause__ = _EarlierTraceback(f"\n{self._traceback}")  # shown in the log, as in `multiprocessing`
        return error


class _EarlierTraceback(Exception):
    """A traceback as text."""
