"""What is remembered of servers moves with their libraries: all of it, both ways, as often as one likes."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.ledgers import COLUMNS, QUESTIONS, RECORDS, TURNS
from bot.memory import Memory
from bot.moving import move_memory
from bot.preferences import Preferences
from bot.remembered import Watch
from retrieval import InvalidInput, StoreSettings
from retrieval.store.homes import library_path
from retrieval.store.sqlite import SqliteStore
from tests.articles import BRIDGE
from tests.store.conftest import put

HERE, ELSEWHERE, ALICE = 1, 2, 700_000_000_000_000_011
FILES = StoreSettings()


def _memory(home: Path, store: StoreSettings) -> "closing[Memory]":
    return closing(Memory(home, days=7, departed_days=14, store=store))


def _fill(memory: Memory) -> str:
    """One of everything; the id of an answer."""
    answer = memory.asked(HERE, ALICE, "Who is the ambassador?", conversation=5)
    memory.shown(HERE, answer, 17)
    memory.vote(HERE, answer, ALICE, is_helpful=False, reason="wrong")
    memory.tell(HERE, "Who tunes the organ?")
    memory.prefer(HERE, Preferences(announcements=9))
    memory.watch(Watch(0, HERE, ALICE, 3, "When does the bridge open?", "de"))
    memory.report(HERE, "an article")
    memory.left(ELSEWHERE)
    return answer


def test_no_table_and_no_column_is_left_out() -> None:
    """Beside the guild, and numbers that a store gives by itself."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for script in (*RECORDS, *QUESTIONS):
            connection.executescript(script)
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        columns = {t: {row[1] for row in connection.execute(f"PRAGMA table_info({t})")} for t in tables}
    assert tables - {"secrets", "sqlite_sequence"} == {*COLUMNS, "turns"}
    for table, moved in {**COLUMNS, "turns": TURNS}.items():
        assert columns[table] - {"guild_id", "id"} == set(moved)


def test_all_of_it_is_there_after_a_move_and_back(tmp_path: Path, fresh: StoreSettings) -> None:
    """People are known again by their hashes, so they can still be forgotten; a second run copies nothing."""
    here, back = tmp_path / "here", tmp_path / "back"
    for home in (here, back):
        home.mkdir()
    with _memory(here, FILES) as memory:
        answer = _fill(memory)
        gaps = memory.gaps(HERE)
    assert move_memory(here, FILES, fresh, days=7) == (7, 7)
    assert move_memory(here, FILES, fresh, days=7) == (7, 0)
    with _memory(back, FILES) as empty:
        assert empty.servers() == ()
    (back / "servers.sqlite3").unlink()
    assert move_memory(back, fresh, FILES, days=7) == (7, 7)
    for home, store in ((here, fresh), (back, FILES)):
        with _memory(home, store) as memory:
            assert memory.recalled(HERE, answer) == ("Who is the ambassador?", ())
            assert memory.conversation_of(HERE, 17) == 5
            assert memory.votes(HERE).reasons == (("wrong", 1),)
            assert memory.gaps(HERE) == gaps
            assert memory.preferences(HERE) == Preferences(announcements=9)
            assert [watch.question for watch in memory.watches(HERE)] == ["When does the bridge open?"]
            assert memory.reported(HERE) == ("an article",)
            memory.watch(Watch(0, HERE, ALICE, 3, "And when does it close?", "de"))
            assert memory.forget_person(HERE, ALICE) == 4


def test_what_was_forgotten_here_is_forgotten_there(tmp_path: Path, fresh: StoreSettings) -> None:
    """By the next run; questions that are in no file are in no database."""
    with _memory(tmp_path, FILES) as memory:
        _fill(memory)
        move_memory(tmp_path, FILES, fresh, days=7)
        memory.forget_person(HERE, ALICE)
    assert move_memory(tmp_path, FILES, fresh, days=7) == (4, 0)
    with _memory(tmp_path, fresh) as memory:
        assert memory.watches(HERE) == ()
        assert memory.forget_person(HERE, ALICE) == 0
    assert move_memory(tmp_path, FILES, fresh, days=0) == (4, 0)
    assert move_memory(tmp_path / "nothing", FILES, fresh, days=7) == (0, 0)


def test_another_bots_people_are_not_mixed_with_these(tmp_path: Path, fresh: StoreSettings) -> None:
    """Their hashes would mean nothing."""
    for home, store in ((tmp_path, FILES), (tmp_path / "other", fresh)):
        with _memory(home, store) as memory:
            _fill(memory)
    with pytest.raises(InvalidInput, match="another bot"):
        move_memory(tmp_path, FILES, fresh, days=7)


def test_the_command_moves_it_with_the_libraries(
    tmp_path: Path, fresh: StoreSettings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says how much."""
    monkeypatch.setenv("QUOTH_HOME", str(tmp_path))
    with _memory(tmp_path, FILES) as memory:
        _fill(memory)
    with SqliteStore(library_path(tmp_path, "default")) as library:
        put(library, "bridge", BRIDGE)
    assert main(["migrate", "--to", fresh.url]) == 0
    assert capsys.readouterr().out.endswith("of servers: 7 rows remembered there, 7 of them copied now\n")
    assert main(["migrate", "--to", fresh.url, "--json"]) == 0
    assert capsys.readouterr().out.endswith('{"remembered": 7, "copied": 0}\n')
