"""What articles were before their updates, in a library's SQLite file."""

import zlib
from collections.abc import Sequence

from retrieval.records import Version
from retrieval.store.database import Database, understood
from retrieval.store.protocol import Indexed

_MOST = 20  # of an article; a story that is rewritten all day has a dozen


class SqliteVersions:
    """The versions of all articles; ``keep`` and ``drop`` belong into a transaction."""

    def __init__(self, file: Database) -> None:
        self._file = file

    def keep(self, indexed: Indexed) -> None:
        """Keep what an article is, if its text becomes another; of many versions the newest."""
        article_id = indexed.article.id
        for title, text in self._file.rows("SELECT title, text FROM articles WHERE id = ?", article_id):
            if text != indexed.text:
                packed = zlib.compress(text.encode())
                self._file.execute("INSERT INTO versions VALUES (?, ?, ?, ?)", article_id, indexed.at, title, packed)
        self._file.execute(
            "DELETE FROM versions WHERE article_id = ? AND rowid NOT IN "
            "(SELECT rowid FROM versions WHERE article_id = ? ORDER BY rowid DESC LIMIT ?)",
            article_id,
            article_id,
            _MOST,
        )

    def of(self, article_id: str) -> tuple[Version, ...]:
        """The versions of an article, newest first."""
        rows = self._file.rows(
            "SELECT title, text, until FROM versions WHERE article_id = ? ORDER BY rowid DESC", article_id
        )
        with understood(self._file.path):
            return tuple(Version(title, zlib.decompress(text).decode(), until) for title, text, until in rows)

    def bring(self, article_id: str, versions: Sequence[Version]) -> None:
        """Keep these, newest first, in place of what is kept of an article."""
        self.drop(article_id)
        for version in reversed(versions):
            packed = zlib.compress(version.text.encode())
            self._file.execute(
                "INSERT INTO versions VALUES (?, ?, ?, ?)", article_id, version.until, version.title, packed
            )

    def drop(self, article_id: str) -> None:
        self._file.execute("DELETE FROM versions WHERE article_id = ?", article_id)
