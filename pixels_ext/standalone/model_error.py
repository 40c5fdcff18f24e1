"""The error that a model raises which cannot be used."""

from __future__ import annotations


class ModelError(RuntimeError):
    """A model could not be loaded. One sentence: what was tried, what went wrong, what to do."""


def reason(error: Exception) -> str:
    """The first line of somebody else's error, without its full stop."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:160].rstrip(".")
