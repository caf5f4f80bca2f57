"""How late the event loop is: what waits longer than three seconds, nobody on Discord gets an answer to."""

import asyncio
import logging
from collections import deque
from contextvars import ContextVar
from time import monotonic

_log = logging.getLogger(__name__)

_EVERY = 0.5  # seconds
_REMEMBERED = 60  # measurements: half a minute
_TOO_LATE = 0.25  # seconds; suggestions and the three seconds of a first response still have room
_QUIET_SECONDS = 60.0  # between two warnings

# When the event came that a task works on, in seconds of the monotonic clock.
come: ContextVar[float] = ContextVar("come")


class Lag:
    """Measures by how much a sleep is longer than it was meant to be."""

    def __init__(self) -> None:
        self._measured: deque[float] = deque(maxlen=_REMEMBERED)

    @property
    def last(self) -> float:
        """Seconds, by the last measurement."""
        return self._measured[-1] if self._measured else 0.0

    @property
    def is_late(self) -> bool:
        """Whether what waits for a moment may wait for seconds."""
        return self.last > _TOO_LATE

    @property
    def worst(self) -> float:
        """Seconds, the most of the last half minute."""
        return max(self._measured, default=0.0)

    async def watch(self) -> None:
        """Measure until cancelled; what is too late is logged, at most once a minute."""
        warned = -_QUIET_SECONDS
        while True:
            began = monotonic()
            await asyncio.sleep(_EVERY)
            now = monotonic()
            self._measured.append(max(0.0, now - began - _EVERY))
            if self.is_late and now - warned > _QUIET_SECONDS:
                warned = now
                _log.warning(
                    "The event loop was late by %.0f ms; answers may miss their three seconds", self.last * 1000
                )
