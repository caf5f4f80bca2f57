"""What articles were before their updates, in a library's SQLite file."""

import zlib
from collections.abc import Sequence

from retrieval.records import Version
from retrieval.store.database import Database, damaged, understood
from retrieval.store.schema import EARLIER
from retrieval.store.values import Indexed

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
                self._put(article_id, Version(title, text, indexed.at))
        self._file.execute(
            "DELETE FROM versions WHERE article_id = ? AND rowid NOT IN "
            "(SELECT rowid FROM versions WHERE article_id = ? ORDER BY rowid DESC LIMIT ?)",
            article_id,
            article_id,
            _MOST,
        )

    def of(self, article_id: str) -> tuple[Version, ...]:
        """The versions of an article, newest first; raises StoreDamaged where one is not what was stored."""
        statement = f"SELECT title, text, until, seal = sha256({EARLIER}) FROM versions WHERE article_id = ?"
        rows = self._file.rows(f"{statement} ORDER BY rowid DESC", article_id)
        if not all(row[-1] for row in rows):
            raise damaged(self._file.path)
        with understood(self._file.path):
            return tuple(Version(title, zlib.decompress(text).decode(), until) for title, text, until, _ in rows)

    def bring(self, article_id: str, versions: Sequence[Version]) -> None:
        """Keep these, newest first, in place of what is kept of an article."""
        self.drop(article_id)
        for version in reversed(versions):
            self._put(article_id, version)

    def _put(self, article_id: str, version: Version) -> None:
        self._file.execute(
            "INSERT INTO versions (article_id, until, title, text, seal) "
            f"SELECT article_id, until, title, text, sha256({EARLIER}) "
            "FROM (SELECT ? AS article_id, ? AS until, ? AS title, ? AS text)",
            article_id,
            version.until,
            version.title,
            zlib.compress(version.text.encode()),
        )

    def drop(self, article_id: str) -> None:
        self._file.execute("DELETE FROM versions WHERE article_id = ?", article_id)
