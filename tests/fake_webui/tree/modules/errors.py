"""Errors that a host prints and goes on after; here they are kept, so that a test can say that there were none."""

from __future__ import annotations

import sys

reported: list[tuple[str, BaseException | None]] = []


def report(message: str, *, exc_info: bool = False) -> None:
    error = sys.exc_info()[1]
    reported.append((message, error and error.with_traceback(None)))  # the hosts keep a text, and no frames
