"""Too little memory, by all the names that it has."""

from __future__ import annotations

_WORDS = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory", "failed to allocate")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that there was too little memory. On CUDA newer versions of torch have a
    class for it; else it is a RuntimeError with that in its text, and the system's own is an OSError."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError | OSError) and any(words in str(error).lower() for words in _WORDS)
