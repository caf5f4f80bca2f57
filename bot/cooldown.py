"""How often one person may ask."""

from collections import OrderedDict
from collections.abc import Callable

_REMEMBERED = 10_000


class Cooldown:
    """A pause between two questions of one person in one server; ``clock`` gives seconds."""

    def __init__(self, seconds: float, *, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._last: OrderedDict[tuple[int, int], float] = OrderedDict()

    def take(self, guild_id: int, user_id: int) -> float:
        """Seconds still to wait; 0 where the person may ask now, and that counts as asking."""
        now = self._clock()
        who = (guild_id, user_id)
        left = self._last[who] + self._seconds - now if who in self._last else 0.0
        if left > 0:
            return left
        self._last[who] = now
        self._last.move_to_end(who)
        if len(self._last) > _REMEMBERED:
            self._last.popitem(last=False)
        return 0.0
