"""Which of a bot's processes does what is done once for all: it sends the commands, asks feeds, answers watches."""

import fcntl
import logging
from pathlib import Path
from typing import IO, Protocol

_log = logging.getLogger(__name__)


class Leadership(Protocol):
    """A lock that one process holds at most, and that is free as soon as that process has ended, however it ended.

    Both methods may wait for a disk or a database, so they are called in threads.
    """

    def take(self) -> bool:
        """Whether this process leads from now on, or still does; asked again every few seconds."""

    def resign(self) -> None:
        """Let another process lead."""


class Alone:
    """For a bot that is one process."""

    def take(self) -> bool:
        return True

    def resign(self) -> None:
        """Nobody is there to lead."""


class LeaderFile:
    """For processes on one machine: a locked file in their home. The system frees it when its holder ends."""

    def __init__(self, home: Path) -> None:
        self._path = home / "leader.lock"
        self._file: IO[str] | None = None

    def take(self) -> bool:
        if self._file is None:
            self._file = self._locked()
        return self._file is not None

    def resign(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _locked(self) -> IO[str] | None:
        file = self._path.open("a", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file
