"""What the tests of feeds do and look at, on the day that they play on."""

from datetime import UTC, datetime, timedelta

from retrieval.library import Library
from retrieval.records import Added, Feed

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def poll(library: Library, *, at: datetime = NOON, everything: bool = False) -> list[Added]:
    return list(library.feeds.poll(now=at, everything=everything, chance=lambda: 0.0))


def statuses(results: list[Added]) -> list[str]:
    return [result.status for result in results]


def only_feed(library: Library) -> Feed:
    (feed,) = library.feeds.all()
    return feed
