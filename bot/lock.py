"""One bot for one home directory: two would answer every question twice."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from retrieval import StoreBusy


@contextmanager
def sole_run(home: Path) -> Iterator[None]:
    """Holds the home's lock; the system lets go of it when the process ends, however it ends.

    Raises StoreBusy where another process holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "run.lock").open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreBusy(
                f"another Quoth already runs on {home}", hint="End it first, or name another --home"
            ) from error
        yield
