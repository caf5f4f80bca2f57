"""Small tables of servers beside their libraries, in a file or in a database: the same statements for both."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from retrieval.store.database import Database, damaged

# No backup holds these files: what somebody deletes is gone at once.
_CURE = "Move this file away: what was set, voted and asked is forgotten then, and no article"


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
    """In a file, or in memory alone; ``migrations`` make its tables. Raises StoreDamaged where it is damaged."""

    def __init__(self, path: Path, migrations: Sequence[str]) -> None:
        self._file = Database(path, migrations, cure=_CURE)
        try:
            if self._file.value("PRAGMA quick_check(1)") != "ok":
                raise damaged(path, cure=_CURE)
        except BaseException:
            self._file.close()
            raise

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


def ledger_problem(path: Path) -> tuple[str, str] | None:
    """What is wrong with the file of a ledger, and what helps; None where nothing is. Nothing in it is changed."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError as error:  # which says nothing of what is in it
        return f"{path} cannot be read ({error})", "Check free space and permissions"
    except sqlite3.Error as error:
        found = str(error)
    return None if found == "ok" else (f"{path} is damaged ({found})", _CURE)
