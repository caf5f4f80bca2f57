"""Backups that the bot makes by itself, and how long copies are kept."""

import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from retrieval.errors import QuothError, StoreDamaged
from retrieval.settings import BackupSettings, StoreSettings, read_settings
from retrieval.store.choice import open_store
from retrieval.store.database import BEFORE_UPDATE
from retrieval.store.homes import library_names
from retrieval.upkeep.backups import BEFORE_RESTORE, copy_all, held_in

_log = logging.getLogger(__name__)

FOLDER = "backups"
RESTORE = "Restore a backup with quoth restore"
_HOUR, _DAY = 3600.0, 86_400.0
_NAME = "quoth-%Y%m%d-%H%M%S.zip"


def backups_in(home: Path) -> tuple[Path, ...]:
    """The backups that the bot made by itself, oldest first."""
    return tuple(sorted((home / FOLDER).glob("quoth-*.zip")))


def back_up_if_due(home: Path, settings: BackupSettings, *, now: float | None = None) -> Path | None:
    """Make a backup of all libraries where the newest is older than it may be; its file.

    A library that is not well is left out, and named in the log: what can be brought back of it is in an older backup.
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
    well = [name for name in library_names(home) if _is_well(home, name)]
    if not well:
        raise StoreDamaged("no library can be backed up", hint=RESTORE)
    copy_all(home, file, well)
    return file


def _is_well(home: Path, name: str) -> bool:
    problems = library_problems(home, name, StoreSettings())
    if problems:
        _log.error("Library %s is not in the backup: %s", name, " ".join(problems))
    return not problems


def library_problems(home: Path, name: str, settings: StoreSettings) -> tuple[str, ...]:
    """What is wrong with a library, each with what helps; none where it is well. It is brought up to date."""
    try:
        with open_store(home, name, settings) as store:
            return tuple(f"{problem}. {RESTORE}." for problem in store.check())
    except QuothError as error:
        return (str(error),)


def drop_old(home: Path, settings: BackupSettings, *, now: float | None = None) -> tuple[Path, ...]:
    """Delete the backups past their number or their days, and other copies past their days; what was deleted.

    So what was removed from a library is gone from its copies, too, after ``settings.days``. Until then the last backup
    that holds a library is kept, however many are newer.
    """
    now = time.time() if now is None else now
    made = backups_in(home)
    surplus = set(_replaced(home, made[: max(0, len(made) - settings.keep)], made))
    past = [file for file in (*made, *_copies(home)) if file in surplus or _age(file, now) > settings.days * _DAY]
    for file in past:
        file.unlink(missing_ok=True)
    return tuple(past)


def _replaced(home: Path, surplus: Sequence[Path], made: Sequence[Path]) -> Iterator[Path]:
    """Those of which a newer backup holds every library that there is."""
    there = set(library_names(home)) if surplus else set()
    for file in surplus:
        newer = (held_in(other) for other in made if other > file)
        if (held_in(file) & there).issubset(frozenset().union(*newer)):
            yield file


def _age(file: Path, now: float) -> float:
    return now - file.stat().st_mtime


def _copies(home: Path) -> Iterator[Path]:
    """What was kept before an update or a restore."""
    for mark in (BEFORE_UPDATE, BEFORE_RESTORE):
        yield from (home / "libraries").glob(f"*/*{mark}*")
