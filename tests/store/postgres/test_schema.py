"""The schema of a database: made once, brought up to date, and never guessed at."""

import threading
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from retrieval.errors import InvalidSettings, StoreDamaged, StoreError
from retrieval.settings import StoreSettings
from retrieval.store.postgres import migrations
from retrieval.store.postgres.store import PostgresStore
from tests.articles import BRIDGE, ORCHESTRA
from tests.databases import Database
from tests.store.conftest import put


def test_the_scripts_are_numbered_without_a_gap() -> None:
    """One a version."""
    names = sorted(file.name for file in (Path(migrations.__file__).parent / "schema").iterdir())
    assert [int(name[:3]) for name in names] == list(range(1, len(names) + 1))
    assert len(migrations.scripts()) == len(names)


def test_many_processes_may_start_at_once(fresh: StoreSettings) -> None:
    """One of them makes the schema, and all can work."""
    faults: list[BaseException] = []

    def start(number: int) -> None:
        try:  # connections of its own each, as processes have
            with PostgresStore(replace(fresh, connections=number), f"guild-{number}") as store:
                put(store, "a", BRIDGE)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=start, args=(number,)) for number in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_script_that_fails_leaves_nothing(fresh: StoreSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version before stays, and goes on."""
    whole = migrations.scripts()
    monkeypatch.setattr(migrations, "scripts", lambda: (*whole, "CREATE TABLE quoth.x (i integer); SELECT 1 / 0"))
    with PostgresStore(fresh, "default") as store, pytest.raises(StoreError):
        store.articles()
    monkeypatch.undo()
    with psycopg.connect(fresh.url) as connection:
        assert connection.execute("SELECT to_regclass('quoth.articles'), to_regclass('quoth.x')").fetchall() == [
            (None, None)
        ]
    with PostgresStore(fresh, "default") as store:
        assert store.articles() == ()


def test_earlier_versions_of_before_their_digests_get_one(
    fresh: StoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read as they were; what the disk changes later is noticed, and named by the check."""
    whole = migrations.scripts()
    monkeypatch.setattr(migrations, "scripts", lambda: whole[:3])
    with PostgresStore(fresh, "default") as store:
        put(store, "a", BRIDGE)
        put(store, "a", ORCHESTRA)
    monkeypatch.undo()
    with PostgresStore(replace(fresh, connections=3), "default") as store:
        assert [version.text for version in store.versions("a")] == [BRIDGE]
        assert store.check() == []
        with psycopg.connect(fresh.url, autocommit=True) as connection:
            connection.execute("ALTER TABLE quoth.versions ALTER digest DROP EXPRESSION")
            connection.execute("UPDATE quoth.versions SET text = substr(text, 2)")
            connection.execute("UPDATE quoth.articles SET text = 'X' || substr(text, 2)")
        assert [problem.split(" of ")[0] for problem in store.check()] == ["the text", "an earlier version"]
        with pytest.raises(StoreDamaged):
            store.versions("a")


def test_a_database_of_a_newer_version_is_refused(fresh: StoreSettings) -> None:
    """And is not changed."""
    with PostgresStore(fresh, "default") as store:
        store.articles()
    with psycopg.connect(fresh.url, autocommit=True) as connection:
        connection.execute("UPDATE quoth.schema_version SET version = 1000")
    with PostgresStore(fresh, "default") as store, pytest.raises(StoreError, match="written by a newer Quoth"):
        store.articles()


CURE = "GRANT quoth_app TO"


def test_a_login_without_rights_needs_an_owner(fresh: StoreSettings, database: Database) -> None:
    """It is told so; once the owner has made the schema and granted the role, it can do all of the daily work."""
    database.execute("DROP ROLE IF EXISTS clerk")
    database.execute("CREATE ROLE clerk LOGIN")
    clerk = replace(fresh, url=fresh.url.replace("postgres@", "clerk@"))
    with PostgresStore(clerk, "default") as store, pytest.raises(InvalidSettings, match=r"store\.owner_url"):
        store.articles()
    with PostgresStore(fresh, "default") as store:
        store.articles()
    with PostgresStore(clerk, "default") as store, pytest.raises(InvalidSettings, match=CURE):
        store.articles()
    database.execute("GRANT quoth_app TO clerk")
    with PostgresStore(replace(clerk, owner_url=fresh.url, large_from=1), "default") as store:
        put(store, "a", BRIDGE)
        assert store.text("a") == BRIDGE
        database.execute("REVOKE quoth_app FROM clerk")
        with pytest.raises(InvalidSettings, match=CURE):
            store.articles()
