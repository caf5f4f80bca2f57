"""Backups that the bot makes by itself, and how long copies are kept."""

import time
from collections.abc import Iterator
from pathlib import Path

from retrieval.settings import BackupSettings, read_settings
from retrieval.store.database import BEFORE_UPDATE
from retrieval.store.homes import library_names
from retrieval.upkeep.backups import BEFORE_RESTORE, backup

FOLDER = "backups"
_HOUR, _DAY = 3600.0, 86_400.0
_NAME = "quoth-%Y%m%d-%H%M%S.zip"


def backups_in(home: Path) -> tuple[Path, ...]:
    """The backups that the bot made by itself, oldest first."""
    return tuple(sorted((home / FOLDER).glob("quoth-*.zip")))


def back_up_if_due(home: Path, settings: BackupSettings, *, now: float | None = None) -> Path | None:
    """Make a backup of all libraries where the newest is older than it may be; its file.

    ``now`` is in seconds since 1970, by default the time of day. A newest one from the future, by a clock that
    jumped, does not count. Raises QuothError where it cannot be made.
    """
    now = time.time() if now is None else now
    ages = [now - file.stat().st_mtime for file in backups_in(home)]
    is_due = all(age < 0 or age >= settings.every_hours * _HOUR for age in ages)
    # A database is backed up by whoever operates it, with its own means.
    if not settings.every_hours or not is_due or not library_names(home) or read_settings(home).store.url:
        return None
    (home / FOLDER).mkdir(mode=0o700, exist_ok=True)
    file = home / FOLDER / time.strftime(_NAME, time.gmtime(now))
    backup(home, file)
    return file


def drop_old(home: Path, settings: BackupSettings, *, now: float | None = None) -> tuple[Path, ...]:
    """Delete the backups past their number or their days, and other copies past their days; what was deleted.

    So what was removed from a library is gone from its copies, too, after ``settings.days``.
    """
    now = time.time() if now is None else now
    made = backups_in(home)
    surplus = set(made[: max(0, len(made) - settings.keep)])
    past = [file for file in (*made, *_copies(home)) if file in surplus or _age(file, now) > settings.days * _DAY]
    for file in past:
        file.unlink(missing_ok=True)
    return tuple(past)


def _age(file: Path, now: float) -> float:
    return now - file.stat().st_mtime


def _copies(home: Path) -> Iterator[Path]:
    """What was kept before an update or a restore."""
    for mark in (BEFORE_UPDATE, BEFORE_RESTORE):
        yield from (home / "libraries").glob(f"*/*{mark}*")
