"""Which store keeps a library: the one place that knows of both kinds."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import InvalidSettings
from retrieval.messages import say
from retrieval.settings import StoreSettings
from retrieval.store import homes
from retrieval.store.ledger import FileLedger, Ledger
from retrieval.store.protocol import Store
from retrieval.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from retrieval.store.postgres.leading import DatabaseLead


def open_store(home: Path, name: str, settings: StoreSettings) -> Store:
    """The library ``name``: in the database that the settings name, else in a file in ``home``.

    Raises StoreError where it cannot be used, InvalidInput for an impossible name.
    """
    path = homes.library_path(home, name)
    if not settings.url:
        return SqliteStore(path)
    _require_driver()
    from retrieval.store.postgres.store import PostgresStore

    return PostgresStore(settings, name)


def library_names(home: Path, settings: StoreSettings) -> tuple[str, ...]:
    """The libraries of a database or of a home directory, by name."""
    if not settings.url:
        return homes.library_names(home)
    _require_driver()
    from retrieval.store.postgres.server import SERVERS

    try:
        return SERVERS.take(settings).directory()
    finally:
        SERVERS.give_back(settings)


def database_sizes(settings: StoreSettings) -> tuple[int, int, int, int]:
    """Of the database that the settings name: libraries, articles, passages, bytes. Raises StoreError."""
    _require_driver()
    from retrieval.store.postgres.server import SERVERS

    try:
        return SERVERS.take(settings).sizes()
    finally:
        SERVERS.give_back(settings)


def open_ledger(path: Path, migrations: Sequence[str], settings: StoreSettings) -> Ledger:
    """The tables that these scripts make in a file, or the same ones in the database that the settings name."""
    if not settings.url:
        return FileLedger(path, migrations)
    _require_driver()
    from retrieval.store.postgres.ledger import PostgresLedger

    return PostgresLedger(settings)


def database_lead(settings: StoreSettings) -> "DatabaseLead | None":
    """What makes one of many processes lead that share a database; None where there is no database."""
    if not settings.url:
        return None
    _require_driver()
    from retrieval.store.postgres.leading import DatabaseLead

    return DatabaseLead(settings)


def _require_driver() -> None:
    """Raises InvalidSettings where what speaks to PostgreSQL is not installed."""
    try:
        import psycopg_pool  # noqa: F401 - whether it is there
    except ImportError as error:
        raise InvalidSettings(
            say("store.url names a database, and what speaks to it is not installed"),
            hint=say("Install it with: {command}", command="pip install 'quoth[postgres]'"),
        ) from error
