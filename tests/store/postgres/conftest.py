"""One PostgreSQL server for what only a database can promise, and libraries in it."""

import contextlib
import logging
from collections.abc import Callable, Iterator

import pytest

from retrieval.store.postgres.store import PostgresStore
from tests.databases import Database

OpenNamed = Callable[[str], PostgresStore]


@pytest.fixture(scope="session")
def database(databases: Callable[[int], Database]) -> Database:
    """The newest version, with the schema in it."""
    newest = databases(18)
    with PostgresStore(newest.settings, "default") as store:
        store.articles()
    return newest


@pytest.fixture
def open_named(database: Database) -> Iterator[OpenNamed]:
    """Opens libraries by their names, and forgets what was in them."""
    opened: list[tuple[str, PostgresStore]] = []

    def open_store(name: str) -> PostgresStore:
        opened.append((name, PostgresStore(database.settings, name)))
        return opened[-1][1]

    yield open_store
    for name in {name for name, _ in opened}:
        with PostgresStore(database.settings, name) as store:
            store.forget()
    for _, store in opened:
        store.close()


class Statements(logging.Handler):
    """The statements that are sent while it listens."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.sent.add(record.getMessage())


@contextlib.contextmanager
def listening() -> Iterator[Statements]:
    log = logging.getLogger("retrieval.store.postgres.server")
    statements, level = Statements(), log.level
    log.addHandler(statements)
    log.setLevel(logging.DEBUG)
    try:
        yield statements
    finally:
        log.removeHandler(statements)
        log.setLevel(level)
