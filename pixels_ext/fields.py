"""The kinds of field that a request is made of.

A field is declared once, in a dataclass of `pixels_ext.request`, `pixels_ext.imaging` or `pixels_ext.maps`. Validation,
the JSON schema, the command-line flags and the generation parameters all follow from that declaration.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from PIL import Image

from pixels_ext.errors import RequestError, describe

_KEY = "pixels"
BASE64 = "an image as base64 or data URL"
"""What is expected where JSON has an image."""
REQUIRED: Any = object()
"""The default of a field that has none."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """What all fields have: a label of a few words, a help text, and a default (`REQUIRED` if there is none).

    `needs`: the sibling field without which this one has no effect.
    """

    label: str
    help: str
    default: Any = REQUIRED
    needs: str = ""

    @property
    def expected(self) -> str:
        """What is valid, as a phrase that follows "expected"."""
        raise NotImplementedError

    def check(self, value: Any) -> Any:
        """`value` as the request stores it. Raises `RequestError` (with an empty path) if it is not valid."""
        raise NotImplementedError

    def error_for(self, value: object) -> RequestError:
        """The error to raise for an invalid `value`."""
        return RequestError("", describe(value), self.expected)


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of a few strings, or null if `optional`."""

    choices: tuple[str, ...]
    optional: bool = False

    @property
    def expected(self) -> str:
        return f"one of: {', '.join(self.choices)}" + (", or null" if self.optional else "")

    def check(self, value: Any) -> str | None:
        if value is None and self.optional:
            return None
        if not isinstance(value, str) or value not in self.choices:
            raise self.error_for(value)
        return value


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A finite number in `[minimum, maximum]`. `unit` is for display; `step` is the increment of a slider."""

    minimum: float
    maximum: float
    step: float
    unit: str = ""

    @property
    def expected(self) -> str:
        return f"a number from {self.minimum:g} to {self.maximum:g}"

    def check(self, value: Any) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not self.minimum <= value <= self.maximum:  # NaN and infinity are in no range
            raise self.error_for(value)
        return float(value)


@dataclass(frozen=True, kw_only=True)
class Integer(Number):
    """A whole number in `[minimum, maximum]`."""

    step: float = 1

    @property
    def expected(self) -> str:
        return f"a whole number from {self.minimum} to {self.maximum}"

    def check(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not self.minimum <= value <= self.maximum:
            raise self.error_for(value)
        return value


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """A text of at most `max_length` characters; not an empty one unless `allow_empty`."""

    max_length: int = 100_000
    allow_empty: bool = True

    @property
    def expected(self) -> str:
        return "text" if self.allow_empty else "text that is not empty"

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or not (self.allow_empty or value.strip()):
            raise self.error_for(value)
        if len(value) > self.max_length:
            raise RequestError("", f"has {len(value)} characters", f"at most {self.max_length}")
        if any("\ud800" <= character <= "\udfff" for character in value):  # a lone surrogate cannot be encoded
            raise self.error_for(value)
        return value


@dataclass(frozen=True, kw_only=True)
class Boolean(Field):
    """True or false."""

    @property
    def expected(self) -> str:
        return "true or false"

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.error_for(value)
        return value


@dataclass(frozen=True, kw_only=True)
class ImageField(Field):
    """An image: a Pillow image in Python, base64 or a data URL in JSON. Null is valid too if `optional`.

    `convert`: brings an image into the mode in which the request stores it.
    """

    convert: Callable[[Image.Image], Image.Image]
    optional: bool = False

    @property
    def expected(self) -> str:
        return "an image" + (", or null" if self.optional else "")

    @property
    def expected_in_json(self) -> str:
        """What is valid in JSON, as a phrase that follows "expected"."""
        return BASE64 + (", or null" if self.optional else "")

    def check(self, value: Any) -> Any:
        if value is None and self.optional:
            return None
        if not isinstance(value, Image.Image):
            raise self.error_for(value)
        if 0 in value.size:
            raise RequestError("", f"is an empty image ({value.width}x{value.height})", self.expected)
        return self.convert(value)


@dataclass(frozen=True, kw_only=True)
class ImageOrMapSpec(ImageField):
    """An image, or a specification of how to generate one: an instance of one of `specs`, which JSON tells apart by
    their `type`."""

    specs: tuple[type[Spec], ...]
    shaping: str = ""
    """The sibling field that says how the map is shaped."""

    @property
    def by_type(self) -> dict[str, type[Spec]]:
        """The specifications by their `type`."""
        return {spec.map_type: spec for spec in self.specs}

    @property
    def expected(self) -> str:
        return "an image, an object with a type" + (", or null" if self.optional else "")

    @property
    def expected_in_json(self) -> str:
        return f'{BASE64}, an object like {{"type": "linear"}}' + (", or null" if self.optional else "")

    def check(self, value: Any) -> Any:
        return value if isinstance(value, self.specs) else super().check(value)


@dataclass(frozen=True, kw_only=True)
class Group(Field):
    """An object with fields of its own: those of the dataclass `model`, all of which have defaults."""

    model: type

    @property
    def expected(self) -> str:
        return "an object with the fields of this group"

    def check(self, value: Any) -> Any:
        if not isinstance(value, self.model):
            raise self.error_for(value)
        return value


@dataclass(frozen=True, kw_only=True)
class GroupList(Field):
    """A list of `minimum` to `maximum` objects of the dataclass `model`."""

    model: type
    minimum: int
    maximum: int

    @property
    def expected(self) -> str:
        return f"a list of {self.minimum} to {self.maximum} objects"

    def check(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or any(not isinstance(item, self.model) for item in value):
            raise self.error_for(value)
        if not self.minimum <= len(value) <= self.maximum:
            raise RequestError("", f"has {len(value)} entries", self.expected)
        return tuple(value)


def declare(field: Field) -> Any:
    """Declare `field` in a dataclass body: `scale: float = declare(Number(...))`."""
    metadata = {_KEY: field}
    if isinstance(field, Group):
        return dataclasses.field(default_factory=field.model, metadata=metadata)
    default = dataclasses.MISSING if field.default is REQUIRED else field.default
    return dataclasses.field(default=default, metadata=metadata)


def fields_of(model: type) -> Iterator[tuple[str, Field]]:
    """Name and declaration of each declared field of a dataclass, in order."""
    for entry in dataclasses.fields(model):
        if _KEY in entry.metadata:
            yield entry.name, entry.metadata[_KEY]


def number_or_text(text: str) -> float | int | str:
    """`text` as a number if it is one; otherwise unchanged, so that the field's own check reports it."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


class Checked:
    """Base of the request's dataclasses: validates its fields on creation. Raises `RequestError` naming the field."""

    def __post_init__(self) -> None:
        for name, field in fields_of(type(self)):
            try:
                object.__setattr__(self, name, field.check(getattr(self, name)))
            except RequestError as error:
                raise error.within(name) from None


class Spec(Checked):
    """A dataclass that says how to generate an image, and that a request may have instead of one.

    `map_type`: its `type` in JSON. `title`, `about`: its name and description for users.
    """

    map_type: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
