"""How much a home holds, or the database in its place."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from retrieval.settings import StoreSettings
from retrieval.store.choice import database_sizes
from retrieval.store.homes import library_names, library_path


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of all libraries together; ``bytes`` counts everything in their folders, or in the tables of the database."""

    libraries: int = 0
    articles: int = 0
    passages: int = 0
    bytes: int = 0


def library_sizes(home: Path, store: StoreSettings) -> Sizes:
    """Counted in the files, which are only read; what cannot be read counts as its bytes.

    Of a database, articles and passages are what its server estimates. Raises StoreError where it cannot be asked.
    """
    if store.url:
        return Sizes(*database_sizes(store))
    articles = passages = size = 0
    names = library_names(home)
    for name in names:
        path = library_path(home, name)
        size += sum(file.stat().st_size for file in path.parent.rglob("*") if file.is_file())
        counts = _counts(path)
        articles, passages = articles + counts[0], passages + counts[1]
    return Sizes(len(names), articles, passages, size)


def _counts(path: Path) -> tuple[int, int]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute(
                "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)"
            ).fetchone()
    except sqlite3.Error:
        return 0, 0
    return int(row[0]), int(row[1])
