"""A sitemap's bytes → the pages or further sitemaps that it names (the sitemaps.org protocol, version 0.9).

News sitemaps also give a title and the day of publication. As ``retrieval/extraction/pages.py`` this runs in a
process apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from retrieval.errors import WrongContent
from retrieval.extraction.feeds import Entry
from retrieval.extraction.parts import local
from retrieval.messages import say

_MOST = 50_000  # names in one sitemap, as the protocol has it
_LONGEST = 2_000  # characters of an address or a title
_KINDS = {"urlset": "url", "sitemapindex": "sitemap"}


@dataclass(frozen=True, slots=True)
class Listed:
    """One address that a sitemap names; ``changed`` is its last change and ``published`` its day, as written there."""

    url: str
    changed: str = ""
    title: str = ""
    published: str = ""

    @property
    def entry(self) -> Entry:
        """As an entry of a feed that has no text of its own."""
        return Entry(self.url, self.url, self.title, "", self.published or None, "")


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap names: pages, or as an index further sitemaps. As they stand there, each once."""

    is_index: bool
    listed: tuple[Listed, ...]


def no_sitemap(address: str) -> WrongContent:
    """The error of an address that gives no sitemap."""
    happened = say("what {address} gives is no sitemap that can be read", address=address)
    return WrongContent(happened, hint=say("Give the address of a page or feed"))


def parse_sitemap(content: bytes, *, address: str) -> Sitemap:
    """Read a sitemap that was fetched from an address. Raises WrongContent where it is none."""
    from lxml import etree

    # No entity is replaced and nothing is fetched: a few bytes cannot become a gigabyte, or another file. What is
    # broken off still names what stands before.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, recover=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    kind = None if root is None else _KINDS.get(local(root))
    if kind is None:
        raise no_sitemap(address)
    found = {listed.url: listed for listed in _listed(root, kind)}
    return Sitemap(kind == "sitemap", tuple(found.values()))


def _listed(root: Any, kind: str) -> Iterator[Listed]:
    elements = (element for element in root if local(element) == kind)
    for element, _ in zip(elements, range(_MOST), strict=False):
        said = dict(_said(element))
        url = said.get("loc", "")
        if url.startswith(("http://", "https://")):
            yield Listed(url, said.get("lastmod", ""), said.get("title", ""), said.get("publication_date", ""))


def _said(element: Any) -> Iterator[tuple[str, str]]:
    """What stands in an element, by names: also inside ``<news:news>``, not inside pictures and films."""
    for child in element:
        if local(child) == "news":
            yield from _said(child)
        elif len(child) == 0:
            yield local(child), " ".join((child.text or "").split())[:_LONGEST]
