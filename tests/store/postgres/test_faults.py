"""A database that is restarted, killed, away, slow or full: said in words, nothing lost, and used again."""

import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from retrieval.errors import InvalidSettings, StoreBusy, StoreError
from retrieval.store.postgres import server, silence
from retrieval.store.postgres.store import PostgresStore
from tests.articles import BRIDGE, ORCHESTRA, WHATSAPP
from tests.databases import Database
from tests.store.conftest import best, put

BACK_SECONDS = 20.0


@pytest.fixture(scope="module")
def fragile() -> Iterator[Database]:
    """A server for this file alone, which may be ended; what it says is done is on the disk."""
    database = Database(18, {"fsync": "on", "max_connections": "12", "superuser_reserved_connections": "2"})
    yield database
    database.close()


@pytest.fixture
def store(fragile: Database) -> Iterator[PostgresStore]:
    """A library with one article; the bot that has it open lives through everything."""
    if fragile.is_stopped():
        fragile.start()
    with PostgresStore(fragile.settings, "guild-1") as store:
        put(store, "a", BRIDGE)
        yield store


def _again(store: PostgresStore) -> None:
    """Works again, with the same store, as soon as the server is back."""
    end = time.monotonic() + BACK_SECONDS
    while True:
        try:
            assert best(store, "cracks in the pillars") == "a"
            return
        except StoreBusy:
            assert time.monotonic() < end
            time.sleep(0.1)


def test_a_restart_between_two_questions_is_not_noticed(store: PostgresStore, fragile: Database) -> None:
    """Connections that it broke are made anew."""
    fragile.stop()
    fragile.start()
    assert best(store, "cracks in the pillars") == "a"
    put(store, "b", ORCHESTRA)


def test_a_server_that_is_away_is_said_so(store: PostgresStore, fragile: Database) -> None:
    """In one sentence, soon, without an address in it; nothing is added, and all works when it is back."""
    fragile.stop()
    start = time.monotonic()
    for use in (store.articles, lambda: put(store, "away", ORCHESTRA)):
        with pytest.raises(StoreBusy, match=r"the database cannot (be reached|serve now)") as refused:
            use()
        assert "127.0.0.1" not in refused.value.told
    assert time.monotonic() - start < BACK_SECONDS / 2
    fragile.start()
    _again(store)
    assert store.article("away") is None


def test_nothing_acknowledged_is_lost_in_a_crash(store: PostgresStore, fragile: Database) -> None:
    """All processes of the server are killed while articles are added: what was said to be stored is there, whole."""
    acknowledged: dict[str, str] = {}

    def add() -> None:
        for number in range(10_000):
            text = f"{WHATSAPP} Number {number}. {ORCHESTRA}"
            try:
                put(store, f"crash-{number}", text)
            except StoreError:
                return
            acknowledged[f"crash-{number}"] = text

    adding = threading.Thread(target=add)
    adding.start()
    while len(acknowledged) < 5:
        time.sleep(0.01)
    fragile.stop(signal.SIGKILL)
    adding.join()
    fragile.start()
    _again(store)
    assert {i: store.text(i) for i in acknowledged} == acknowledged
    others = {a.id for a in store.articles() if a.id.startswith("crash-")} - acknowledged.keys()
    assert len(others) <= 1, "one may have been stored that was not acknowledged any more"
    for article_id in (*acknowledged, *others):
        assert len(store.passages(article_id)) == len(store.embedded(article_id)) > 0
    assert store.check() == []
    put(store, "after", ORCHESTRA)


def test_a_slow_server_is_given_up(fragile: Database, store: PostgresStore) -> None:
    """Who waits for another's change is told so; who only reads does not wait for it."""
    with PostgresStore(replace(fragile.settings, timeout=0.3), "guild-1") as hurried:
        with psycopg.connect(fragile.url) as other:
            other.execute("SELECT FROM quoth.libraries WHERE guild_id = 1 FOR UPDATE")
            with pytest.raises(StoreBusy, match=r"another process changes|takes too long"):
                put(hurried, "slow", ORCHESTRA)
            assert best(hurried, "cracks in the pillars") == "a"
        put(hurried, "slow", ORCHESTRA)


def test_who_waited_for_another_sees_what_it_wrote(store: PostgresStore, fragile: Database) -> None:
    """Here, that the library is now another model's; a look from before would mix the two."""
    refused: list[str] = []

    def add() -> None:
        with pytest.raises(InvalidSettings) as error:
            put(store, "b", ORCHESTRA)
        refused.append(str(error.value))

    adding = threading.Thread(target=add)
    with psycopg.connect(fragile.url) as other:
        other.execute("SELECT FROM quoth.libraries WHERE guild_id = 1 FOR UPDATE")
        adding.start()
        while not fragile.execute("SELECT 1 FROM pg_locks WHERE NOT granted"):
            time.sleep(0.01)
        other.execute("UPDATE quoth.editions SET model = 'other' WHERE guild_id = 1")
    adding.join()
    fragile.execute("UPDATE quoth.editions SET model = 'toy' WHERE guild_id = 1")
    assert "made with the model other" in refused[0]


def test_a_frozen_server_keeps_nobody_waiting(
    fragile: Database, store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who ask are told so, also who comes while somebody looks whether it is back; then all works again."""
    monkeypatch.setattr(silence, "_LOOK_SECONDS", 0.5)
    monkeypatch.setattr(silence, "CONNECT_SECONDS", 2)
    told: list[str] = []

    def ask() -> None:
        with pytest.raises(StoreBusy) as refused:
            store.articles()
        told.append(refused.value.told)

    asking = [threading.Thread(target=ask) for _ in range(20)]
    fragile.freeze()
    try:
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join(BACK_SECONDS)
        assert len(told) == len(asking)
        with store._server._silence._looking:
            ask()
        assert set(told) == {"the database does not answer. Try again in a minute."}
    finally:
        fragile.thaw()
    _again(store)


def test_a_statement_that_outlives_its_time_is_left(
    fragile: Database, store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where one process of the server hangs on its disk while others let people in."""
    monkeypatch.setattr(silence, "_LATE_SECONDS", 0.2)
    with PostgresStore(replace(fragile.settings, timeout=0.3), "guild-1") as hurried:
        with pytest.raises(StoreBusy, match="the database does not answer"):
            _hang(hurried)
        assert best(hurried, "cracks in the pillars") == "a"


def _hang(store: PostgresStore) -> None:
    with store._server.moment(1) as tx:
        tx.run("SET LOCAL statement_timeout = 0")
        tx.run("SELECT pg_sleep(3600)")


def test_all_connections_may_be_in_use(
    fragile: Database, store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of this process, or of the server: both are said, and both pass."""
    monkeypatch.setattr(server, "_WAIT_SECONDS", 0.3)
    with PostgresStore(replace(fragile.settings, connections=1), "guild-1") as single:
        with single._server.moment(1), pytest.raises(StoreBusy, match="all connections to the database are in use"):
            single.articles()
        assert single.articles()
    login = fragile.url.replace("postgres@", "guest@")
    fragile.execute("DROP ROLE IF EXISTS guest")
    fragile.execute("CREATE ROLE guest LOGIN IN ROLE quoth_app")
    with PostgresStore(replace(fragile.settings, url=login, connections=2), "guild-1") as guest:
        others: list[psycopg.Connection[object]] = []
        try:
            while len(others) < 20:
                others.append(psycopg.connect(login))
        except psycopg.OperationalError:
            pass
        with pytest.raises(StoreBusy, match="the database cannot serve now"):
            guest.articles()
        for other in others:
            other.close()
        _again(guest)


def test_a_wrong_login_is_a_wrong_setting(fragile: Database) -> None:
    """It will not pass by itself."""
    for url in (fragile.url.replace("postgres@", "nobody@"), fragile.url.removesuffix("postgres") + "gone"):
        with PostgresStore(replace(fragile.settings, url=url), "guild-1") as store, pytest.raises(InvalidSettings):
            store.articles()
