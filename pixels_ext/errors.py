"""The one error that bad input raises, and the words that it is made of."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST_VALUE = 60


class RequestError(ValueError):
    """Something in a request is wrong. Its text is one sentence: which field, what it was, what is expected.

    `path`: where, in the notation of JavaScript ("exemplars[0].placement.scale"). `found`: what was there, in words.
    `expected`: what would be right, in words.
    """

    def __init__(self, path: str, found: str, expected: str) -> None:
        super().__init__(path, found, expected)
        self.path, self.found, self.expected = path, found, expected

    def __str__(self) -> str:
        return f"{self.path or 'request'}: {self.found}, expected {self.expected}."

    def below(self, parent: str) -> RequestError:
        """The same error, seen from one level further up."""
        joint = "" if not self.path or self.path.startswith("[") else "."
        return RequestError(f"{parent}{joint}{self.path}", self.found, self.expected)


def describe(value: object) -> str:
    """A value in a few readable characters: never a whole base64 picture."""
    return f"is {_shortened(repr(value))}"


def spelled(name: object) -> str:
    """The name of a field that somebody made up, as a path can have it: in quotes where it would break the sentence."""
    text = str(name)
    return text if text.isprintable() and 0 < len(text) <= _LONGEST_VALUE else _shortened(repr(text))


def unknown(name: object, known: Iterable[str]) -> RequestError:
    """The refusal of a field that there is not, among the `known` ones."""
    return RequestError(spelled(name), "is an unknown field", f"one of: {', '.join(known)}")


def in_one_line(error: Exception, longest: int = 100) -> str:
    """The kind and the text of somebody else's error, without line breaks and cut off at `longest` characters."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:longest]


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}... ({len(text)} characters)"
