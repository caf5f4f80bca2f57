"""A feed's bytes → its entries: RSS, Atom and RDF.

As ``retrieval/extraction/pages.py`` this runs in a process apart. feedparser is given bytes and never an address, which
it would fetch by itself.
"""

import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from retrieval.errors import WrongContent
from retrieval.extraction.pages import plain_text
from retrieval.messages import say

_MOST_ENTRIES = 500  # of one feed are looked at; newspapers' have 20 to 100
_LONGEST = 2_000  # characters of an id, an address or a title


@dataclass(frozen=True, slots=True)
class Entry:
    """One article that a feed names. ``text`` is the feed's own copy of it, often only a beginning.

    ``key`` is what the feed knows it by; ``published`` is the date as it is written there; ``feed`` is the
    address that names it.
    """

    key: str
    link: str | None
    title: str
    author: str
    published: str | None
    text: str
    feed: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a feed says of itself, and its entries, as they stand in it: mostly the newest first."""

    title: str
    entries: tuple[Entry, ...]


def no_feed(address: str) -> WrongContent:
    """The error of an address that gives no feed."""
    happened = say("what {address} gives is no feed that can be read", address=address)
    return WrongContent(happened, hint=say("Give the address of a feed"))


def parse(content: bytes, *, address: str, charset: str | None = None) -> ParsedFeed:
    """Read a feed that was fetched from an address. Raises WrongContent where it is none."""
    import feedparser

    media = "application/xml" if charset is None else f"application/xml; charset={charset}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries that feedparser drives in an older way
        found = feedparser.parse(
            BytesIO(content), response_headers={"content-type": media, "content-location": address}
        )
    if not found.get("version"):
        raise no_feed(address)
    entries = (_entry(given, feed=address) for given in found.entries[:_MOST_ENTRIES])
    return ParsedFeed(_line(found.feed.get("title")), tuple(entry for entry in entries if entry.key))


def _entry(given: Any, *, feed: str) -> Entry:
    link = _line(given.get("link")) or None
    bodies = [body.get("value") or "" for body in given.get("content", ())] + [given.get("summary") or ""]
    # "updated" is another day; feedparser would give it silently where a date of publication is missing.
    published = given.get("published") if "published" in given.keys() else None  # noqa: SIM118 - its "in" looks further
    return Entry(
        key=_line(given.get("id")) or link or "",
        link=link,
        title=_line(given.get("title")),
        author=_line(given.get("author")),
        published=_line(published) or None,
        text=plain_text(max(bodies, key=len)),
        feed=feed,
    )


def _line(value: object) -> str:
    return " ".join(value.split())[:_LONGEST] if isinstance(value, str) else ""
