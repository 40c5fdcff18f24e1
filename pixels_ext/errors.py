"""The one error that invalid input raises, and helpers for its wording."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MAX_LENGTH = 60


class RequestError(ValueError):
    """Something in a request is invalid. Its text is one sentence: "threshold: 'liner' (expected one of: linear, log)."

    `path`: where, in JavaScript notation ("exemplars[0].placement.scale"). `found`: what was there, as a phrase that
    continues the path: "is 3", "has 0 entries", "is missing". `expected`: what would be valid.
    """

    def __init__(self, path: str, found: str, expected: str) -> None:
        super().__init__(path, found, expected)
        self.path, self.found, self.expected = path, found, expected

    def __str__(self) -> str:
        return f"{self.path or 'request'}: {_without_verb(self.found)} (expected {self.expected})."

    def message_for(self, subject: str) -> str:
        """The sentence with another name for the field: "--map is missing (expected ...)."."""
        return f"{subject} {self.found} (expected {self.expected})."

    def within(self, parent: str) -> RequestError:
        """The same error with `parent` in front of its path."""
        joint = "" if not self.path or self.path.startswith("[") else "."
        return type(self)(f"{parent}{joint}{self.path}", self.found, self.expected)


class UnknownField(RequestError):
    """There is no field of that name."""


def describe(value: object) -> str:
    """A value as a short phrase for `RequestError.found`, never a whole base64 image: "is 'liner'"."""
    return f"is {_shorten(repr(value))}"


def printable(name: object) -> str:
    """A name from the input, safe to print in a sentence: quoted and shortened where necessary."""
    text = str(name)
    return text if text.isprintable() and 0 < len(text) <= _MAX_LENGTH else _shorten(repr(text))


def unknown_field(name: object, known: Iterable[str]) -> UnknownField:
    """The error for a field that is not one of the `known` ones."""
    return UnknownField(printable(name), "is an unknown field", f"one of: {', '.join(known)}")


def one_line(error: Exception, max_length: int = 100) -> str:
    """Type and text of an error that another library raised, on one line of at most `max_length` characters."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:max_length]


def first_line(error: Exception, max_length: int = 160) -> str:
    """The first line with text of an error that another library raised, of at most `max_length` characters and without
    a final period; the error's type if it has no text."""
    lines = (line.strip() for line in str(error).splitlines())
    return next(filter(None, lines), type(error).__name__)[:max_length].rstrip(".")


def _without_verb(found: str) -> str:
    """After a colon, the value stands by itself."""
    return re.sub(r"^(?:is|has) ", "", found)


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}... [{len(text)} characters]"
