"""How a card is made again: short codes for buttons that work after a restart, and for ever.

A button's custom id says which card to show and which page of it. Nothing in it is secret, and
nothing in it is trusted: articles are looked up only in the library of the server where it is pressed.
"""

import hashlib
import re
from dataclasses import dataclass

from retrieval import Length

# "q1" is the version: a later form of these codes gets another one, and old buttons keep working.
CODE = re.compile(
    r"q1:(?P<page>[0-9]{1,5}):"
    r"(?:a:(?P<spans>[0-9a-f]{4,16}\.[0-9a-z]{1,6}\.[0-9a-z]{1,6}\.[0-9a-f]{4}(?:,[0-9a-f]{4,16}\.[0-9a-z]{1,6}\.[0-9a-z]{1,6}\.[0-9a-f]{4})*)"
    r"|c:(?P<around>[0-9a-f]{4,16}\.[0-9a-z]{1,6}\.[0-9a-z]{1,6}\.[0-9a-f]{4})"
    r"|s:(?P<article>[0-9a-f]{4,16})\.(?P<length>short|medium|long)"
    r"|l:(?P<search>.{0,40}))",
    re.DOTALL,
)
SEARCH_LIMIT = 40
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
class SummaryKey:
    """A summary of an article."""

    article: str
    length: Length


@dataclass(frozen=True, slots=True)
class ListKey:
    """The articles whose titles match a search; all of them if it is empty."""

    search: str = ""


Key = QuotesKey | ContextKey | SummaryKey | ListKey


def digest(words: str) -> str:
    """Four hexadecimal characters by which quoted words are known again."""
    return hashlib.sha256(words.encode()).hexdigest()[:4]


def encode(key: Key, page: int = 1) -> str | None:
    """The custom id for a page of a card, or None where it would not fit into 100 characters."""
    custom_id = f"q1:{page}:{_code(key)}"
    fits = len(custom_id.encode("utf-16-le")) // 2 <= _LONGEST
    return custom_id if fits and CODE.fullmatch(custom_id) else None


def decode(custom_id: str) -> tuple[Key, int]:
    """The card and the page that a custom id stands for; raises ValueError for one that is none."""
    match = CODE.fullmatch(custom_id)
    if match is None:
        raise ValueError("not a code of a card")
    page = int(match["page"])
    if match["spans"]:
        return QuotesKey(tuple(map(_span, match["spans"].split(",")))), page
    if match["around"]:
        return ContextKey(_span(match["around"])), page
    if match["article"]:
        lengths: dict[str, Length] = {"short": "short", "medium": "medium", "long": "long"}
        return SummaryKey(match["article"], lengths[match["length"]]), page
    return ListKey(match["search"]), page


def _code(key: Key) -> str:
    match key:
        case QuotesKey(spans):
            return f"a:{','.join(map(_span_code, spans))}"
        case ContextKey(span):
            return f"c:{_span_code(span)}"
        case SummaryKey(article, length):
            return f"s:{article}.{length}"
        case ListKey(search):
            return f"l:{search}"


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
