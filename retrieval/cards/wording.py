"""How articles, dates and numbers are named on every card."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from retrieval.cards.card import Card, Source, Words
from retrieval.messages import joined, listed, say, say_count
from retrieval.records import Article
from retrieval.text import folded
from retrieval.web.addresses import host_of

_ALSO_IN_SHOWN = 3
# Where a date was stated by the publisher or by the person who added the article; any other origin
# (read from the text, guessed from the address) is shown as uncertain.
_STATED_BY = frozenset({"json-ld", "meta", "feed", "user", "given", "header"})
# Control characters but the line break, and the marks that reorder text on the screen: shown, they
# could move or hide words of a quote, or drive the terminal.
_INVISIBLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# Accents upon accents would reach over the lines above and below; no script piles up more.
_ACCENT = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILE = re.compile(rf"({_ACCENT}{{8}}){_ACCENT}+")
# Characters that show nothing by themselves, and belong to words all the same: joiners, selectors, fillers, tags.
_BLANK = re.compile(
    r"[\s\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\uffa0"
    r"\U000e0000-\U000e0fff]"
)
_LINE_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")

EMPTY_LIBRARY = Card(
    "nothing", say("No articles yet"), (Words(say("There is nothing to quote from until one is added.")),)
)


def visible(text: str) -> str:
    """The text as it may be shown: without control characters, bidirectional marks, and accents beyond eight at once.

    These are the only characters that a card's reader does not get to see. Every kind of line break
    becomes a line feed and a tab becomes a space, because control characters end there too.
    """
    return _PILE.sub(r"\1", _INVISIBLE.sub("", _LINE_BREAK.sub("\n", text).replace("\t", " ")))


def counted(number: int, thing: str) -> str:
    """``1 article``, ``1,240 articles``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def dated(article: Article) -> str:
    """The article's date in words, and whether it is certain."""
    if not article.published:
        return say("date unknown")
    day = date_words(article.published)
    return day if article.published_from in _STATED_BY else say("{day} (date uncertain)", day=day)


def date_words(published: str) -> str:
    """``2018-07-18…`` as ``18 July 2018``; what is no full date stays as it is."""
    try:
        return say("{day}", day=date.fromisoformat(published[:10]))
    except ValueError:
        return published


def title_of(article: Article) -> str:
    return _shown(article.title) or say("Untitled article")


def details_of(article: Article) -> tuple[str, ...]:
    return (origin_of(article) or say("source not named"), dated(article))


def origin_of(article: Article) -> str:
    """The publisher and, unless that is plainly its name, the host of the page: a page may call itself anything."""
    name, host = _shown(article.source), host_of(article.url)
    if not host or not name or _is_name_of(host, name):
        return name or host
    return joined("", (name, " (", host, ")"))


def _is_name_of(host: str, name: str) -> bool:
    """Whether a name is the host's own: ``The Lantern Post`` of lanternpost.example, and not of its subdomains."""
    letters = re.sub(r"[\W_]+", "", folded(name))
    label, _, rest = host.partition(".")
    is_label = "." not in rest and label.replace("-", "") in {letters, letters.removeprefix("the")}
    return is_label or host == name.casefold()


def source_of(article: Article, *, number: int | None = None, link: str | None = None, length: bool = False) -> Source:
    details = details_of(article)
    if length:
        details = (*details, say_count("{n} character", "{n} characters", article.characters))
    return Source(title_of(article), link or article.url, details, number)


def with_others(source: Source, others: Sequence[Article]) -> Source:
    """The source, and who has the same words: an agency's story stands in several outlets."""
    names = list(dict.fromkeys(_named(article) for article in others))
    if not names:
        return source
    more = len(names) - _ALSO_IN_SHOWN
    others_in = listed(names)
    if more > 0:
        shown = joined(", ", names[:_ALSO_IN_SHOWN])
        others_in = say_count("{names} and {n} more", "{names} and {n} more", more, names=shown)
    return replace(source, details=(*source.details, say("also in {others}", others=others_in)))


def _named(article: Article) -> str:
    return origin_of(article) or title_of(article)


def _shown(name: str) -> str:
    """A name on one line, as a reader sees it: of one without a visible character nothing is left."""
    line = " ".join(visible(name).split())
    return line if _BLANK.sub("", line) else ""
