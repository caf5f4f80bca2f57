"""Backups that the bot makes by itself, and how long copies are kept."""

import os
from pathlib import Path

import pytest

from retrieval.library import Library
from retrieval.settings import BackupSettings
from retrieval.store.homes import library_path
from retrieval.upkeep import back_up_if_due, backups_in, drop_old, restore
from retrieval.upkeep.backups import held_in
from tests.articles import BRIDGE, ORCHESTRA
from tests.conftest import Opener, add_text

_HOUR, _DAY = 3600.0, 86_400.0
_NOON = 1_790_000_000.0  # some time of day


def _back_up(home: Path, settings: BackupSettings, now: float) -> Path | None:
    """As it is done at that time: the file's own time is that."""
    file = back_up_if_due(home, settings, now=now)
    if file:
        os.utime(file, (now, now))
    return file


def test_a_backup_is_made_whenever_one_is_due(open_library: Opener, home: Path, tmp_path: Path) -> None:
    """At once where there is none, then after so many hours; only the bot's own user gets at it."""
    settings = BackupSettings(every_hours=24)
    assert _back_up(home, settings, _NOON) is None  # nothing to copy
    add_text(open_library(), BRIDGE, doc_id="bridge")
    first = _back_up(home, settings, _NOON)
    assert first
    assert _back_up(home, settings, _NOON + 23 * _HOUR) is None
    assert _back_up(home, settings, _NOON + 24 * _HOUR)
    assert len(backups_in(home)) == 2
    assert (home / "backups").stat().st_mode & 0o077 == 0
    restore(tmp_path / "other", first)
    with Library.open(tmp_path / "other") as restored:
        assert [a.doc_id for a in restored.articles()] == ["bridge"]


def test_none_is_made_where_none_is_wanted(open_library: Opener, home: Path) -> None:
    """With 0 hours."""
    add_text(open_library(), BRIDGE)
    assert back_up_if_due(home, BackupSettings(every_hours=0)) is None
    assert backups_in(home) == ()


def test_a_clock_that_was_ahead_does_not_stop_the_backups(open_library: Opener, home: Path) -> None:
    """A backup from the future is not taken for a new one."""
    add_text(open_library(), BRIDGE)
    settings = BackupSettings()
    assert _back_up(home, settings, _NOON + 365 * _DAY)
    assert _back_up(home, settings, _NOON)


def test_only_so_many_are_kept(open_library: Opener, home: Path) -> None:
    """The newest."""
    add_text(open_library(), BRIDGE)
    settings = BackupSettings(every_hours=1, keep=3)
    made = [_back_up(home, settings, _NOON + n * _HOUR) for n in range(5)]
    assert drop_old(home, settings, now=_NOON + 5 * _HOUR) == tuple(made[:2])
    assert list(backups_in(home)) == made[2:]


@pytest.mark.parametrize("damage", ["no library", "a letter"])
def test_a_damaged_library_keeps_no_other_from_being_backed_up(
    open_library: Opener, home: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named in the log; and the last backup in which it is whole is not thrown away for newer ones without it."""
    settings = BackupSettings(every_hours=1, keep=2)
    with open_library("guild-1") as one, open_library("guild-2") as two:
        add_text(one, BRIDGE)
        add_text(two, ORCHESTRA)
    whole = _back_up(home, settings, _NOON)
    assert whole is not None
    file = library_path(home, "guild-2")
    if damage == "no library":
        file.write_bytes(b"Dear diary, " * 99)
    else:
        file.write_bytes(file.read_bytes().replace(b"conductor", b"conducted"))
    later = [_back_up(home, settings, _NOON + n * _HOUR) for n in range(1, 5)]
    assert all(made and held_in(made) == {"guild-1"} for made in later)
    assert "Library guild-2 is not in the backup: " in caplog.text
    assert drop_old(home, settings, now=_NOON + 5 * _HOUR) == tuple(later[:2])
    assert backups_in(home)[0] == whole
    restore(home, whole, only="guild-2")
    with open_library("guild-2") as two:
        assert two.problems() == []
    newest = _back_up(home, settings, _NOON + 6 * _HOUR)
    assert drop_old(home, settings, now=_NOON + 6 * _HOUR) == (whole, later[2])
    assert newest


@pytest.mark.parametrize("name", ["library.sqlite3.before-restore", "library.sqlite3.before-update-1"])
def test_what_was_removed_is_in_no_copy_after_the_term(open_library: Opener, home: Path, name: str) -> None:
    """Neither in a backup, nor in what was kept before an update or a restore; the library itself stays."""
    canary = "quetzalcoatlus"
    library = open_library()
    add_text(library, ORCHESTRA)
    add_text(library, f"A {canary} flew over the bridge.", doc_id="secret")
    settings = BackupSettings(days=30)
    made = _back_up(home, settings, _NOON)
    copy = library_path(home, "default").with_name(name)
    copy.write_bytes(b"a copy with the " + canary.encode())
    os.utime(copy, (_NOON, _NOON))
    library.remove("secret")
    assert drop_old(home, settings, now=_NOON + 29 * _DAY) == ()
    _back_up(home, settings, _NOON + 29 * _DAY)
    assert drop_old(home, settings, now=_NOON + 31 * _DAY) == (made, copy)
    assert len(library.articles()) == 1
    (kept,) = backups_in(home)
    restore(home.with_name("other"), kept)
    everything = [f for folder in (home, home.with_name("other")) for f in folder.rglob("*") if f.is_file()]
    assert [f for f in everything if canary.encode() in f.read_bytes()] == []
