"""When a session with Discord may be begun: a thousand a day, and at the limit Discord resets the token."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic

from discord import SessionStartLimits

_log = logging.getLogger(__name__)

_SPACING = 5.5  # seconds: Discord wants 5 between two of them in a bucket, as they arrive
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 600.0
_REMEMBERED_SECONDS = 3600.0
_SPARED = 0.5  # of the day's starts, kept by waiting


class Starts:
    """Lets sessions begin in their turn, the more slowly the more often a shard has had to.

    ``limits`` asks Discord what is left of the day's starts, which all processes of a bot share; so a process that
    is started over and over waits, too.
    """

    def __init__(self, limits: Callable[[], Awaitable[SessionStartLimits]]) -> None:
        self._limits = limits
        self._begun: dict[int, deque[float]] = {}
        self._buckets: dict[int, asyncio.Lock] = {}
        self._free_at: dict[int, float] = {}

    @asynccontextmanager
    async def turn(self, shard: int) -> AsyncIterator[None]:
        """Waits until the shard may begin a session, which is done inside; what fails inside has begun none.

        Raises as ``limits`` does.
        """
        limits = await self._limits()
        bucket = shard % max(1, limits.max_concurrency)
        wait = pause(limits, self._lately(shard))
        if wait:
            _log.warning("Shard %d begins a new session in %.0f s; %d are left today", shard, wait, limits.remaining)
            await asyncio.sleep(wait)
        async with self._buckets.setdefault(bucket, asyncio.Lock()):
            await asyncio.sleep(max(0.0, self._free_at.get(bucket, 0.0) - monotonic()))
            try:
                yield
                self._begun[shard].append(monotonic())
            finally:
                self._free_at[bucket] = monotonic() + _SPACING

    def _lately(self, shard: int) -> int:
        """How many sessions the shard has begun in the last hour."""
        begun = self._begun.setdefault(shard, deque())
        while begun and begun[0] < monotonic() - _REMEMBERED_SECONDS:
            begun.popleft()
        return len(begun)


def pause(limits: SessionStartLimits, lately: int) -> float:
    """Seconds to wait before a session, of which ``lately`` were begun in the last hour.

    With less than half of the day's starts left they are spread over what is left of the day.
    """
    reset_after = limits.reset_after / 1000
    if limits.remaining <= 0:
        return reset_after
    again = min(_FIRST_PAUSE * 2 ** (lately - 1), _LONGEST_PAUSE) if lately else 0.0
    scarce = reset_after / limits.remaining if limits.remaining < limits.total * _SPARED else 0.0
    return max(again, scarce)
