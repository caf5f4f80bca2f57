"""One SQLite file: opened, brought to the newest schema, written in transactions, its errors in our words."""

import hashlib
import logging
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from retrieval.errors import StoreBusy, StoreDamaged, StoreError
from retrieval.messages import say

_log = logging.getLogger(__name__)

# Seconds to wait for another process's transaction. An article's takes far below one; the switch to
# another index took 2 for 1,000 articles on two busy cores.
_BUSY_SECONDS = 60.0
_RESTORE = say("Restore a backup with quoth restore")
# What a copy is called that is made before an update of the schema: the file's name, this, the old version.
BEFORE_UPDATE = ".before-update-"


class Database:
    """The file ``path``, which is made where it is missing; may be used from several threads.

    ``migrations`` are scripts, one a version, run in order; ``user_version`` counts them. Before an older file
    is brought up to date, a copy is kept beside it. ``cure`` is what helps where it is damaged. Raises StoreError
    where the file is no database, or was written by a newer Quoth.
    """

    def __init__(self, path: Path, migrations: Sequence[str], *, cure: str = _RESTORE) -> None:
        self.path = path
        self._cure = cure
        self.lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                say("the library {path} cannot be opened", path=str(path)),
                hint=say("Check that the folder exists and may be written to"),
            ) from error
        try:
            with self._in_words():
                self._prepare(migrations)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, migrations: Sequence[str]) -> None:
        newest = len(migrations)
        version = self.value("PRAGMA user_version")
        if version > newest:
            raise StoreError(
                say("the library {path} was written by a newer Quoth", path=str(self.path)),
                hint=say("Install that version, or restore a backup"),
            )
        self._connection.create_function("sha256", 1, sha256, deterministic=True)
        # FULL: what a person was told is added survives a power cut. Removed text is overwritten.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            self.execute(f"PRAGMA {pragma}")
        if version < newest:
            self._migrate(migrations)

    def _migrate(self, migrations: Sequence[str]) -> None:
        with self.transaction():
            version = self.value("PRAGMA user_version")  # another process may have been quicker
            kept = self._kept(version) if 0 < version < len(migrations) else None
            for script in migrations[version:]:
                for statement in script.split(";"):
                    self.execute(statement)
            self.execute(f"PRAGMA user_version={len(migrations)}")
        if kept:
            _log.info(
                "Updated %s from schema %d to %d; as it was before: %s", self.path, version, len(migrations), kept
            )

    def _kept(self, version: int) -> Path:
        """A copy of the file as it was before this transaction."""
        kept = self.path.with_name(f"{self.path.name}{BEFORE_UPDATE}{version}")
        part = kept.with_name(f"{kept.name}.part")
        part.unlink(missing_ok=True)  # of an update that did not come to its end
        # SQLite copies nothing over the connection that writes; another one reads what stood before.
        with closing(sqlite3.connect(self.path)) as before, closing(sqlite3.connect(part)) as copy:
            before.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        return part.replace(kept)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is executed inside is written as a whole, or not at all where anything is raised."""
        with self.lock, self._in_words():
            self.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.execute("ROLLBACK")
                raise
            self.execute("COMMIT")

    @contextmanager
    def moment(self) -> Iterator[None]:
        """What is read inside is of one moment, whatever other processes write."""
        with self.lock, self._in_words():
            self.execute("BEGIN")
            try:
                yield
            finally:
                self.execute("ROLLBACK")

    def _in_words(self) -> "_InWords":
        return _InWords(self.path, self._cure)

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        """Run a statement of a transaction or moment."""
        return self._connection.execute(statement, values)

    def execute_named(self, statement: str, values: Mapping[str, object]) -> sqlite3.Cursor:
        """Run a statement of a transaction or moment; its values by their names."""
        return self._connection.execute(statement, values)

    def rows_named(self, statement: str, values: Mapping[str, object]) -> list[Any]:
        """All rows that a statement gives; its values by their names."""
        with self.lock, self._in_words():
            return self.execute_named(statement, values).fetchall()

    def execute_each(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement of a transaction once a row."""
        self._connection.executemany(statement, rows)

    def rows(self, statement: str, *values: object) -> list[Any]:
        """All rows that a statement gives."""
        with self.lock, self._in_words():
            return self.execute(statement, *values).fetchall()

    def value(self, statement: str, *values: object) -> Any:
        """The first column of the first row; None where there is no row."""
        rows = self.rows(statement, *values)
        return rows[0][0] if rows else None

    def checkpoint(self) -> None:
        """Fold the write-ahead log back into the file and empty it."""
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy_to(self, path: Path) -> None:
        """A consistent copy in a new file, or over a file that may be in use, while this one is used."""
        is_new = not path.exists()
        with self.lock, self._in_words():
            target = sqlite3.connect(path, timeout=_BUSY_SECONDS)
            try:
                self._connection.backup(target)
                if is_new:  # one file: without this its log would stand beside it
                    target.execute("PRAGMA journal_mode=DELETE")
            finally:
                target.close()

    def close(self) -> None:
        """Closing twice does no harm."""
        with self.lock:
            self._connection.close()

    def forget(self) -> None:
        """Close the file and remove it, with its log."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)


class _InWords:
    """SQLite's errors as ours; as a generator it would take a tenth of a statement's time."""

    __slots__ = ("_cure", "_path")

    def __init__(self, path: Path, cure: str) -> None:
        self._path = path
        self._cure = cure

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise _explained(error, self._path, self._cure) from error


def _explained(error: sqlite3.Error, path: Path, cure: str) -> StoreError:
    if isinstance(error, sqlite3.OperationalError) and "decode" not in str(error):
        if "locked" in str(error) or "busy" in str(error):
            happened = say("another process is writing to {path}", path=str(path))
            return StoreBusy(happened, hint=say("Try again when it is done"))
        happened = say("the library {path} cannot be used", path=str(path))
        return StoreError(happened, hint=say("Check free space and permissions"))
    if isinstance(error, sqlite3.ProgrammingError):
        return StoreError(say("the library {path} has been closed", path=str(path)), hint=say("Open it again"))
    return damaged(path, cure=cure)  # text that is no text, too


@contextmanager
def understood(path: Path) -> Iterator[None]:
    """What is stored in ``path`` is made sense of inside; where it makes none, it is damaged."""
    try:
        yield
    except (ValueError, TypeError, LookupError, zlib.error) as error:
        raise damaged(path) from error


def sha256(text: str | bytes) -> str:
    """By which a text is known again, and damage to it is noticed; in statements, too."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def damaged(path: Path, *, cure: str = _RESTORE) -> StoreDamaged:
    """The error of a file that contradicts itself, and what helps."""
    return StoreDamaged(say("the library {path} is damaged or is no library", path=str(path)), hint=cure)
