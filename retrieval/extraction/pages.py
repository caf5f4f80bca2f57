"""A web page → its article's text, and what the page says of it.

Extraction runs on pages that strangers wrote, so a library runs this file in a process apart
(``retrieval/extraction/apart.py``).
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from retrieval.errors import UnreadableFile
from retrieval.extraction.dates import first_published
from retrieval.extraction.hidden import without_hidden
from retrieval.messages import say
from retrieval.web.addresses import canonical, is_same_site

# An extract below both is a failed one: measured on a public benchmark of 181 article pages.
_SHORT_EXTRACT = 250  # characters
_EXTRACT_SHARE = 0.25  # of what resiliparse keeps

# Elements in elements; browsers stop at 512 as well. trafilatura returns nothing from 1,000 on, and the time that
# resiliparse takes grows with the square.
_DEEPEST = 512
# What may be left open, or cannot hold anything, says nothing about depth.
_UNCOUNTED = frozenset(
    "p li dt dd tr td th thead tbody tfoot colgroup option optgroup rp rt html head body caption "
    "area base br col embed hr img input link meta param source track wbr".split()
)
# What is opened and never closed reaches to the end, as browsers read it; looking for its end again and again
# would take quadratic time.
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|template|title|textarea)\b.*?(?:</\1\s*>|\Z)"
    r"|<(/?)([a-z][a-z0-9-]*)[^>]*(?:>|\Z)",
    re.S | re.I,
)

_NEWS = re.compile(r"(?:\A|[/:#])\w*NewsArticle\Z")
_ARTICLE = re.compile(r"(?:\A|[/:#])(?:\w*Article|\w*BlogPosting|Report)\Z")
_MOST_NODES = 2_000  # of a page's linked data that are looked at
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})
_MOST_FEEDS = 5  # of a page are named in a sentence
_OUTLET = re.compile(r"\s+[|–—:·«»•-]+\s.{2,60}\Z")  # behind a headline
_META_DATES = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.issued",
    "pubdate",
    "publishdate",
    "parsely-pub-date",
    "sailthru.date",
)


@dataclass(frozen=True, slots=True)
class Page:
    """An article's text, and what its page says of it, as it is written there.

    ``dates`` are the dates of publication that were found, best first, each with where: "json-ld", "meta"
    or "text"; or "file", the day that a file says it was made. ``part`` is the path of a chapter within its file.
    """

    text: str
    title: str | None = None
    source: str | None = None
    author: str | None = None
    url: str | None = None
    dates: tuple[tuple[str, str], ...] = ()
    part: str | None = None


def no_article(name: str) -> UnreadableFile:
    """The error of a page without an article."""
    happened = say("{name} holds no article", name=name)
    return UnreadableFile(happened, hint=say("Save the page again, or paste its text into a .txt file"))


def extract(content: bytes, *, name: str, charset: str | None = None, address: str | None = None) -> Page:
    """The article of a page; ``address`` is where it was fetched, and settles what its own address can be.

    Where trafilatura returns next to nothing, resiliparse is asked; the thresholds are those measured in
    ``docs/quality.md``. Raises UnreadableFile where neither finds an article.
    """
    import trafilatura
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    whole = flattened(decoded(content, charset))
    page = without_hidden(whole)
    found: Any = trafilatura.bare_extraction(page, favor_precision=True, include_comments=False, with_metadata=True)
    text: str = (found.text if found else None) or ""
    plain = extract_plain_text(page, main_content=True, alt_texts=False, comments=False)
    if len(text) < _SHORT_EXTRACT or len(text) < len(plain) * _EXTRACT_SHARE:
        text = max(text, plain, key=len)
    if not text.strip():
        raise no_article(name)
    tree: Any = HTMLTree.parse(whole)  # what is said of the page may stand where nobody sees it
    stated = _linked_data(tree)
    dates = [(stated.get("date"), "json-ld"), *((date, "meta") for date in _meta_dates(tree))]
    if not any(date for date, _ in dates):
        # trafilatura takes whichever of the two stands first.
        shown = extract_plain_text(page, main_content=False, alt_texts=False)
        dates.append((first_published(shown) or (found.date if found else None), "text"))
    return Page(
        text,
        title=stated.get("title") or _headline(tree, (found.title if found else None) or ""),
        source=stated.get("source") or (found.sitename if found else None),
        author=stated.get("author") or (found.author if found else None),
        url=own_address(tree, address) if address else (found.url if found else None),
        dates=tuple((date, origin) for date, origin in dates if date),
    )


@dataclass(frozen=True, slots=True)
class NamedFeeds:
    """The addresses of feeds that a page links to."""

    urls: tuple[str, ...]


def named_feeds(content: bytes, *, address: str, charset: str | None = None) -> NamedFeeds:
    """The feeds that a page links to, as its ``<link rel="alternate">`` say; five at most."""
    from resiliparse.parse.html import HTMLTree

    tree: Any = HTMLTree.parse(flattened(decoded(content, charset)))
    links = tree.document.query_selector_all('link[rel="alternate"][href]')
    hrefs = [link.getattr("href") for link in links if link.getattr("type") in _FEED_TYPES]
    return NamedFeeds(tuple(dict.fromkeys(filter(None, (_joined(address, href) for href in hrefs))))[:_MOST_FEEDS])


def plain_text(fragment: str) -> str:
    """The text of a piece of HTML, such as a feed's own copy of an article."""
    from resiliparse.extract.html2text import extract_plain_text

    text: str = extract_plain_text(without_hidden(flattened(fragment)), main_content=False, alt_texts=False)
    return text.strip()


def decoded(content: bytes, charset: str | None) -> str:
    """The characters of a page: of the set that is named, else of the one that the bytes speak for."""
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding, map_encoding_to_html5

    named = map_encoding_to_html5(charset, fallback_utf8=False) if charset else None
    text: str = bytes_to_str(content, named or detect_encoding(content) or "utf-8")
    return text


def flattened(page: str) -> str:
    """The page without the tags of elements that lie too deep; what stands in those stays."""
    pieces: list[str] = []
    depth = copied = 0
    for tag in _TAG.finditer(page):
        name = (tag[3] or "").lower()
        if not name or name in _UNCOUNTED or tag[0].endswith("/>"):
            continue
        if tag[2]:
            is_too_deep = depth > _DEEPEST
            depth = max(depth - 1, 0)
        else:
            depth += 1
            is_too_deep = depth > _DEEPEST
        if is_too_deep:
            pieces.append(page[copied : tag.start()])
            copied = tag.end()
    return "".join([*pieces, page[copied:]])


def own_address(tree: Any, address: str) -> str:
    """The address by which a fetched page is known: the one it names, if that is on its own site."""
    link = tree.document.query_selector('link[rel="canonical"]')
    named = (link.getattr("href") or "") if link else ""
    named = _joined(address, named)
    return canonical(named if is_same_site(named, address) else address).partition("#")[0]


def _joined(address: str, href: str) -> str:
    """Where a link of a page leads; empty where that is no web address."""
    try:
        url = urljoin(address, href.strip())
    except ValueError:
        return ""
    return url if url.startswith(("http://", "https://")) else ""


def _headline(tree: Any, title: str) -> str | None:
    """The title without the outlet's name behind it, where the page shows it so."""
    for heading in tree.document.query_selector_all("h1"):
        shown = " ".join(heading.text.split())
        if shown and _OUTLET.match(title[len(shown) :]) and title.startswith(shown):
            return shown
    return title or None


def _meta_dates(tree: Any) -> Iterator[str]:
    """What the page's meta elements call its date of publication, the surest name first."""
    found: dict[str, str] = {}
    for meta in tree.document.query_selector_all("meta[content]"):
        name = meta.getattr("property") or meta.getattr("name") or meta.getattr("itemprop") or ""
        found.setdefault(name.strip().lower(), meta.getattr("content") or "")
    return (found[name] for name in _META_DATES if found.get(name))


def _linked_data(tree: Any) -> dict[str, str]:
    """What JSON-LD says of the page's article: title, author, source and date (schema.org's NewsArticle)."""
    nodes = [node for block in _blocks(tree) for node in _nodes(block)][:_MOST_NODES]
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    article = next(_of_type(nodes, _NEWS), None) or next(_of_type(nodes, _ARTICLE), None)
    if article is None:
        return {}
    found = {
        "title": _name(article.get("headline") or article.get("name"), by_id),
        "author": _name(article.get("author") or article.get("creator"), by_id),
        "source": _name(article.get("publisher"), by_id),
        "date": _name(article.get("datePublished"), by_id),
    }
    return {key: value for key, value in found.items() if value}


def _blocks(tree: Any) -> Iterator[object]:
    for script in tree.document.query_selector_all('script[type="application/ld+json"]'):
        try:
            yield json.loads(script.text, strict=False)
        except (ValueError, RecursionError):  # pages often break it
            continue


def _nodes(block: object, *, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The objects of a block, those in lists and in @graph, too."""
    if isinstance(block, list) and depth < 4:
        for item in block:
            yield from _nodes(item, depth=depth + 1)
    elif isinstance(block, dict):
        yield block
        yield from _nodes(block.get("@graph"), depth=depth + 1)


def _of_type(nodes: Iterable[dict[str, Any]], wanted: re.Pattern[str]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        types = node.get("@type")
        if any(isinstance(t, str) and wanted.search(t) for t in (types if isinstance(types, list) else [types])):
            yield node


def _name(value: object, by_id: Mapping[str, dict[str, Any]]) -> str:
    """What a value is called: a text, an object's name, or those of a list."""
    values = value if isinstance(value, list) else [value]
    return ", ".join(filter(None, (_one_name(v, by_id) for v in values[:20])))


def _one_name(value: object, by_id: Mapping[str, dict[str, Any]]) -> str:
    if isinstance(value, dict):
        whole = by_id.get(str(value.get("@id")), value)
        value = value.get("name") or whole.get("name")
    return " ".join(html.unescape(value).split()) if isinstance(value, str) else ""
