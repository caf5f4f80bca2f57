"""The feeds of a library: asked now and then, politely, for what is new."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256

from retrieval.adding import Adder
from retrieval.errors import InvalidInput, NotFound, ServerRefused, WrongContent
from retrieval.extraction.feeds import Entry, ParsedFeed
from retrieval.loaders.documents import Document, Unread
from retrieval.loaders.reading import Reader
from retrieval.messages import say
from retrieval.records import Added, Feed
from retrieval.settings import WebSettings
from retrieval.store.protocol import Subscriptions
from retrieval.web.addresses import target_of
from retrieval.web.client import Fetched

_DAY = timedelta(days=1)
_LONGEST_WAIT = timedelta(days=7)  # that a server can ask for
_JITTER = 0.1  # of a pause, at most: feeds that were added together are not polled together for ever
_TRIES = 3  # polls in which an entry is tried; a page that is not there the next day stays away
_MOST_FEEDS = 200  # of one library


def subscribe(url: str, subscriptions: Subscriptions, reader: Reader, *, now: datetime) -> Feed:
    """Subscribe to a feed that is there and can be read. Raises InvalidInput, in one of its kinds."""
    address = target_of(url).url
    if len(subscriptions.all()) >= _MOST_FEEDS:
        happened = say("the library has {number} feeds", number=_MOST_FEEDS)
        raise InvalidInput(happened, hint=say("Remove one first, or use another library"))
    fetched = reader.web.fetch(address)
    if fetched.kind != "feed":
        raise reader.no_feed(fetched)
    title = reader.feed(fetched).title or address
    address = fetched.moved or address
    if not subscriptions.add(address, title=title, added=_text(now)):
        happened = say("the library is subscribed to {address} already", address=address)
        raise InvalidInput(happened, hint=say("See quoth feed list"))
    return find(address, subscriptions)


def find(url: str, subscriptions: Subscriptions) -> Feed:
    """The subscription with this address. Raises NotFound."""
    wanted = {url, target_of(url).url}
    for feed in subscriptions.all():
        if feed.url in wanted:
            return feed
    happened = say("the library is not subscribed to {address}", address=url)
    raise NotFound(happened, hint=say("See quoth feed list"))


@dataclass(frozen=True, slots=True)
class Poller:
    """Polls the feeds that are due at ``now``; ``chance`` gives numbers from 0 to 1, for the jitter."""

    subscriptions: Subscriptions
    reader: Reader
    adder: Adder
    settings: WebSettings
    now: datetime
    chance: Callable[[], float]

    def poll(self, *, everything: bool = False) -> Iterator[Added]:
        """One result for each entry that is new, as soon as it is stored, and one for each feed that failed."""
        for feed in self.subscriptions.all():
            # What lies further ahead than any pause was set by a clock that has been put right since.
            wait = datetime.fromisoformat(feed.next_poll) - self.now if feed.next_poll else timedelta()
            is_due = not timedelta() < wait <= _LONGEST_WAIT
            if (everything or is_due) and self.subscriptions.claim(feed, until=self._next()):
                yield from self._poll_one(feed)

    def _poll_one(self, feed: Feed) -> Iterator[Added]:
        etag, modified = self.subscriptions.validators(feed.url)
        try:
            self.reader.robots.check(feed.url)
            fetched = self.reader.web.fetch(feed.url, etag=etag, modified=modified)
            if fetched.kind != "feed" and not fetched.is_unchanged:
                happened = say("{address} is no feed any more", address=feed.url)
                raise WrongContent(happened, hint=say("See quoth feed list"))
            parsed = None if fetched.is_unchanged else self.reader.feed(fetched)
        except InvalidInput as error:
            yield self._gone(feed) if _is_gone(error) else self._failed(feed, error)
            return
        # Only an address that gives the feed takes the old one's place.
        if fetched.moved and fetched.moved != feed.url:
            yield self._moved(feed, fetched.moved)
            feed = replace(feed, url=fetched.moved)
        if parsed is None:
            self._succeeded(feed, title=feed.title, validators=(etag, modified))
        else:
            yield from self._take(feed, fetched, parsed)

    def _moved(self, feed: Feed, address: str) -> Added:
        self.subscriptions.move(feed.url, address)
        note = say("the feed {title} has moved for good, to {address}", title=feed.title, address=address)
        return Added("moved", None, None, note=note, name=feed.url)

    def _gone(self, feed: Feed) -> Added:
        self.subscriptions.remove(feed.url)
        told = say(
            "the feed {title} is gone for good, says its server (status 410). You are no longer subscribed to it; "
            "its articles stay.",
            title=feed.title,
        )
        return Added("failed", None, told, name=feed.url)

    def _take(self, feed: Feed, fetched: Fetched, parsed: ParsedFeed) -> Iterator[Added]:
        settled = self.subscriptions.settled(feed.url, tries=_TRIES)
        lacking = [entry for entry in parsed.entries if _key(entry) not in settled]
        yield from self._add(feed, lacking[: self.settings.feed_entries])
        settled = self.subscriptions.settled(feed.url, tries=_TRIES)
        is_whole = all(_key(entry) in settled for entry in lacking)
        # What is still lacking must come again: then the feed is not asked for changes alone.
        validators = (fetched.etag, fetched.modified) if is_whole else (None, None)
        self._succeeded(feed, title=parsed.title or feed.title, validators=validators)

    def _add(self, feed: Feed, entries: Sequence[Entry]) -> Iterator[Added]:
        tried: list[Entry] = []

        def documents() -> Iterator[Document | Unread]:
            for entry in entries:
                if not self.reader.is_resting(entry):
                    tried.append(entry)
                    yield self.reader.entry(entry)

        # The adder gives one result a document, in their order.
        for number, added in enumerate(self.adder.add_each(documents())):
            entry = tried[number]
            if added.article or not self.reader.is_resting(entry):
                article_id = added.article.id if added.article else None
                self.subscriptions.record(feed.url, _key(entry), article_id=article_id)
            yield added

    def _succeeded(self, feed: Feed, *, title: str, validators: tuple[str | None, str | None]) -> None:
        self.subscriptions.succeeded(
            feed.url, title=title, at=_text(self.now), next_poll=self._next(), validators=validators
        )

    def _failed(self, feed: Feed, error: InvalidInput) -> Added:
        wait = retry_after(error, now=self.now)
        next_poll = self._next(failures=feed.failures + 1, wait=wait)
        self.subscriptions.failed(feed.url, at=_text(self.now), next_poll=next_poll, error=str(error))
        return Added("failed", None, f"the feed {feed.title} cannot be read: {error}", name=feed.url)

    def _next(self, *, failures: int = 0, wait: timedelta = timedelta()) -> str:
        every = timedelta(minutes=self.settings.feed_minutes)
        return _text(self.now + pause(every, failures=failures, wait=wait, chance=self.chance()))


def _is_gone(error: InvalidInput) -> bool:
    return isinstance(error, ServerRefused) and error.status == 410


def pause(every: timedelta, *, failures: int, wait: timedelta, chance: float) -> timedelta:
    """How long until the next poll: doubled by each failure, up to a day, and never less than the server asks for."""
    doubled = every
    for _ in range(failures):
        doubled = min(doubled * 2, _DAY)
    return max(doubled * (1 + _JITTER * chance), min(wait, _LONGEST_WAIT))


def retry_after(error: InvalidInput, *, now: datetime) -> timedelta:
    """What a server's Retry-After asks for, in either of its forms (RFC 9110); nothing where it is unclear."""
    asked = (error.retry_after or "").strip() if isinstance(error, ServerRefused) else ""
    if asked.isdecimal():
        return timedelta(seconds=min(int(asked[:9]), _LONGEST_WAIT.total_seconds()))
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return timedelta()
    return max((until if until.tzinfo else until.replace(tzinfo=UTC)) - now, timedelta())


def _key(entry: Entry) -> str:
    """What an entry is known by here; a hash, because a feed's own can be long."""
    return sha256(entry.key.encode(errors="replace")).hexdigest()[:32]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
