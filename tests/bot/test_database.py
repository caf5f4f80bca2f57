"""What people see while the database is away, slow or full: one card that says so, and the next question works."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
import simcord

from bot.settings import DiscordSettings
from retrieval import StoreSettings
from retrieval.store.postgres import silence
from retrieval.store.postgres.leading import DatabaseLead
from retrieval.store.postgres.store import PostgresStore
from tests.bot.conftest import HELSINKI, WHATSAPP, Scene, World, shown, texts
from tests.databases import Database
from tests.toy import ToyEncoder

BACK_SECONDS = 20.0


@pytest.fixture(scope="module")
def fragile() -> Iterator[Database]:
    """A server for this file alone, which may be ended; ``clerk`` may do what a bot does."""
    with closing(Database(18, {"max_connections": "12", "superuser_reserved_connections": "2"})) as database:
        with PostgresStore(database.settings, "default") as store:
            store.articles()
        database.execute("CREATE ROLE clerk LOGIN IN ROLE quoth_app")
        yield database


def _as_clerk(database: Database) -> str:
    return database.url.replace("postgres@", "clerk@")


def _world(home: Path, url: str) -> World:
    store = StoreSettings(url=url, timeout=0.5, connections=3)
    return World(home, DiscordSettings(cooldown=0.0), ToyEncoder(), store=store)


def _begin(scene: Scene) -> None:
    """One article, in the library of a server that has the same number in every test."""
    with PostgresStore(scene.world.store, f"guild-{scene.guild.id}") as store:
        store.forget()
    scene.add(HELSINKI)


def _told(result: simcord.InteractionResult) -> str:
    """The one card that a person sees for what they did."""
    told = texts(shown(result).components)
    assert len(re.findall("^### ", told, re.MULTILINE)) == 1, told
    return told


async def _added(scene: Scene, admin: simcord.MemberActor) -> simcord.InteractionResult:
    return await admin.slash(scene.channel, "library add", file=("deal.txt", WHATSAPP.encode()))


@contextmanager
def _stopped(database: Database) -> Iterator[None]:
    database.stop()
    yield
    database.start()


@contextmanager
def _locked(database: Database) -> Iterator[None]:
    """A statement would wait for ever."""
    with psycopg.connect(database.url) as other:
        other.execute("LOCK TABLE quoth.libraries")
        yield


@contextmanager
def _full(database: Database) -> Iterator[None]:
    """Somebody else has taken all connections, those of the bot too."""
    with ExitStack() as stack:
        database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'clerk'")
        with suppress(psycopg.OperationalError):
            for _ in range(20):
                stack.enter_context(psycopg.connect(_as_clerk(database)))
            raise AssertionError("it takes more than it should")
        yield


@contextmanager
def _frozen(database: Database) -> Iterator[None]:
    """As where its disk answers no more; its connections stay open."""
    database.freeze()
    try:
        yield
    finally:
        database.thaw()


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (_frozen, "The database (does not answer|cannot be reached)"),
        (_stopped, "The database cannot (be reached|serve now)"),
        (_locked, "The database takes too long|Another process changes the same library"),
        (_full, "The database cannot serve now"),
    ],
    ids=["frozen", "stopped", "locked", "full"],
)
async def test_trouble_is_told_in_one_card_and_passes(
    tmp_path: Path,
    fragile: Database,
    trouble: Callable[[Database], AbstractContextManager[None]],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who asks and who adds is told to try again; then both work, in the same bot, and nothing was half added."""
    monkeypatch.setattr(silence, "_LOOK_SECONDS", 0.2)
    async with _world(tmp_path, _as_clerk(fragile)).scene() as scene:
        _begin(scene)
        admin = scene.admin()
        assert "Matsegora" in _told(await scene.ask())
        with trouble(fragile):
            for result in (await scene.ask(), await _added(scene, admin)):
                assert result.ephemeral
                assert re.search(said, _told(result)), _told(result)
                assert "Try again in a minute" in _told(result)
                assert "127.0.0.1" not in _told(result)
        assert "Matsegora" in _told(await scene.ask())
        assert "### 1 article" in _told(await scene.alice.slash(scene.channel, "articles"))
        assert "### 1 added" in _told(await _added(scene, admin))


async def test_a_restart_is_not_noticed(tmp_path: Path, fragile: Database) -> None:
    """Neither by who asks after it nor by who adds."""
    async with _world(tmp_path, _as_clerk(fragile)).scene() as scene:
        _begin(scene)
        admin = scene.admin()
        assert "Matsegora" in _told(await scene.ask())
        for _ in range(2):
            with _stopped(fragile):
                pass
            assert "Matsegora" in _told(await scene.ask())
        with _stopped(fragile):
            pass
        assert "### 1 added" in _told(await _added(scene, admin))


async def test_after_a_fail_over_the_other_server_is_asked(tmp_path: Path) -> None:
    """``store.url`` names both; nothing that was acknowledged is lost, and the bot is not restarted."""
    with ExitStack() as stack:
        first = stack.enter_context(closing(Database(18)))
        second = stack.enter_context(closing(Database(18, standby_of=first)))
        first.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        first.execute("ALTER SYSTEM SET synchronous_commit = 'remote_apply'")
        first.execute("SELECT pg_reload_conf()")
        hosts = f"127.0.0.1:{second.port},127.0.0.1:{first.port}"
        world = _world(tmp_path, f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write")
        lead = DatabaseLead(world.store)
        stack.callback(lead.resign)
        async with world.scene() as scene:
            scene.add(HELSINKI)
            assert "Matsegora" in _told(await scene.ask())
            assert lead.take()
            first.stop(signal.SIGKILL)
            assert "The database cannot be reached" in _told(await scene.ask())
            assert not lead.take()
            second.execute("SELECT pg_promote()")
            assert "Matsegora" in _told(await scene.ask())
            _wait_until(lead.take)
            second.execute("ALTER SYSTEM RESET synchronous_standby_names")
            second.execute("SELECT pg_reload_conf()")
            assert "### 1 added" in _told(await _added(scene, scene.admin()))


def _wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + BACK_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
