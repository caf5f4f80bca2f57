"""The folders that a library keeps in step with, in its own file: which files were read, and what became of them."""

import json
from collections.abc import Collection, Mapping

from retrieval.store.database import Database
from retrieval.store.values import ReadFile


class SqliteFolders:
    """``Folders`` in the file of a library."""

    def __init__(self, file: Database) -> None:
        self._file = file

    def all(self) -> tuple[str, ...]:
        return tuple(row[0] for row in self._file.rows("SELECT DISTINCT folder FROM folder_files ORDER BY folder"))

    def files(self, folder: str) -> Mapping[str, ReadFile]:
        rows = self._file.rows("SELECT file, stamp, articles FROM folder_files WHERE folder = ? ORDER BY file", folder)
        return {file: ReadFile(stamp, tuple(json.loads(articles))) for file, stamp, articles in rows}

    def holders(self, article_id: str) -> Collection[tuple[str, str]]:
        rows = self._file.rows(
            "SELECT folder, file FROM folder_files, json_each(articles) WHERE value = ? ORDER BY folder, file",
            article_id,
        )
        return tuple(map(tuple, rows))

    def put(self, folder: str, file: str, read: ReadFile) -> None:
        with self._file.transaction():
            self._file.execute(
                "INSERT OR REPLACE INTO folder_files VALUES (?, ?, ?, ?)",
                folder,
                file,
                read.stamp,
                json.dumps(read.article_ids),
            )

    def drop(self, folder: str, file: str) -> None:
        with self._file.transaction():
            self._file.execute("DELETE FROM folder_files WHERE folder = ? AND file = ?", folder, file)
