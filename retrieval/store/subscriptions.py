"""The feeds of a library, in its own file: what is subscribed to, and which entries are known."""

from retrieval.records import Feed
from retrieval.store.database import Database
from retrieval.store.values import KeptFeed

_FEEDS = """
    SELECT url, title, added, polled, next_poll, failures, error,
        (SELECT count(DISTINCT article_id) FROM feed_entries
            WHERE feed = feeds.url AND article_id IN (SELECT id FROM articles))
    FROM feeds ORDER BY title, url
"""


class SqliteSubscriptions:
    """``Subscriptions`` in the file of a library."""

    def __init__(self, file: Database) -> None:
        self._file = file

    def all(self) -> tuple[Feed, ...]:
        return tuple(Feed(*row) for row in self._file.rows(_FEEDS))

    def add(self, url: str, *, title: str, added: str) -> bool:
        statement = "INSERT INTO feeds (url, title, added) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        return self._changed(statement, url, title, added)

    def remove(self, url: str) -> bool:
        return self._changed("DELETE FROM feeds WHERE url = ?", url)

    def move(self, url: str, to: str) -> None:
        with self._file.transaction():
            self._file.execute(
                "INSERT INTO feeds SELECT ?, title, added, polled, next_poll, failures, error, etag, modified "
                "FROM feeds WHERE url = ? ON CONFLICT DO NOTHING",
                to,
                url,
            )
            self._file.execute("UPDATE OR IGNORE feed_entries SET feed = ? WHERE feed = ?", to, url)
            self._file.execute("DELETE FROM feeds WHERE url = ?", url)

    def validators(self, url: str) -> tuple[str | None, str | None]:
        rows = self._file.rows("SELECT etag, modified FROM feeds WHERE url = ?", url)
        return rows[0] if rows else (None, None)

    def claim(self, feed: Feed, *, until: str) -> bool:
        statement = "UPDATE feeds SET next_poll = ? WHERE url = ? AND next_poll IS ?"
        return self._changed(statement, until, feed.url, feed.next_poll)

    def succeeded(
        self, url: str, *, title: str, at: str, next_poll: str, validators: tuple[str | None, str | None]
    ) -> None:
        self._changed(
            "UPDATE feeds SET title = ?, polled = ?, next_poll = ?, failures = 0, error = NULL, etag = ?, modified = ? "
            "WHERE url = ?",
            title,
            at,
            next_poll,
            *validators,
            url,
        )

    def failed(self, url: str, *, at: str, next_poll: str, error: str) -> None:
        statement = "UPDATE feeds SET polled = ?, next_poll = ?, failures = failures + 1, error = ? WHERE url = ?"
        self._changed(statement, at, next_poll, error, url)

    def kept(self) -> tuple[KeptFeed, ...]:
        return tuple(
            KeptFeed(
                feed,
                self.validators(feed.url),
                tuple(
                    self._file.rows(
                        "SELECT entry, article_id, tries FROM feed_entries WHERE feed = ? ORDER BY entry", feed.url
                    )
                ),
            )
            for feed in self.all()
        )

    def bring(self, feed: KeptFeed) -> None:
        known = feed.feed
        with self._file.transaction():
            self._file.execute("DELETE FROM feeds WHERE url = ?", known.url)
            self._file.execute(
                "INSERT INTO feeds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                *(known.url, known.title, known.added, known.polled, known.next_poll, known.failures, known.error),
                *feed.validators,
            )
            self._file.execute_each(
                "INSERT INTO feed_entries VALUES (?, ?, ?, ?)", [(known.url, *entry) for entry in feed.entries]
            )

    def settled(self, url: str, *, tries: int) -> frozenset[str]:
        statement = "SELECT entry FROM feed_entries WHERE feed = ? AND (article_id IS NOT NULL OR tries >= ?)"
        return frozenset(row[0] for row in self._file.rows(statement, url, tries))

    def record(self, url: str, entry: str, *, article_id: str | None) -> None:
        # The feed may have been unsubscribed from meanwhile: then there is nothing to record.
        self._changed(
            "INSERT INTO feed_entries SELECT url, ?, ?, 1 FROM feeds WHERE url = ? "
            "ON CONFLICT DO UPDATE SET article_id = excluded.article_id, tries = tries + 1",
            entry,
            article_id,
            url,
        )

    def _changed(self, statement: str, *values: object) -> bool:
        with self._file.transaction():
            return self._file.execute(statement, *values).rowcount > 0
