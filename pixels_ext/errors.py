"""The one error that bad input raises, and the words that it is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONGEST_VALUE = 60


class RequestError(ValueError):
    """Something in a request is wrong. Its text is one sentence: "threshold: 'liner' (expected one of: linear, log)."

    `path`: where, in the notation of JavaScript ("exemplars[0].placement.scale"). `found`: what was there, in words
    that go on after the path: "is 3", "has 0 entries", "is missing". `expected`: what would be right, in words.
    """

    def __init__(self, path: str, found: str, expected: str) -> None:
        super().__init__(path, found, expected)
        self.path, self.found, self.expected = path, found, expected

    def __str__(self) -> str:
        # After the colon nothing is said of the field, the thing itself stands there.
        return f"{self.path or 'request'}: {_after_colon(self.found)} (expected {self.expected})."

    def message_for(self, subject: str) -> str:
        """The sentence about a field that is called `subject` where the reader is: "--map is missing (expected ...)."""
        return f"{subject} {self.found} (expected {self.expected})."

    def below(self, parent: str) -> RequestError:
        """The same error, seen from one level further up."""
        joint = "" if not self.path or self.path.startswith("[") else "."
        return type(self)(f"{parent}{joint}{self.path}", self.found, self.expected)


class UnknownField(RequestError):
    """A field of that name does not exist there."""


def describe(value: object) -> str:
    """A value in a few readable characters: never a whole base64 picture."""
    return f"is {_shortened(repr(value))}"


def printable(name: object) -> str:
    """The name of a field that somebody made up, as a path can have it: in quotes where it would break the sentence."""
    text = str(name)
    return text if text.isprintable() and 0 < len(text) <= _LONGEST_VALUE else _shortened(repr(text))


def unknown(name: object, known: Iterable[str]) -> UnknownField:
    """The refusal of a field that there is not, among the `known` ones."""
    return UnknownField(printable(name), "is an unknown field", f"one of: {', '.join(known)}")


def one_line(error: Exception, longest: int = 100) -> str:
    """The kind and the text of somebody else's error, without line breaks and cut off at `longest` characters."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:longest]


def _after_colon(found: str) -> str:
    return re.sub(r"^(?:is|has) ", "", found)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}... [{len(text)} characters]"
