"""Snowflakes: ids that say when they were given out, and in which shard a server is."""

import itertools
from time import time

_EPOCH_MS = 1_420_070_400_000
_numbers = itertools.count()


def snowflake() -> int:
    """A new id, made now."""
    return (int(time() * 1000) - _EPOCH_MS) << 22 | next(_numbers) & 0x3FFFFF


def of_shard(shard: int, count: int) -> int:
    """A new id for a server that this shard hears of."""
    milliseconds = int(time() * 1000) - _EPOCH_MS - next(_numbers) * count
    return (milliseconds - milliseconds % count + shard) << 22


def shard_of(guild_id: int, count: int) -> int:
    return (guild_id >> 22) % count
