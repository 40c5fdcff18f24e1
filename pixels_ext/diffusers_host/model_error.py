"""The error that a model raises which cannot be used."""

from __future__ import annotations

from pixels_ext.errors import RequestError


class ModelError(RuntimeError):
    """A model could not be loaded, or what it made is of no use.

    Its text is one sentence, as `RequestError` has it: where (a field of the model's: "model", "lora", ...), what went
    wrong, what is expected. Text alone is taken for the whole sentence.
    """

    def __init__(self, path: str, found: str = "", expected: str = "") -> None:
        super().__init__(path, found, expected)
        self.path, self.found, self.expected = path, found, expected

    def __str__(self) -> str:
        return str(self.as_request_error()) if self.found else self.path

    def as_request_error(self) -> RequestError:
        """The same in the form of what is wrong with a request."""
        return RequestError(self.path, self.found, self.expected)
