"""What a bot that runs for months does for its home by itself: it looks it over, copies it, and forgets in time."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING

from retrieval import BackupSettings, back_up_if_due, drop_old, look_over

if TYPE_CHECKING:
    from bot.client import Quoth

_log = logging.getLogger(__name__)

_SETTLED_SECONDS = 3600.0  # a machine that starts with a wrong clock has set it by then
_JUMP_SECONDS = 60.0


class Steady:
    """Whether the time of day can be trusted: it has gone on for an hour as the machine's own clock has.

    What is deleted because its days are over is deleted only then: a clock that jumps by a year deletes nothing.
    """

    def __init__(self, *, day: Callable[[], float] = time, machine: Callable[[], float] = monotonic) -> None:
        self._day, self._machine = day, machine
        self._since, self._apart = machine(), day() - machine()

    def __call__(self) -> bool:
        now, apart = self._machine(), self._day() - self._machine()
        if abs(apart - self._apart) > _JUMP_SECONDS:
            _log.warning("The time of day jumped by %.0f seconds; nothing is deleted for an hour", apart - self._apart)
            self._since = now
        self._apart = apart
        return now - self._since >= _SETTLED_SECONDS


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Care:
    """The rounds that take care of a home, and whether what is past its time may be deleted now."""

    rounds: "Sequence[Callable[[Quoth], Awaitable[None]]]" = ()
    is_steady: Callable[[], bool] = _always


def care_for(home: Path, settings: BackupSettings) -> Care:
    """The care that ``quoth run`` takes."""
    steady = Steady()
    keeper = Keeper(home, settings, steady)

    async def go_round(client: "Quoth") -> None:
        await client.worker.aside(keeper.go_round)

    return Care((go_round,), steady)


class Keeper:
    """Looks at each library once, then makes backups when they are due and deletes the old ones."""

    def __init__(self, home: Path, settings: BackupSettings, is_steady: Callable[[], bool]) -> None:
        self._home = home
        self._settings = settings
        self._is_steady = is_steady
        self._has_looked = False

    def go_round(self) -> None:
        """One round; takes as long as reading and copying the libraries takes. Raises QuothError."""
        if not self._has_looked:
            self._has_looked = True
            for name, problem in look_over(self._home):
                _log.error("Library %s: %s", name, problem)
        try:
            if made := back_up_if_due(self._home, self._settings):
                _log.info("Made the backup %s", made)
        finally:  # where there is no room for another one, this makes some
            if self._is_steady():
                for file in drop_old(self._home, self._settings):
                    _log.info("Deleted %s, whose time was over", file)
