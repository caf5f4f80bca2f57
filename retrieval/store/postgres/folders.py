"""The folders that a library in a database keeps in step with."""

import json
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager

from retrieval.store.postgres.rows import digest
from retrieval.store.postgres.server import Transaction
from retrieval.store.values import ReadFile


class PostgresFolders:
    """``Folders`` of the guild whose transactions ``begin`` begins."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Transaction]]) -> None:
        self._begin = begin

    def all(self) -> tuple[str, ...]:
        with self._begin() as tx:
            rows = tx.rows("SELECT DISTINCT folder FROM folder_files WHERE guild_id = %(guild)s ORDER BY folder")
        return tuple(row[0] for row in rows)

    def files(self, folder: str) -> Mapping[str, ReadFile]:
        with self._begin() as tx:
            rows = tx.rows(
                "SELECT file, stamp, articles FROM folder_files WHERE guild_id = %(guild)s AND folder = %(folder)s "
                "ORDER BY file",
                folder=folder,
            )
        return {file: ReadFile(stamp, tuple(json.loads(articles))) for file, stamp, articles in rows}

    def holders(self, article_id: str) -> Collection[tuple[str, str]]:
        with self._begin() as tx:
            rows = tx.rows(
                "SELECT folder, file FROM folder_files WHERE guild_id = %(guild)s "
                "AND jsonb_exists(articles::jsonb, %(article)s) ORDER BY folder, file",
                article=article_id,
            )
        return tuple((folder, file) for folder, file in rows)

    def put(self, folder: str, file: str, read: ReadFile) -> None:
        with self._begin() as tx:
            tx.run(
                "INSERT INTO folder_files (guild_id, digest, folder, file, stamp, articles) "
                "VALUES (%(guild)s, %(digest)s, %(folder)s, %(file)s, %(stamp)s, %(articles)s) "
                "ON CONFLICT (guild_id, digest) DO UPDATE SET stamp = excluded.stamp, articles = excluded.articles",
                digest=digest(f"{folder}\n{file}"),
                folder=folder,
                file=file,
                stamp=read.stamp,
                articles=json.dumps(read.article_ids),
            )

    def drop(self, folder: str, file: str) -> None:
        with self._begin() as tx:
            tx.run(
                "DELETE FROM folder_files WHERE guild_id = %(guild)s AND digest = %(digest)s",
                digest=digest(f"{folder}\n{file}"),
            )
