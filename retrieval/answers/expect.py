"""What kind of thing a question asks for, and which sentences hold one that it does not name itself.

A crude answer type, as question answering systems have used since TREC-8 (Voorhees, 1999), read off
by form: it only tells which of several sentences about the same thing is the one to quote.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from retrieval.text import words

_NUMBER = (
    r"\d[\d,.]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|"
    r"million|billion|dozen|half|third|quarter|once|twice|none|both)\b"
)
_MONTH = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
)
_PERIOD = r"(?:second|minute|hour|day|night|week|month|year|decade|centur(?:y|ie)|season)s?\b"


class _Kind(NamedTuple):
    """Questions that ask for it, and what it looks like; the first kind that is asked for counts."""

    asked: re.Pattern[str]
    held: re.Pattern[str]


def _kind(asked: str, held: str, *, flags: int = 0) -> _Kind:
    return _Kind(re.compile(asked, re.IGNORECASE), re.compile(held, flags))


_KINDS: Sequence[_Kind] = (
    _kind(
        r"\bhow (?:much|expensive)\b|\bwhat (?:price|sum)\b|\bcosts?\b|\bworth\b",
        rf"[$€£¥]\s?\d|(?:{_NUMBER})\s?(?:%|per ?cent|million|billion|dollars|euros|pounds|tonnes|degrees)|\d",
        flags=re.IGNORECASE,
    ),
    _kind(r"\bhow (?:long|old)\b", rf"(?:{_NUMBER})[\s-](?:\w+\s)?{_PERIOD}|\d:\d\d", flags=re.IGNORECASE),
    _kind(
        r"\bhow (?:many|far|fast|big|large|tall|high|low|deep|often|heavy|close|hot|cold)\b|"
        r"\bwhat (?:percentage|per ?cent|share|number|fraction|score|age|size)\b|\b(?:score|turnout)\b",
        _NUMBER,
        flags=re.IGNORECASE,
    ),
    _kind(
        r"\bwhen\b|\b(?:what|which) (?:year|day|date|month|century|decade|time)\b",
        rf"\b(?:1\d|20)\d\ds?\b|\b(?:{_MONTH})\b|\b\d{{1,2}}(?::\d\d)? ?[ap]\.?m\b|\b(?:morning|evening|midnight)\b",
    ),
    _kind(
        r"\bwho(?:se|m|s)?\b",
        rf"(?<=[a-z,’')] )(?!(?:{_MONTH})\b)[A-Z][\w’'-]+|^[\"“‘']?[A-Z][\w’'-]+ (?!(?:{_MONTH})\b)[A-Z][\w’'-]+",
    ),
    _kind(
        r"\bwhere\b|\b(?:what|which) (?:city|country|town|state|place|island)\b",
        r"\b(?:in|at|near|from|to|off|outside|across|into|over) (?:the )?([A-Z][\w’'-]+)",
    ),
    _kind(r"\bwhy\b", r"\b(?:because|due to|since|as a result|in order to|owing to|reasons?|caused?|so that)\b"),
)


def expected(question: str, sentences: Sequence[str]) -> list[bool]:
    """For each sentence, whether it holds what the question asks for; all False where that is unclear."""
    kind = next((k for k in _KINDS if k.asked.search(question)), None)
    if kind is None:
        return [False] * len(sentences)
    named = set(words(question))
    return [any(not _is_named(m, named) for m in kind.held.finditer(sentence)) for sentence in sentences]


def _is_named(found: re.Match[str], named: set[str]) -> bool:
    """Whether the question itself says what was found: then it is not what is asked for."""
    said = words(found[found.lastindex or 0])
    return bool(said) and named.issuperset(said)
