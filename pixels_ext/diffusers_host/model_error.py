"""The error for a model that cannot be loaded or used."""

from __future__ import annotations

from pixels_ext.errors import RequestError


class ModelError(RuntimeError):
    """A model could not be loaded, or its output is unusable.

    Its text is one sentence in the form of `RequestError`: which field ("model", "lora", ...), what went wrong, what is
    expected. With `path` alone, that is the whole sentence.
    """

    def __init__(self, path: str, found: str = "", expected: str = "") -> None:
        super().__init__(path, found, expected)
        self.path, self.found, self.expected = path, found, expected

    def __str__(self) -> str:
        return str(self.as_request_error()) if self.found else self.path

    def as_request_error(self) -> RequestError:
        """The same error as a `RequestError`."""
        return RequestError(self.path, self.found, self.expected)
