"""Recognizes out-of-memory errors, which have many types and texts."""

from __future__ import annotations

_TEXTS = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory", "failed to allocate")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` is an out-of-memory error. Newer versions of torch have a class for it on CUDA; otherwise it is a
    RuntimeError with a known text, and from the operating system an OSError."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError | OSError) and any(text in str(error).lower() for text in _TEXTS)
