"""How often somebody may ask for something."""

from collections import OrderedDict
from collections.abc import Callable
from math import inf

_REMEMBERED = 10_000


class Closed:
    """Channels that turned Quoth away, which is known for some seconds; ``clock`` gives seconds."""

    def __init__(self, *, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._until: OrderedDict[int, float] = OrderedDict()

    def note(self, channel_id: int) -> bool:
        """It turned Quoth away; True where that is news."""
        is_news = not self.holds(channel_id)
        self._until[channel_id] = self._clock() + self._seconds
        if len(self._until) > _REMEMBERED:
            self._until.popitem(last=False)
        return is_news

    def holds(self, channel_id: int) -> bool:
        """Whether it did so lately."""
        return self._until.get(channel_id, -inf) > self._clock()


class Cooldown:
    """So many times in so many seconds for each person or server by itself; ``clock`` gives seconds.

    Who was not here in these seconds is not remembered.
    """

    def __init__(self, times: int, *, seconds: float, clock: Callable[[], float]) -> None:
        self._times = times
        self._seconds = seconds
        self._clock = clock
        # When it began for each of them and how often they have taken since, in the order in which it began.
        self._begun: OrderedDict[tuple[int, ...], tuple[float, int]] = OrderedDict()

    def take(self, *who: int) -> float:
        """Seconds still to wait; 0 where they may now, and that counts."""
        now = self._clock()
        self._forget(now)
        begun, taken = self._begun.get(who, (now, 0))
        if taken >= self._times:
            return begun + self._seconds - now
        self._begun[who] = begun, taken + 1
        return 0.0

    def _forget(self, now: float) -> None:
        """Those whose seconds are over, and of too many the first."""
        while self._begun:
            begun, _ = next(iter(self._begun.values()))
            if begun + self._seconds > now and len(self._begun) < _REMEMBERED:
                return
            self._begun.popitem(last=False)
