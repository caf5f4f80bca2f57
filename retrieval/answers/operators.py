"""The question's own language: sources, dates and exact words that it names, and what is left to search for.

Dates are compared as they are written in ISO 8601, whose order is the order of time: a month is what
its days begin with.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from retrieval.errors import InvalidQuestion
from retrieval.messages import say
from retrieval.records import Article
from retrieval.text import Span, folded, same_letters, same_words, words

_OPERATOR = re.compile(
    r"(?<![^\s(`*_~|])(?P<name>source|after|before|on):(?:[\"“„](?P<quoted>[^\"“”„]*)[\"”“]|(?P<plain>\S+))",
    re.IGNORECASE,
)
_AROUND_VALUE = " \t\n.,;:!?()`*_~|"
_ISO = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")

_PICTURE = re.compile(r"\b(?:captions?|photo(?:graph)?s?|pictures?|pictured)\b", re.IGNORECASE)

# Both marks stand at a word's edge: 6" and 8" are inches.
_PHRASE = re.compile(r"(?<!\w)(?:\"([^\"]+)\"|[“„]([^“”„]+)[”“]|«([^«»]+)»)(?!\w)")

_SURE = re.compile(r"[^\W\d_]{3,}")

_FORMATTING = re.compile(r"[`*_~|]+")

# Inside a phrase it is one of its words; "at the latest" is a deadline.
_LATEST = re.compile(
    rf"{_PHRASE.pattern}|(?P<latest>(?<!\bat )(?<!\bat the )\b(?:the )?(?:(?:very )?latest|newest|most recent)\b)",
    re.IGNORECASE,
)
# With these words alone, "latest" asks for the newest articles, whatever they are about.
_NEWS = frozenset(
    "news article articles story stories headline headlines report reports update updates give show tell say says "
    "s what is are the from by in of me us any please".split()
)

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = rf"(?P<month>{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in _MONTHS)}|sept)\.?"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
# "Since July" names a border, not the time asked for; "may" is a verb more often than a month.
_BORDER = r"\b(?P<border>(?:since|after|before|until) )?"
_MONTH_ALONE = re.compile(
    rf"\b(?!this may\b)(?:in|during|of|early|late|mid|this|last) {_MONTH}\b", re.IGNORECASE
)  # the one form without a number
_DATES = (
    re.compile(rf"{_BORDER}{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?\b", re.IGNORECASE),
    re.compile(rf"{_BORDER}{_MONTH} {_DAY}\b(?:,? {_YEAR})?\b", re.IGNORECASE),
    re.compile(rf"{_BORDER}{_MONTH},? {_YEAR}\b", re.IGNORECASE),
    _MONTH_ALONE,
    re.compile(rf"{_BORDER}{_YEAR}\b"),
)
_NUMBER = re.compile(r"\d")
_RELATIVE = re.compile(r"\b(today|yesterday|(?:this|last) (?:week|month|year))\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    """What a question says besides what it asks.

    ``limits`` are ``(operator, value)`` pairs, as typed; ``phrases`` must stand in what is quoted;
    ``dates`` are beginnings of ISO dates (``-07-18`` is that day of any year) that the question
    names in words; ``latest`` prefers the newest. ``text`` is what is left to search for.
    """

    text: str = ""
    limits: tuple[tuple[str, str], ...] = ()
    phrases: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    latest: bool = False

    @property
    def wants_newest(self) -> bool:
        """Whether the newest articles are asked for, whatever they are about."""
        return self.latest and not self.text

    @property
    def wants_captions(self) -> bool:
        """Whether it asks for what stands under the articles' pictures, too."""
        return bool(_PICTURE.search(self.text))

    def admits(self, article: Article) -> bool:
        """Whether the article is of a source that is asked for, and of the time.

        The date that counts is the one of publication: an article without one is of no time.
        """
        sources = [value for name, value in self.limits if name == "source"]
        if sources and not any(_is_from(article, source) for source in sources):
            return False
        return all(_is_of_time(article.published, name, value) for name, value in self.limits if name != "source")

    def names(self, day: str) -> bool:
        """Whether the question says this day in words, or a time that it is in, such as "in July 2018"."""
        return any(day[4:].startswith(d) if d.startswith("-") else day.startswith(d) for d in self.dates)

    def holds(self, text: str) -> bool:
        """Whether the text has every phrase, up to case, white space and the shape of quotation marks."""
        lowered = text.lower()  # most texts do not even have the letters
        return all(
            same_letters(phrase).search(lowered) and same_words(phrase, ignore_case=True).search(text)
            for phrase in self.phrases
        )

    def places(self, text: str) -> list[Span]:
        """Where the text has any of the phrases."""
        lowered = text.lower()
        return [place for phrase in self.phrases for place in _places(phrase, text, lowered)]

    def places_of_all(self, text: str) -> list[Span]:
        """Where the text has the phrases; none where it lacks one of them."""
        lowered = text.lower()
        found: list[Span] = []
        for phrase in self.phrases:
            places = _places(phrase, text, lowered)
            if not places:
                return []
            found += places
        return found

    @property
    def limits_as_typed(self) -> str:
        """``source:bloomberg after:2018-07``."""
        return " ".join(f'{name}:"{value}"' if " " in value else f"{name}:{value}" for name, value in self.limits)


def _places(phrase: str, text: str, lowered: str) -> list[Span]:
    """Where a text has a phrase; ``lowered`` is the text in lower case."""
    if not same_letters(phrase).search(lowered):
        return []
    return [Span(*match.span()) for match in same_words(phrase, ignore_case=True).finditer(text)]


def sure_words(phrase: str) -> str:
    """The words of a phrase that are words by themselves wherever it stands.

    At its ends one may be the rest of a longer one: ``000 people`` of ``1,000 people``, ``re here`` of ``you're here``.
    """
    pieces = phrase.split()
    sure = pieces[1:-1]
    return " ".join([*sure, *(piece for piece in (pieces[0], pieces[-1]) if _SURE.fullmatch(piece))])


def read(question: str, *, today: date) -> Request:
    """The question taken apart; words such as "yesterday" count from ``today``.

    Raises InvalidQuestion for an operator that names no source or no date, and where operators are
    all there is, but for the latest articles.
    """
    limits = tuple(_limit(found) for found in _OPERATOR.finditer(question))
    latest = any(found["latest"] for found in _LATEST.finditer(_OPERATOR.sub(" ", question)))
    text = subject(question)
    if latest and not set(words(text)) - _NEWS:
        return Request("", limits, latest=True)
    if limits and not words(text):
        raise InvalidQuestion(
            say("the question says where to look and not what for"),
            hint=say("Add what you want to know; for the newest articles write: latest source:bloomberg"),
        )
    quoted = (
        " ".join(_FORMATTING.sub(" ", next(filter(None, found.groups()))).split()) for found in _PHRASE.finditer(text)
    )
    phrases = tuple(p.strip(_AROUND_VALUE) for p in quoted if words(p))
    return Request(text, limits, phrases, tuple(_dates(text, today)), latest)


def subject(question: str) -> str:
    """The question without operators, and without "latest" and the like, which say nothing of what it is about."""
    return _LATEST.sub(lambda found: " " if found["latest"] else found[0], _OPERATOR.sub(" ", question))


def _limit(found: re.Match[str]) -> tuple[str, str]:
    name, quoted = found["name"].lower(), found["quoted"]
    value = (found["plain"] if quoted is None else quoted).strip(_AROUND_VALUE)
    if name == "source":
        if not words(value):
            raise InvalidQuestion(
                say("source: names no publisher"), hint=say('Write source:bloomberg, or source:"two words"')
            )
        return name, " ".join(value.split())
    if not _is_date(value):
        raise InvalidQuestion(
            say("“{value}” is no date for {name}:", value=value, name=name),
            hint=say("Write {name}:2018-07-18, {name}:2018-07 or {name}:2018", name=name),
        )
    return name, value


def _is_date(value: str) -> bool:
    if not _ISO.fullmatch(value):
        return False
    try:
        date.fromisoformat(f"{value}-01-01"[:10])
    except ValueError:
        return False
    return True


def _is_from(article: Article, source: str) -> bool:
    """Whether a word of the publisher's name, or a part of the page's host, begins like this."""
    named = f"{article.source} {urlsplit(article.url or '').hostname or ''}"
    return bool(re.search(rf"(?<!\w){re.escape(folded(source))}", folded(named)))


def _is_of_time(published: str | None, name: str, value: str) -> bool:
    if not published:
        return False
    if name == "after":
        return published >= value
    if name == "before":
        return published < value[: len(published)]
    return published.startswith(value)


def _dates(text: str, today: date) -> Iterator[str]:
    for form in _DATES if _NUMBER.search(text) else (_MONTH_ALONE,):
        for found in form.finditer(text):
            parts = found.groupdict()
            if parts.get("border"):
                continue
            month = f"{_month(parts['month']):02}" if parts.get("month") else ""
            day = f"{int(parts['day']):02}" if parts.get("day") else ""
            yield "-".join((parts.get("year") or "", *filter(None, (month, day))))
        text = form.sub(" ", text)  # the month of a day is no date of its own
    for found in _RELATIVE.finditer(text):
        yield from _relative(found[1].lower(), today)


def _month(name: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name.lower()))


def _relative(said: str, today: date) -> Iterator[str]:
    back = 1 if said.startswith(("yester", "last")) else 0
    if said.endswith("day"):
        yield (today - timedelta(days=back)).isoformat()
    elif said.endswith("week"):
        monday = today - timedelta(days=today.weekday() + 7 * back)
        yield from ((monday + timedelta(days=day)).isoformat() for day in range(7))
    elif said.endswith("month"):
        yield (today.replace(day=1) - timedelta(days=back)).isoformat()[:7]
    else:
        yield str(today.year - back)
