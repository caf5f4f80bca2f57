"""One process for each shard of a home directory: two would answer every question of its servers twice."""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import sleep
from typing import IO

from bot.shards import Shards
from retrieval import StoreBusy

_TRIES, _BETWEEN_SECONDS = 20, 0.05  # another process may hold the file for as long as it writes a number


@contextmanager
def sole_run(home: Path, shards: Shards = Shards()) -> Iterator[None]:  # noqa: B008 - frozen
    """Holds the home's locks for these shards; the system lets go of them when the process ends, however it ends.

    Processes with other shards of the same number may run beside it. Raises StoreBusy where another process has one of
    these, or counts shards differently.
    """
    home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        count = held.enter_context((home / "run.lock").open("a+", encoding="utf-8"))
        if _agreed(count, shards.count) != shards.count:
            raise _busy(home, shards)
        for shard in shards.ids:
            file = held.enter_context((home / f"run-{shard}.lock").open("a", encoding="utf-8"))
            if not _locked(file, fcntl.LOCK_EX):
                raise _busy(home, shards)
        yield


def _agreed(file: IO[str], wanted: int) -> int | None:
    """How many shards the processes of this home count, which the first of them says; None where that is not known."""
    for _ in range(_TRIES):
        if _locked(file, fcntl.LOCK_EX):
            file.truncate(0)
            file.write(str(wanted))
            file.flush()
        if _locked(file, fcntl.LOCK_SH):
            file.seek(0)
            text = file.read()
            return int(text) if text.isdecimal() else None
        sleep(_BETWEEN_SECONDS)
    return None


def _locked(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy(home: Path, shards: Shards) -> StoreBusy:
    if shards.count == 1:
        return StoreBusy(f"another Quoth already runs on {home}", hint="End it first, or name another --home")
    return StoreBusy(
        f"another Quoth already runs on {home} with some of the shards {shards}, or with another number of them",
        hint="Give each process shards of its own, of the same number: 0-3/8 and 4-7/8",
    )
