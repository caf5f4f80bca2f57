"""The feeds of a library in a database, and which of their entries are known."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from retrieval.records import Feed
from retrieval.store.postgres.rows import digest
from retrieval.store.postgres.server import Transaction
from retrieval.store.values import KeptFeed

_FEEDS = (
    "SELECT url, title, added, polled, next_poll, failures, error, "
    "(SELECT count(DISTINCT e.article_id) FROM feed_entries AS e JOIN articles AS a "
    "ON a.guild_id = e.guild_id AND a.id = e.article_id "
    "WHERE e.guild_id = %(guild)s AND a.guild_id = %(guild)s AND e.feed = feeds.url) "
    "FROM feeds WHERE guild_id = %(guild)s ORDER BY title, url"
)

_ENTRIES = (
    "SELECT entry, article_id, tries FROM feed_entries WHERE guild_id = %(guild)s AND feed = %(url)s "
    'ORDER BY entry COLLATE "C"'
)
_BRING = (
    "INSERT INTO feeds (guild_id, url, title, added, polled, next_poll, failures, error, etag, modified) VALUES "
    "(%(guild)s, %(url)s, %(title)s, %(added)s, %(polled)s, %(next_poll)s, %(failures)s, %(error)s, %(etag)s, "
    "%(modified)s)"
)


class PostgresSubscriptions:
    """``Subscriptions`` of the guild whose transactions ``begin`` begins."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Transaction]]) -> None:
        self._begin = begin

    def all(self) -> tuple[Feed, ...]:
        with self._begin() as tx:
            return tuple(Feed(*row) for row in tx.rows(_FEEDS))

    def add(self, url: str, *, title: str, added: str) -> bool:
        return self._changed(
            "INSERT INTO feeds (guild_id, url, title, added) VALUES (%(guild)s, %(url)s, %(title)s, %(added)s) "
            "ON CONFLICT (guild_id, url) DO NOTHING",
            url=url,
            title=title,
            added=added,
        )

    def remove(self, url: str) -> bool:
        return self._changed("DELETE FROM feeds WHERE guild_id = %(guild)s AND url = %(url)s", url=url)

    def move(self, url: str, to: str) -> None:
        with self._begin() as tx:
            tx.run(
                "INSERT INTO feeds (guild_id, url, title, added, polled, next_poll, failures, error, etag, modified) "
                "SELECT guild_id, %(to)s, title, added, polled, next_poll, failures, error, etag, modified FROM feeds "
                "WHERE guild_id = %(guild)s AND url = %(url)s ON CONFLICT (guild_id, url) DO NOTHING",
                url=url,
                to=to,
            )
            tx.run(
                "INSERT INTO feed_entries (guild_id, feed, digest, entry, article_id, tries) "
                "SELECT guild_id, %(to)s, digest, entry, article_id, tries FROM feed_entries "
                "WHERE guild_id = %(guild)s AND feed = %(url)s ON CONFLICT (guild_id, feed, digest) DO NOTHING",
                url=url,
                to=to,
            )
            tx.run("DELETE FROM feeds WHERE guild_id = %(guild)s AND url = %(url)s", url=url)

    def validators(self, url: str) -> tuple[str | None, str | None]:
        with self._begin() as tx:
            return _validators(tx, url)

    def claim(self, feed: Feed, *, until: str) -> bool:
        return self._changed(
            "UPDATE feeds SET next_poll = %(until)s WHERE guild_id = %(guild)s AND url = %(url)s "
            "AND next_poll IS NOT DISTINCT FROM %(before)s::text",
            until=until,
            url=feed.url,
            before=feed.next_poll,
        )

    def succeeded(
        self, url: str, *, title: str, at: str, next_poll: str, validators: tuple[str | None, str | None]
    ) -> None:
        self._changed(
            "UPDATE feeds SET title = %(title)s, polled = %(at)s, next_poll = %(next)s, failures = 0, error = NULL, "
            "etag = %(etag)s, modified = %(modified)s WHERE guild_id = %(guild)s AND url = %(url)s",
            url=url,
            title=title,
            at=at,
            next=next_poll,
            etag=validators[0],
            modified=validators[1],
        )

    def failed(self, url: str, *, at: str, next_poll: str, error: str) -> None:
        self._changed(
            "UPDATE feeds SET polled = %(at)s, next_poll = %(next)s, failures = failures + 1, error = %(error)s "
            "WHERE guild_id = %(guild)s AND url = %(url)s",
            url=url,
            at=at,
            next=next_poll,
            error=error,
        )

    def kept(self) -> tuple[KeptFeed, ...]:
        with self._begin() as tx:
            return tuple(
                KeptFeed(Feed(*row), _validators(tx, row[0]), tuple(tx.rows(_ENTRIES, url=row[0])))
                for row in tx.rows(_FEEDS)
            )

    def bring(self, feed: KeptFeed) -> None:
        known = feed.feed
        fields = ("url", "title", "added", "polled", "next_poll", "failures", "error")
        with self._begin() as tx:
            tx.run("DELETE FROM feeds WHERE guild_id = %(guild)s AND url = %(url)s", url=known.url)
            tx.run(
                _BRING,
                **{name: getattr(known, name) for name in fields},
                etag=feed.validators[0],
                modified=feed.validators[1],
            )
            tx.run_each(
                "INSERT INTO feed_entries (guild_id, feed, digest, entry, article_id, tries) "
                "VALUES (%(guild)s, %(url)s, %(digest)s, %(entry)s, %(article)s, %(tries)s)",
                [
                    {"url": known.url, "digest": digest(entry), "entry": entry, "article": article, "tries": tries}
                    for entry, article, tries in feed.entries
                ],
            )

    def settled(self, url: str, *, tries: int) -> frozenset[str]:
        with self._begin() as tx:
            rows = tx.rows(
                "SELECT entry FROM feed_entries WHERE guild_id = %(guild)s AND feed = %(url)s "
                "AND (article_id IS NOT NULL OR tries >= %(tries)s)",
                url=url,
                tries=tries,
            )
        return frozenset(row[0] for row in rows)

    def record(self, url: str, entry: str, *, article_id: str | None) -> None:
        # The feed may have been unsubscribed from meanwhile: then there is nothing to record.
        self._changed(
            "INSERT INTO feed_entries (guild_id, feed, digest, entry, article_id, tries) "
            "SELECT guild_id, url, %(digest)s, %(entry)s, %(article)s, 1 FROM feeds "
            "WHERE guild_id = %(guild)s AND url = %(url)s "
            "ON CONFLICT (guild_id, feed, digest) DO UPDATE "
            "SET article_id = excluded.article_id, tries = feed_entries.tries + 1",
            url=url,
            digest=digest(entry),
            entry=entry,
            article=article_id,
        )

    def _changed(self, statement: str, **values: object) -> bool:
        with self._begin() as tx:
            return tx.changed(statement, **values) > 0


def _validators(tx: Transaction, url: str) -> tuple[str | None, str | None]:
    rows = tx.rows("SELECT etag, modified FROM feeds WHERE guild_id = %(guild)s AND url = %(url)s", url=url)
    return rows[0] if rows else (None, None)
