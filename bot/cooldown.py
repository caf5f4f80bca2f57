"""How often somebody may ask for something."""

from collections import OrderedDict
from collections.abc import Callable
from math import inf

from discord import app_commands

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
    """So many times in so many seconds for each person or server by itself; ``clock`` gives seconds."""

    def __init__(self, times: int, *, seconds: float, clock: Callable[[], float]) -> None:
        self._times = times
        self._seconds = seconds
        self._clock = clock
        self._known: OrderedDict[tuple[int, ...], app_commands.Cooldown] = OrderedDict()

    def take(self, *who: int) -> float:
        """Seconds still to wait; 0 where they may now, and that counts."""
        window = self._known.setdefault(who, app_commands.Cooldown(self._times, self._seconds))
        self._known.move_to_end(who)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return window.update_rate_limit(self._clock()) or 0.0
