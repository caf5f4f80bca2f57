"""What kind of thing a question asks for, and which sentences hold one that it does not name itself.

A crude answer type, as question answering systems have used since TREC-8 (Voorhees, 1999), read off
by form: it only tells which of several sentences about the same thing is the one to quote.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from retrieval.text import words

_DIGITS = r"\d[\d,.]*"
_NUMBER_WORDS = (
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|"
    r"million|billion|dozen|half|third|quarter|once|twice|none|both)\b"
)
_NUMBER = f"{_DIGITS}|{_NUMBER_WORDS}"
_MONTH = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
)
_PERIOD = r"(?:second|minute|hour|day|night|week|month|year|decade|centur(?:y|ie)|season)s?\b"


class _Kind(NamedTuple):
    """Questions that ask for it, and the shapes that it has; the first kind that is asked for counts.

    Where case does not matter the shapes are those of the sentence in lower case: a pattern that ignores case
    takes three times as long.
    """

    asked: re.Pattern[str]
    held: Sequence[re.Pattern[str]]
    is_lower: bool


def _kind(asked: str, *held: str, is_lower: bool = False) -> _Kind:
    return _Kind(re.compile(asked, re.IGNORECASE), [re.compile(shape) for shape in held], is_lower)


_KINDS: Sequence[_Kind] = (
    _kind(
        r"\bhow (?:much|expensive)\b|\bwhat (?:price|sum)\b|\bcosts?\b|\bworth\b",
        rf"[$€£¥]\s?\d|(?:{_NUMBER})\s?(?:%|per ?cent|million|billion|dollars|euros|pounds|tonnes|degrees)|\d",
        is_lower=True,
    ),
    _kind(r"\bhow (?:long|old)\b", rf"(?:{_NUMBER})[\s-](?:\w+\s)?{_PERIOD}|\d:\d\d", is_lower=True),
    _kind(
        r"\bhow (?:many|far|fast|big|large|tall|high|low|deep|often|heavy|close|hot|cold)\b|"
        r"\bwhat (?:percentage|per ?cent|share|number|fraction|score|age|size)\b|\b(?:score|turnout)\b",
        _DIGITS,
        _NUMBER_WORDS,
        is_lower=True,
    ),
    _kind(
        r"\bwhen\b|\b(?:what|which) (?:year|day|date|month|century|decade|time)\b",
        rf"\b(?:(?:1\d|20)\d\ds?\b|(?:{_MONTH})\b|\d{{1,2}}(?::\d\d)? ?[ap]\.?m\b|(?:morning|evening|midnight)\b)",
    ),
    _kind(
        r"\bwho(?:se|m|s)?\b",
        # What begins with a space is looked for at the spaces alone: ten times as fast as at every letter.
        rf" (?<=[a-z,’')] )(?!(?:{_MONTH})\b)([A-Z][\w’'-]+)",
        rf"^[\"“‘']?[A-Z][\w’'-]+ (?!(?:{_MONTH})\b)[A-Z][\w’'-]+",
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
    read = map(str.lower, sentences) if kind.is_lower else sentences
    return [any(_holds(sentence, shape, named) for shape in kind.held) for sentence in read]


def _holds(sentence: str, shape: re.Pattern[str], named: set[str]) -> bool:
    """Whether the sentence has something of this shape that the question does not name; mostly the first is one."""
    found = shape.search(sentence)
    return found is not None and (
        not _is_named(found, named)
        or any(not _is_named(other, named) for other in shape.finditer(sentence, found.end()))
    )


def _is_named(found: re.Match[str], named: set[str]) -> bool:
    """Whether the question itself says what was found: then it is not what is asked for."""
    said = words(found[found.lastindex or 0])
    return bool(said) and named.issuperset(said)
