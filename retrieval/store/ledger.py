"""Small tables of servers beside their libraries, in a file or in a database: the same statements for both."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from retrieval.store.database import Database


class Ledger(Protocol):
    """Tables whose key begins with ``guild_id``; each method is a transaction, of one guild.

    A statement names that guild as ``:guild`` and its other values by their names, and is one that SQLite and
    PostgreSQL both understand. May be used from several threads. Raises StoreError where it cannot be used.
    """

    def rows(self, guild: int, statement: str, **values: object) -> list[Any]:
        """All rows that a statement gives."""
        ...

    def change(self, guild: int, table: str, statement: str, **values: object) -> int:
        """How many rows of the table a statement changed."""
        ...

    def erase(self, guild: int, table: str, statement: str, **values: object) -> int:
        """As ``change``, for what must not be left in a log either."""
        ...

    def guilds(self, table: str) -> tuple[int, ...]:
        """The guilds that have something in the table."""
        ...

    def secret(self, name: str, new: bytes) -> bytes:
        """What is kept under the name, for all guilds and for good; ``new``, if there is nothing yet."""
        ...

    def close(self) -> None: ...


class FileLedger:
    """In a file, or in memory alone; ``migrations`` make its tables."""

    def __init__(self, path: Path, migrations: Sequence[str]) -> None:
        self._file = Database(path, migrations)

    def rows(self, guild: int, statement: str, **values: object) -> list[Any]:
        return self._file.rows_named(statement, {"guild": guild, **values})

    def change(self, guild: int, table: str, statement: str, **values: object) -> int:
        with self._file.transaction():
            return self._file.execute_named(statement, {"guild": guild, **values}).rowcount

    def erase(self, guild: int, table: str, statement: str, **values: object) -> int:
        count = self.change(guild, table, statement, **values)
        self._file.checkpoint()
        return count

    def guilds(self, table: str) -> tuple[int, ...]:
        return tuple(i for (i,) in self._file.rows(f"SELECT DISTINCT guild_id FROM {table} ORDER BY guild_id"))

    def secret(self, name: str, new: bytes) -> bytes:
        with self._file.transaction():
            self._file.execute("INSERT INTO secrets VALUES (?, ?) ON CONFLICT DO NOTHING", name, new)
        kept: bytes = self._file.value("SELECT value FROM secrets WHERE name = ?", name)
        return kept

    def close(self) -> None:
        self._file.close()
