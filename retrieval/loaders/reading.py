"""What a person names, a file, a folder or an address, → documents."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from retrieval.errors import AddressRefused, InvalidInput, ServerRefused, WrongContent
from retrieval.extraction.apart import Worker
from retrieval.extraction.feeds import Entry, ParsedFeed
from retrieval.extraction.pages import Page
from retrieval.extraction.sitemaps import Listed
from retrieval.loaders.documents import Document, Unread, decode, from_page, from_text, iso_date
from retrieval.loaders.files import load
from retrieval.loaders.sitemaps import Sitemaps, moment
from retrieval.messages import listed, say
from retrieval.web.addresses import canonical, host_of, is_address, is_same_site, target_of
from retrieval.web.client import Fetched, Web
from retrieval.web.robots import Robots

Source = Path | str | Document | Unread

# Characters of a feed's own text that are worth keeping where its page cannot be had; a teaser has fewer.
_LONG_ENOUGH = 800

_TOO_MUCH = frozenset({429, 503})


class Reader:
    """Reads texts here, and pages, feeds and files of other kinds in a process apart. ``close`` it, or use ``with``.

    ``entries`` is how many of a feed or sitemap are read at most; ``added`` gives the moment at which a page came
    into the library (ISO 8601, UTC), None where it has not.
    """

    def __init__(self, web: Web, *, entries: int, added: Callable[[str], str | None] = lambda url: None) -> None:
        self.web = web
        self.robots = Robots(web)
        self._entries = entries
        self._added = added
        self._worker = Worker()
        self._resting: set[str] = set()

    def documents(self, sources: Iterable[Source]) -> Iterator[Document | Unread]:
        """Of each source in turn. What cannot be read comes as ``Unread``, and the rest goes on."""
        for source in sources:
            if isinstance(source, str) and is_address(source):
                yield from self._at(source)
            elif isinstance(source, Path | str):
                yield from load(Path(source), read=self._worker.file)
            else:
                yield source

    def _at(self, address: str) -> Iterator[Document | Unread]:
        """The article of a page, or those that a feed or sitemap names."""
        try:
            fetched = self.web.fetch(address)
            if fetched.kind == "sitemap":
                pages = Sitemaps(self.web, self.robots, self._worker.sitemap).pages(fetched)
                yield from self._listed(pages, address=address)
                return
            if fetched.kind != "feed":
                yield self.page(fetched)
                return
            feed = self.feed(fetched)
            if not feed.entries:
                happened = say("the feed {address} names no articles", address=address)
                raise WrongContent(happened, hint=say("Look at it again later"))
        except InvalidInput as error:
            yield Unread(address, error)
            return
        for entry in feed.entries[: self._entries]:
            yield self.entry(entry)

    def _listed(self, pages: Sequence[Listed], *, address: str) -> Iterator[Document | Unread]:
        """The articles of the pages that a sitemap names and the library lacks, or has as they were before a change."""
        if not pages:
            happened = say("the sitemap {address} names no pages of its site", address=address)
            raise WrongContent(happened, hint=say("Look at it again later"))
        lacking = [page for page in pages if self._is_lacking(page)]
        left = len(lacking) - self._entries
        note = f"the sitemap names {left:,} more; add it again for the next" if left > 0 else None
        for page in lacking[: self._entries]:
            found = self.entry(page.entry)
            if note and isinstance(found, Document):  # said once
                found, note = replace(found, note=found.note or note), None
            yield found

    def _is_lacking(self, page: Listed) -> bool:
        added = self._added(page.url)
        changed = moment(page.changed)
        return added is None or (changed is not None and changed > datetime.fromisoformat(added))

    def page(self, fetched: Fetched) -> Document:
        """The article of a page or text that was fetched. Raises InvalidInput where it holds none."""
        url = canonical(fetched.url)
        if fetched.kind == "text":
            document = from_text(decode(fetched.content, name=url), name=url)
            # The text is a stranger's: it does not say which page it is.
            return replace(document, doc_id=None, url=url, is_file=False)
        page = self._worker.page(fetched.content, name=url, charset=fetched.charset, address=fetched.url)
        return from_page(page, name=url)

    def feed(self, fetched: Fetched) -> ParsedFeed:
        """A feed that was fetched. Raises WrongContent where it cannot be read."""
        return self._worker.feed(fetched.content, address=fetched.url, charset=fetched.charset)

    def no_feed(self, fetched: Fetched) -> WrongContent:
        """What to say of something that was fetched and is no feed: which feeds it names, if it is a page."""
        urls: tuple[str, ...] = ()
        if fetched.kind == "page":
            urls = self._worker.named_feeds(fetched.content, address=fetched.url, charset=fetched.charset).urls
        hint = say("Look for an RSS or Atom address there, or add the page")
        if urls:
            hint = say("It names {addresses}", addresses=listed(urls))
        return WrongContent(say("{address} is no feed", address=fetched.url), hint=hint)

    def entry(self, entry: Entry) -> Document | Unread:
        """The article of a feed's entry: its page's or, where that cannot be had, the feed's own text."""
        try:
            document = self._page_of(entry)
        except InvalidInput as error:
            if len(entry.text) < _LONG_ENOUGH:
                return Unread(entry.link or entry.key, error)
            document = self._own_text(entry, error)
        published = iso_date(entry.published)
        if document.published is None and published:
            document = replace(document, published=published, published_from="feed")
        return replace(document, title=document.title or entry.title or None, author=document.author or entry.author)

    def is_resting(self, entry: Entry) -> bool:
        """Whether the site of an entry's page has said meanwhile that it is asked for too much."""
        try:
            return bool(self._resting) and target_of(entry.link or "").host in self._resting
        except AddressRefused:
            return False

    def _page_of(self, entry: Entry) -> Document:
        if entry.link is None:
            raise WrongContent(say("the feed gives no page for {name}", name=entry.title or entry.key))
        self.robots.check(entry.link)
        try:
            fetched = self.web.fetch(entry.link)
        except ServerRefused as error:
            if error.status in _TOO_MUCH:
                self._resting.add(target_of(entry.link).host)
            raise
        if fetched.kind in {"feed", "sitemap"}:
            raise WrongContent(say("{address} is a feed, not an article", address=entry.link))
        return self.page(fetched)

    def _own_text(self, entry: Entry, error: InvalidInput) -> Document:
        # A feed speaks for its own site alone: what it says of a page elsewhere is not that page's text.
        is_own = entry.link is not None and is_same_site(entry.feed, entry.link)
        page = (
            Page(entry.text, url=canonical(entry.link or ""))
            if is_own
            else Page(entry.text, source=host_of(entry.feed))
        )
        document = from_page(page, name=entry.link or entry.key)
        note = f"the text is the feed's own, because {error.happened}"
        return replace(document, note=note, doc_id=None if document.url else f"{entry.feed} {entry.key}")

    def close(self) -> None:
        self._worker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
