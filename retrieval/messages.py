"""Quoth's own sentences: English text that can be said in another language as well.

A ``Message`` is an English str, so that whoever knows nothing of languages can print it, and keeps the
pattern and the values that it was made of. The patterns are the keys of the catalogues (gettext's "msgid").
Words of articles and of people are values, or plain strings, and are never translated.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any, Protocol, Self, TypeVar

Value = str | int | date
T = TypeVar("T")

_MONTHS = "January February March April May June July August September October November December".split()


class Language(Protocol):
    """Says what messages are made of."""

    def pattern(self, message: "Message") -> str:
        """The pattern of a message, in the form that its number asks for."""

    def shown(self, value: int | date) -> str:
        """A number or a date."""


class Message(str):
    """A sentence, or a part of one; ``pattern.format(**values)`` with the values as its language shows them.

    ``plural`` is the pattern for any value of ``n`` but one. What ``begins`` a sentence has a capital letter.
    """

    __slots__ = ("begins", "pattern", "plural", "values")

    pattern: str
    plural: str | None
    values: Mapping[str, Value]
    begins: bool

    @property
    def number(self) -> int:
        """What the form of the pattern depends on; 1 for a message about no number of things."""
        n = self.values.get("n")
        return n if isinstance(n, int) else 1

    def __new__(
        cls, pattern: str, values: Mapping[str, Value], *, plural: str | None = None, begins: bool = False
    ) -> Self:
        message = super().__new__(cls, _formed(_english(pattern, values, plural), values, ENGLISH, begins=begins))
        message.pattern, message.plural, message.values, message.begins = pattern, plural, values, begins
        return message

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.pattern, dict(self.values), self.plural, self.begins)

    def spoken(self, language: Language) -> str:
        """The message in a language, and with it the messages among its values."""
        return _formed(language.pattern(self), self.values, language, begins=self.begins)


class _English:
    """What messages are written in."""

    def pattern(self, message: Message) -> str:
        return _english(message.pattern, message.values, message.plural)

    def shown(self, value: int | date) -> str:
        if isinstance(value, int):
            return f"{value:,}"
        # The names come from here and not from the locale, which differs between machines.
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


ENGLISH: Language = _English()


def say(pattern: str, /, **values: Value) -> Message:
    """A sentence; numbers and dates among its values are shown as each language does."""
    return Message(pattern, values)


def say_count(one: str, many: str, n: int, /, **values: Value) -> Message:
    """A sentence about ``n`` things: ``one`` where that is 1, else ``many``."""
    return Message(one, {"n": n, **values}, plural=many)


def joined(separator: str, parts: Iterable[str]) -> Message:
    """The parts with a separator that is the same in all languages."""
    given = {f"_{number}": part for number, part in enumerate(parts)}
    return Message(separator.replace("{", "{{").replace("}", "}}").join(f"{{{name}}}" for name in given), given)


def listed(parts: Sequence[str]) -> Message:
    """One thing, ``two and three``, ``four, five and six``."""
    if len(parts) < 2:
        return joined("", parts)
    return say("{names} and {last}", names=joined(", ", parts[:-1]), last=parts[-1])


def begun(clause: str) -> str:
    """A clause as the beginning of a sentence: with a capital letter, unless it begins with somebody else's word."""
    if isinstance(clause, Message):
        return Message(clause.pattern, clause.values, plural=clause.plural, begins=True)
    return _capital(clause)


def with_values(text: str, change: Callable[[str], str]) -> str:
    """A text with the words that are not Quoth's own changed: those that a message was given, or all of another."""
    if not isinstance(text, Message):
        return change(text)
    values = {name: with_values(v, change) if isinstance(v, str) else v for name, v in text.values.items()}
    return Message(text.pattern, values, plural=text.plural, begins=text.begins)


def said_in(language: Language, value: T) -> T:
    """The value with every message in it said in a language: a str, a tuple, or a record of these."""
    made: Any = value
    if isinstance(value, Message):
        made = value.spoken(language)
    elif isinstance(value, tuple):
        made = tuple(said_in(language, part) for part in value)
    elif is_dataclass(value) and not isinstance(value, type):
        made = replace(value, **{f.name: said_in(language, getattr(value, f.name)) for f in fields(value)})
    return made  # type: ignore[no-any-return]


def _again(pattern: str, values: Mapping[str, Value], plural: str | None, begins: bool) -> Message:
    return Message(pattern, values, plural=plural, begins=begins)


def _english(pattern: str, values: Mapping[str, Value], plural: str | None) -> str:
    return pattern if plural is None or values["n"] == 1 else plural


def _formed(pattern: str, values: Mapping[str, Value], language: Language, *, begins: bool) -> str:
    formed = pattern.format_map({name: _shown(value, language) for name, value in values.items()})
    return _capital(formed) if begins and not pattern.startswith("{") else formed


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _shown(value: Value, language: Language) -> str:
    if isinstance(value, Message):
        return value.spoken(language)
    return value if isinstance(value, str) else language.shown(value)
