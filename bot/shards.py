"""Which part of the servers a process answers: shards, as Discord numbers them."""

import re
from dataclasses import dataclass

_MOST = 16_000  # of one bot, far beyond what Discord gives the largest
_FORM = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?/([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards of a process, and how many there are in all; by default one process answers everyone."""

    ids: tuple[int, ...] = (0,)
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> "Shards":
        """Shards as they are typed: ``0-3/16`` or ``5/16``. Raises ValueError, which says what was expected."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not like 0-3/16: the first and the last shard, and how many there are")
        first, last, count = int(found[1]), int(found[2] or found[1]), int(found[3])
        if not first <= last < count <= _MOST:
            raise ValueError(f"{text!r} does not count: of 16 shards the first is 0 and the last 15")
        return cls(tuple(range(first, last + 1)), count)

    def __str__(self) -> str:
        span = str(self.ids[0]) if len(self.ids) == 1 else f"{self.ids[0]}-{self.ids[-1]}"
        return f"{span}/{self.count}"
