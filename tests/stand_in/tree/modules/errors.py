"""Errors that a host prints and goes on after; here they are kept, so that a test can say that there were none."""

from __future__ import annotations

import sys

reported: list[tuple[str, BaseException | None]] = []


def report(message: str, *, exc_info: bool = False) -> None:
    reported.append((message, sys.exc_info()[1]))
