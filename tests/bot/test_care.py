"""What a bot that runs for months does for its home by itself."""

import logging
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.care import Keeper, Steady, care_for
from bot.memory import Memory
from bot.remembered import Watch
from bot.worker import Worker
from retrieval import BackupSettings, StoreError
from retrieval.store.homes import library_path
from retrieval.upkeep import backups_in
from tests.articles import BRIDGE
from tests.conftest import Opener, add_text
from tests.store.test_migrating import FIRST

_HOUR, _DAY, _YEAR = 3600.0, 86_400.0, 365 * 86_400.0


@dataclass
class Clocks:
    """A machine's two clocks: the time of day, which jumps, and the one that goes on."""

    day: float = 1_790_000_000.0
    machine: float = 5_000.0

    def go_on(self, seconds: float, *, jump: float = 0.0) -> None:
        """So much time passes, and somebody sets the time of day."""
        self.machine += seconds
        self.day += seconds + jump

    def steady(self) -> Steady:
        return Steady(day=lambda: self.day, machine=lambda: self.machine)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.day, UTC)


def test_a_clock_is_trusted_once_it_has_gone_on_for_an_hour() -> None:
    """And no longer after a jump, until it has gone on for another."""
    clocks = Clocks()
    steady = clocks.steady()
    assert not steady()
    clocks.go_on(_HOUR)
    assert steady()
    clocks.go_on(10, jump=30)  # as it is set by the network now and then
    assert steady()
    for jump in (_YEAR, -_YEAR):
        clocks.go_on(_HOUR, jump=jump)
        assert not steady()
        clocks.go_on(_HOUR)
        assert steady()


def test_a_clock_that_jumps_by_a_year_deletes_nothing(tmp_path: Path) -> None:
    """Neither the library of a server that left yesterday, nor questions, gaps or standing questions."""
    clocks = Clocks()
    memory = Memory(tmp_path, days=7, departed_days=14, now=clocks.now, is_steady=clocks.steady())
    answer = memory.asked(1, 2, "Who paid for the bridge?")
    memory.tell(1, "Who paid for the bridge?")
    memory.left(3)
    clocks.go_on(_HOUR)
    clocks.go_on(60, jump=_YEAR)
    memory.forget_old()
    assert memory.departed() == ()
    clocks.go_on(60, jump=-_YEAR)
    memory.forget_old()
    assert memory.departed() == ()
    assert memory.recalled(1, answer) == ("Who paid for the bridge?", ())
    assert len(memory.gaps(1)) == 1
    clocks.go_on(_HOUR)
    memory.forget_old()
    clocks.go_on(14 * _DAY)
    assert memory.departed() == (3,)
    memory.forget_old()
    assert memory.recalled(1, answer) is None
    memory.close()


def test_a_conversation_goes_on_when_the_clock_is_put_back(tmp_path: Path) -> None:
    """By a second, as the network does it, or by an hour, as after a winter night with the wrong zone."""
    clocks = Clocks()
    memory = Memory(tmp_path, days=7, departed_days=14, now=clocks.now)
    memory.asked(1, 2, "Who paid for the bridge?", conversation=9)
    clocks.go_on(5, jump=-_HOUR)
    memory.asked(1, 2, "And when?", conversation=9)
    clocks.go_on(5)
    assert "And when?" in memory.history(1, 9)
    clocks.go_on(5, jump=_HOUR)
    assert memory.history(1, 9) == ("Who paid for the bridge?",)
    memory.close()


def test_a_standing_question_from_a_clock_that_was_ahead_hears_of_what_comes(tmp_path: Path) -> None:
    """Once the clock is right again; from then on, its own moments count."""
    clocks = Clocks()
    memory = Memory(tmp_path, days=7, departed_days=14, now=clocks.now)
    clocks.go_on(5, jump=30 * _DAY)
    memory.watch(Watch(0, 1, 2, 3, "Who paid for the bridge?", "en-GB"))
    clocks.go_on(5, jump=-30 * _DAY)
    put_right = clocks.now().isoformat(timespec="seconds")
    for _ in range(2):
        (watch,) = memory.watches(1)
        assert watch.since < put_right
        clocks.go_on(60)
    memory.close()


# Rounds


def test_a_round_makes_the_backups_that_are_due_and_deletes_the_old_ones(
    open_library: Opener, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names both; while the clock cannot be trusted, nothing is deleted."""
    add_text(open_library(), BRIDGE)
    trusted: list[bool] = []
    keeper = Keeper(home, BackupSettings(every_hours=24, keep=1), lambda: bool(trusted))
    with caplog.at_level(logging.INFO):
        keeper.go_round()
        (made,) = backups_in(home)
        keeper.go_round()
        assert backups_in(home) == (made,)
        older = made.with_name("quoth-20200101-000000.zip")
        made.rename(older)
        os.utime(older, (made_at := older.stat().st_mtime - 2 * _DAY, made_at))
        keeper.go_round()
        assert len(backups_in(home)) == 2
        trusted.append(True)
        keeper.go_round()
    (newest,) = backups_in(home)
    said = [record.getMessage() for record in caplog.records]
    assert said == [f"Made the backup {made}", f"Made the backup {newest}", f"Deleted {older}, whose time was over"]


def test_the_first_round_updates_every_library_and_names_those_that_are_not_well(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Before anybody asks."""
    for name in ("guild-1", "guild-2"):
        library_path(home, name).parent.mkdir(parents=True)
    with closing(sqlite3.connect(library_path(home, "guild-1"))) as connection:
        connection.executescript(FIRST.read_text(encoding="utf-8"))
    library_path(home, "guild-2").write_bytes(b"Dear diary, " * 99)
    with caplog.at_level(logging.INFO):
        Keeper(home, BackupSettings(every_hours=0), lambda: True).go_round()
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert f"as it was before: {library_path(home, 'guild-1')}.before-update-1" in said
    assert "Library guild-2: the library" in said
    assert "Restore a backup with quoth restore" in said


def test_a_backup_that_fails_keeps_no_old_one_from_being_deleted(home: Path) -> None:
    """What is past its days goes, and so a full disk gets room: here the only library cannot be read."""
    library_path(home, "guild-1").parent.mkdir(parents=True)
    library_path(home, "guild-1").write_bytes(b"Dear diary, " * 99)
    old = home / "backups" / "quoth-20200101-000000.zip"
    old.parent.mkdir()
    old.write_bytes(b"")
    os.utime(old, (0, 0))
    with pytest.raises(StoreError, match="no library can be backed up"):
        Keeper(home, BackupSettings(), lambda: True).go_round()
    assert not old.exists()


async def test_what_quoth_run_takes_care_of_is_done_beside_the_event_loop(open_library: Opener, home: Path) -> None:
    """The round that the client goes."""
    add_text(open_library(), BRIDGE)
    care = care_for(home, BackupSettings())

    class Client:
        worker = Worker

    (go_round,) = care.rounds
    await go_round(Client())  # type: ignore[arg-type]
    assert len(backups_in(home)) == 1
    assert not care.is_steady()
