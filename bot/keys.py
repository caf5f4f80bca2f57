"""How a card is made again: short codes for buttons that work after a restart, and for ever.

A button's custom id says which card to show and which page of it. Nothing in it is secret, and
nothing in it is trusted: articles are looked up only in the library of the server where it is pressed.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from retrieval import Length

BESIDE = 0  # in place of a page: the first one, beside the card that was pressed
SEARCH_LIMIT = 40
TOPIC_LIMIT = 80
_LONGEST = 100
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``[start, end)`` of an article's given text, and the digest of what stood there.

    An article may change after its quote was shown; the digest tells.
    """

    article: str
    start: int
    end: int
    digest: str


@dataclass(frozen=True, slots=True)
class QuotesKey:
    """The quotes of an answer."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class ContextKey:
    """A quote with the words around it."""

    span: Span


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """Whether the quotes of an answer still stand in their articles."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class MoreKey:
    """More quotes for the question of a remembered answer."""

    answer: str


@dataclass(frozen=True, slots=True)
class NearestKey:
    """What came nearest to the question of a remembered answer."""

    answer: str


@dataclass(frozen=True, slots=True)
class SummaryKey:
    """A summary of an article."""

    article: str
    length: Length


@dataclass(frozen=True, slots=True)
class ArticleKey:
    """What is known of an article."""

    article: str


@dataclass(frozen=True, slots=True)
class TopicKey:
    """Key points of the articles about a topic."""

    about: str
    length: Length


@dataclass(frozen=True, slots=True)
class ListKey:
    """The articles whose titles match a search; all of them if it is empty."""

    search: str = ""


# What an article or a list is made again from, and what needs the question of an answer besides.
CardKey = QuotesKey | ContextKey | VerifyKey | SummaryKey | ArticleKey | TopicKey | ListKey
Key = CardKey | MoreKey | NearestKey


def digest(words: str) -> str:
    """Four hexadecimal characters by which quoted words are known again."""
    return hashlib.sha256(words.encode()).hexdigest()[:4]


def encode(key: Key, page: int = 1) -> str | None:
    """The custom id for a page of a card, or None where it would not fit into 100 characters."""
    letter, form = next((letter, form) for letter, form in _FORMS.items() if form.key is type(key))
    custom_id = f"q1:{page}:{letter}:{form.write(key)}"
    fits = len(custom_id.encode("utf-16-le")) // 2 <= _LONGEST
    return custom_id if fits and CODE.fullmatch(custom_id) else None


def decode(custom_id: str) -> tuple[Key, int]:
    """The card and the page that a custom id stands for; raises ValueError for one that is none."""
    match = CODE.fullmatch(custom_id)
    if match is None or match.lastgroup is None:
        raise ValueError("not a code of a card")
    key: Key = _FORMS[match.lastgroup].read(match[match.lastgroup])
    return key, int(match["page"])


def _span_code(span: Span) -> str:
    return f"{span.article}.{_base36(span.start)}.{_base36(span.end - span.start)}.{span.digest}"


def _span(code: str) -> Span:
    article, start, length, digest = code.split(".")
    return Span(article, int(start, 36), int(start, 36) + int(length, 36), digest)


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits


def _spans_code(key: Any) -> str:
    return ",".join(map(_span_code, key.spans))


def _spans(code: str) -> tuple[Span, ...]:
    return tuple(map(_span, code.split(",")))


def _summary(code: str) -> SummaryKey:
    article, length = code.split(".")
    return SummaryKey(article, _LENGTHS[length])


def _topic(code: str) -> TopicKey:
    length, _, about = code.partition(".")
    return TopicKey(about, _LENGTHS[length])


class _Form(NamedTuple):
    """How the codes of one kind of key look, are written and are read."""

    key: type[Any]
    body: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]


_SPAN = r"[0-9a-f]{4,16}\.[0-9a-z]{1,6}\.[0-9a-z]{1,6}\.[0-9a-f]{4}"
_SPANS = rf"{_SPAN}(?:,{_SPAN})*"
_ANSWER = r"[0-9a-f]{12}"
_LENGTHS: dict[str, Length] = {"short": "short", "medium": "medium", "long": "long"}
_FORMS = {
    "a": _Form(QuotesKey, _SPANS, _spans_code, lambda code: QuotesKey(_spans(code))),
    "c": _Form(ContextKey, _SPAN, lambda key: _span_code(key.span), lambda code: ContextKey(_span(code))),
    "v": _Form(VerifyKey, _SPANS, _spans_code, lambda code: VerifyKey(_spans(code))),
    "m": _Form(MoreKey, _ANSWER, lambda key: str(key.answer), MoreKey),
    "n": _Form(NearestKey, _ANSWER, lambda key: str(key.answer), NearestKey),
    "s": _Form(
        SummaryKey,
        r"[0-9a-f]{4,16}\.(?:short|medium|long)",
        lambda key: f"{key.article}.{key.length}",
        _summary,
    ),
    "i": _Form(ArticleKey, r"[0-9a-f]{4,16}", lambda key: str(key.article), ArticleKey),
    "t": _Form(
        TopicKey,
        rf"(?:short|medium|long)\..{{1,{TOPIC_LIMIT}}}",
        lambda key: f"{key.length}.{key.about}",
        _topic,
    ),
    "l": _Form(ListKey, rf".{{0,{SEARCH_LIMIT}}}", lambda key: str(key.search), ListKey),
}
# "q1" is the version: a later form of these codes gets another one, and old buttons keep working.
_ANY = "|".join(f"{letter}:(?P<{letter}>{form.body})" for letter, form in _FORMS.items())
CODE = re.compile(rf"q1:(?P<page>[0-9]{{1,5}}):(?:{_ANY})", re.DOTALL)
