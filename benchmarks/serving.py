"""A PostgreSQL server for a benchmark, which ends with it however it ends."""

import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from types import FrameType

from tests.databases import Database

# The index of a million passages is made in memory, 2 GB of it.
_OPTIONS = {"shared_buffers": "1GB", "maintenance_work_mem": "3GB", "fsync": "on", "max_wal_size": "2GB"}


@contextmanager
def serving() -> Iterator[Database]:
    """A server that writes to the disk what it says is written."""

    def end(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        with closing(Database(18, _OPTIONS)) as database:
            yield database
    finally:
        signal.signal(signal.SIGTERM, before)
