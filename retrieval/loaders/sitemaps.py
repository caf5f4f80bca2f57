"""A sitemap that was fetched → the pages it names, also through an index, newest first."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from retrieval.errors import InvalidInput
from retrieval.extraction.sitemaps import Listed, Sitemap
from retrieval.web.addresses import is_same_site
from retrieval.web.client import Fetched, Web
from retrieval.web.robots import Robots

_DEEPEST = 2  # indexes in indexes; the protocol has one, some sites two
_MOST_SITEMAPS = 20  # are fetched for one address; large sites have one a month or a day, the newest matter
_MOST_PAGES = 50_000
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Sitemaps:
    """Reads one sitemap and those that it names on its own site, within bounds.

    ``parse`` reads the bytes of one. What a sitemap names elsewhere is left out: a site speaks for itself alone.
    """

    def __init__(self, web: Web, robots: Robots, parse: Callable[..., Sitemap]) -> None:
        self._web = web
        self._robots = robots
        self._parse = parse
        self._seen: set[str] = set()

    def pages(self, fetched: Fetched) -> list[Listed]:
        """The pages, those that changed last first, each once. Raises InvalidInput where the sitemap cannot be read.

        A sitemap of an index that cannot be had is passed over, unless none can.
        """
        found = {page.url: page for page in self._of(fetched, depth=0)}
        return sorted(found.values(), key=_moment, reverse=True)[:_MOST_PAGES]

    def _of(self, fetched: Fetched, *, depth: int) -> Iterator[Listed]:
        self._seen.add(fetched.url)
        sitemap = self._parse(fetched.content, address=fetched.url)
        own = [listed for listed in sitemap.listed if is_same_site(listed.url, fetched.url)]
        if not sitemap.is_index:
            yield from own
        elif depth < _DEEPEST:
            yield from self._through(sorted(own, key=_moment, reverse=True), depth=depth)

    def _through(self, listed: list[Listed], *, depth: int) -> Iterator[Listed]:
        has_any, first_error = False, None
        for further in listed:
            if further.url in self._seen or len(self._seen) > _MOST_SITEMAPS:
                continue
            self._seen.add(further.url)
            try:
                self._robots.check(further.url)
                fetched = self._web.fetch(further.url)
                yield from self._of(fetched, depth=depth + 1)
                has_any = True
            except InvalidInput as error:
                first_error = first_error or error
        if first_error and not has_any:
            raise first_error


def moment(written: str) -> datetime | None:
    """A moment as the protocol writes it (W3C's profile of ISO 8601); None where it is none."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _moment(listed: Listed) -> datetime:
    return moment(listed.published) or moment(listed.changed) or _LONG_AGO
