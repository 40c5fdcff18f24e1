"""The kinds of field that a request is made of.

A field is declared once, in the dataclasses of `pixels_ext.request.model` and `pixels_ext.maps`; the validation, the
JSON schema, the command line flags and the parameters text are all made from what stands there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from PIL import Image

from pixels_ext.errors import RequestError, describe
from pixels_ext.imaging.color import to_srgb
from pixels_ext.imaging.images import normalize_mode

_KEY = "pixels"
BASE64 = "a picture as base64 or data URL"
"""What is expected of a picture in JSON."""
REQUIRED: Any = object()
"""The default of a field that has none."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """What every field has: a label of a few words, a help sentence, a default (`REQUIRED` if there is none).

    `needs`: the field beside it without which this one has no effect.
    """

    label: str
    help: str
    default: Any = REQUIRED
    needs: str = ""

    @property
    def expected(self) -> str:
        """What is acceptable, in words that follow "expected"."""
        raise NotImplementedError

    def check(self, value: Any) -> Any:
        """`value` as the request keeps it. Raises `RequestError` (with an empty path) when it is not acceptable."""
        raise NotImplementedError

    def refuse(self, value: object) -> RequestError:
        """The error to raise for `value`."""
        return RequestError("", describe(value), self.expected)


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of a few words. With `optional`, nothing (null) is a choice too."""

    choices: tuple[str, ...]
    optional: bool = False

    @property
    def expected(self) -> str:
        words = ", ".join(self.choices)
        return f"one of: {words}" + (", or null" if self.optional else "")

    def check(self, value: Any) -> str | None:
        if value is None and self.optional:
            return None
        if not isinstance(value, str) or value not in self.choices:
            raise self.refuse(value)
        return value


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A finite number in `[minimum, maximum]`. `unit` is for people; `step` is a sensible nudge in a form."""

    minimum: float
    maximum: float
    step: float
    unit: str = ""

    @property
    def expected(self) -> str:
        return f"a number from {self.minimum:g} to {self.maximum:g}"

    def check(self, value: Any) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not self.minimum <= value <= self.maximum:  # NaN and infinity are in no range
            raise self.refuse(value)
        return float(value)


@dataclass(frozen=True, kw_only=True)
class Whole(Number):
    """A whole number in `[minimum, maximum]`."""

    step: float = 1

    @property
    def expected(self) -> str:
        return f"a whole number from {self.minimum} to {self.maximum}"

    def check(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not self.minimum <= value <= self.maximum:
            raise self.refuse(value)
        return value


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """Any text of at most `longest` characters; with `needed`, not an empty one."""

    longest: int = 100_000
    needed: bool = False

    @property
    def expected(self) -> str:
        return f"a text{' that is not empty' if self.needed else ''}"

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or (self.needed and not value.strip()):
            raise self.refuse(value)
        if len(value) > self.longest:
            raise RequestError("", f"has {len(value)} characters", f"at most {self.longest}")
        if any("\ud800" <= letter <= "\udfff" for letter in value):  # half of a character, or bytes that are no text
            raise self.refuse(value)
        return value


@dataclass(frozen=True, kw_only=True)
class Toggle(Field):
    """True or false."""

    @property
    def expected(self) -> str:
        return "true or false"

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.refuse(value)
        return value


@dataclass(frozen=True, kw_only=True)
class Picture(Field):
    """A picture: a Pillow image in Python, base64 or a data URL in JSON. With `optional`, nothing (null) will do.

    `colored`: what counts are its colors, so they are brought to sRGB; of others, which are maps, the values count.
    """

    optional: bool = False
    colored: bool = False

    @property
    def expected(self) -> str:
        return "a picture" + (", or null" if self.optional else "")

    @property
    def expected_in_json(self) -> str:
        """What is acceptable in JSON, in words that follow "expected"."""
        return BASE64 + (", or null" if self.optional else "")

    def check(self, value: Any) -> Any:
        if value is None and self.optional:
            return None
        if not isinstance(value, Image.Image):
            raise self.refuse(value)
        if 0 in value.size:
            raise RequestError("", f"is an empty picture ({value.width}x{value.height})", self.expected)
        return to_srgb(value) if self.colored else normalize_mode(value)


@dataclass(frozen=True, kw_only=True)
class PictureOrMade(Picture):
    """A picture, or how to make one: an object of one of `models`, which in JSON is told by its "source"."""

    models: tuple[type[Made], ...]
    shaping: str = ""
    """The field beside it with what is done to it before it is used."""

    @property
    def by_source(self) -> dict[str, type[Made]]:
        """The models by the names that requests give them."""
        return {model.source: model for model in self.models}

    @property
    def expected(self) -> str:
        return "a picture, an object with a source" + (", or null" if self.optional else "")

    @property
    def expected_in_json(self) -> str:
        words = f'{BASE64}, an object like {{"source": "linear"}}'
        return words + (", or null" if self.optional else "")

    def check(self, value: Any) -> Any:
        return value if isinstance(value, self.models) else super().check(value)


@dataclass(frozen=True, kw_only=True)
class Group(Field):
    """An object with fields of its own: `model` is its dataclass, whose fields all have defaults."""

    model: type

    @property
    def expected(self) -> str:
        return "an object with the fields of this group"

    def check(self, value: Any) -> Any:
        if not isinstance(value, self.model):
            raise self.refuse(value)
        return value


@dataclass(frozen=True, kw_only=True)
class GroupList(Field):
    """At least `minimum` objects, each of the dataclass `model`."""

    model: type
    minimum: int
    maximum: int

    @property
    def expected(self) -> str:
        return f"a list of {self.minimum} to {self.maximum} objects"

    def check(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or any(not isinstance(item, self.model) for item in value):
            raise self.refuse(value)
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
    """Name and declaration of every declared field of a dataclass, in order."""
    for entry in dataclasses.fields(model):
        if _KEY in entry.metadata:
            yield entry.name, entry.metadata[_KEY]


def number_or_text(text: str) -> float | int | str:
    """What a written value is: a number if it can be one; otherwise the text, of which a field's own check can say what
    it expects."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


class Checked:
    """A request dataclass whose values are checked when it is made. Raises `RequestError` naming the field."""

    def __post_init__(self) -> None:
        for name, field in fields_of(type(self)):
            try:
                object.__setattr__(self, name, field.check(getattr(self, name)))
            except RequestError as error:
                raise error.below(name) from None


class Made(Checked):
    """What may stand in place of a picture, a dataclass of the fields it is made from.

    `source`: its name in requests. `title`, `about`: what it is, for people.
    """

    source: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
