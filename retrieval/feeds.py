"""The feeds that a library is subscribed to, and what comes from them."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from retrieval.records import Added, Feed
from retrieval.settings import WebSettings
from retrieval.store.protocol import Store

if TYPE_CHECKING:
    from retrieval.adding import Adder
    from retrieval.loaders.reading import Reader

# As in ``retrieval.library``: what takes long to import is imported where it is needed.


class Feeds:
    """The subscriptions of a library; ``reader`` and ``adder`` are made anew for each use."""

    def __init__(
        self,
        store: Store,
        web: WebSettings,
        *,
        reader: "Callable[[], Reader]",
        adder: "Callable[[], Adder]",
        now: Callable[[], datetime],
    ) -> None:
        self._subscriptions = store.subscriptions
        self._web = web
        self._reader = reader
        self._adder = adder
        self._now = now

    def all(self) -> tuple[Feed, ...]:
        """The feeds that the library is subscribed to, by title."""
        return self._subscriptions.all()

    def subscribe(self, url: str) -> Feed:
        """Subscribe to a feed; ``poll`` then adds its articles.

        Fetches it once. Raises InvalidInput, in one of its kinds, where it cannot be had or is no feed.
        """
        from retrieval import polling

        with self._reader() as reader:
            return polling.subscribe(url, self._subscriptions, reader, now=self._now())

    def unsubscribe(self, url: str) -> Feed:
        """End a subscription; its articles stay. Raises NotFound."""
        from retrieval import polling

        feed = polling.find(url, self._subscriptions)
        self._subscriptions.remove(feed.url)
        return feed

    def poll(
        self, *, now: datetime | None = None, everything: bool = False, chance: Callable[[], float] = random.random
    ) -> Iterator[Added]:
        """Add what is new in the feeds that are due at ``now``, or in all; each result as soon as it is stored.

        A feed that fails gives a result that failed, and is asked again later. ``chance`` gives numbers
        from 0 to 1: feeds are not all asked at the same minute.
        """
        from retrieval.polling import Poller

        with self._reader() as reader:
            yield from Poller(self._subscriptions, reader, self._adder(), self._web, now or self._now(), chance).poll(
                everything=everything
            )
