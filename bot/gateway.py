"""The connections to Discord's gateway: kept up, resumed, and begun anew no more often than Discord allows.

In the place of discord.py's own loops, which try again without a pause where a connection ends before it is
greeted, give up a session that could be resumed, and end with an AttributeError where the first connection fails. This
file alone knows the library's inside; it was read in release 2.7.1.
"""

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.lag import come
from bot.shards import Shards
from bot.starts import Starts

_log = logging.getLogger(__name__)

_CONNECT_SECONDS = 60.0
_GOODBYE_SECONDS = 1.0  # for the closing handshake: a dead connection must not hold up the end
_FIRST_LOGIN_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_STEADY_SECONDS = 2.0  # of a connection: shorter ones count as failures
_REMEMBERED = 10_000  # events, by their ids
# No other try is answered differently: token, shard, sharding, version, intents.
_FINAL = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
_PASSING_STATUS = frozenset({429, *range(500, 600)})
_PASSING = (OSError, aiohttp.ClientError, TimeoutError, discord.HTTPException, discord.GatewayNotFound)


class Gateway(discord.AutoShardedClient):
    """A client that keeps one connection for each shard of this process, and hears each question once."""

    def __init__(self, shards: Shards, **options: Any) -> None:
        super().__init__(shard_ids=list(shards.ids), shard_count=shards.count, **options)
        self._shards = shards
        self._sockets: dict[int, DiscordWebSocket] = {}
        self._keeping: list[asyncio.Task[None]] = []
        self._is_ending = False
        self._starts = Starts(self.fetch_session_start_limits)
        for event in ("MESSAGE_CREATE", "INTERACTION_CREATE"):
            self._connection.parsers[event] = _once(self._connection.parsers[event])

    async def login(self, token: str) -> None:
        """As the library's, tried again while Discord cannot be reached. Raises LoginFailure for a wrong token."""
        pause = _FIRST_LOGIN_PAUSE
        while True:
            try:
                await super().login(token)
            except discord.LoginFailure:
                raise
            except _PASSING as error:
                if isinstance(error, discord.HTTPException) and error.status not in _PASSING_STATUS:
                    raise
                _log.warning(
                    "Discord cannot be reached (%s); the next try is in %.0f s. Check the network and discord.api_url",
                    str(error) or type(error).__name__,
                    pause,
                )
            else:
                return
            await self.http.close()
            self.http.connector = discord.utils.MISSING  # a login makes a new one, and a session on it
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def connect(self, *, reconnect: bool = True) -> None:
        """Keep every shard connected until the client is closed.

        Raises discord.ConnectionClosed where Discord will not have it; anything else passes, and is tried again.
        """
        self._connection.shard_count, self._connection.shard_ids = self._shards.count, list(self._shards.ids)
        self._keeping = [asyncio.create_task(self._keep(shard)) for shard in self._shards.ids]
        try:
            await asyncio.gather(*self._keeping)
        except asyncio.CancelledError:
            if not self._is_ending:
                raise
        finally:
            await self._let_go()

    async def close(self) -> None:
        """Say goodbye on every connection, and end."""
        self._is_ending = True
        await self._let_go()
        await super().close()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Nothing: the turn has been waited for before the connection was opened."""

    @property
    def latencies(self) -> list[tuple[int, float]]:
        """Seconds between a heartbeat and its answer, of each shard that is connected."""
        return [(shard, socket.latency) for shard, socket in self._sockets.items() if socket.open]

    @property
    def latency(self) -> float:
        """Their mean; not a number where none is connected."""
        known = [latency for _, latency in self.latencies]
        return sum(known) / len(known) if known else float("nan")

    async def _keep(self, shard: int) -> None:
        failures = 0
        while True:
            opened = self._sockets.get(shard)
            began = monotonic()
            try:
                await self._converse(shard)
            except discord.ConnectionClosed as closed:
                if closed.code in _FINAL:
                    raise
                _log.info("Discord closed the connection of shard %d with code %s", shard, closed.code)
            except ReconnectWebSocket as asked:
                _log.info("Shard %d connects again, to %s", shard, asked.op)
            except _PASSING as error:
                _log.warning("Shard %d is not connected: %s", shard, str(error) or type(error).__name__)
            self.dispatch("disconnect")
            self.dispatch("shard_disconnect", shard)
            was_open = self._sockets.get(shard) is not opened
            failures = 0 if was_open and monotonic() - began > _STEADY_SECONDS else failures + 1
            await asyncio.sleep(_pause(failures))

    async def _converse(self, shard: int) -> None:
        """One connection, from its beginning to its end, which some exception tells."""
        known = self._sockets.get(shard)
        if known is not None and known.session_id:
            socket = await self._open(
                shard, resume=True, session=known.session_id, sequence=known.sequence, gateway=_where(known)
            )
        else:
            async with self._starts.turn(shard):
                socket = await self._open(shard)
        self._sockets[shard] = socket
        while True:
            await socket.poll_event()

    async def _open(self, shard: int, **about: Any) -> DiscordWebSocket:
        async with asyncio.timeout(_CONNECT_SECONDS):
            return await DiscordWebSocket.from_client(self, shard_id=shard, **about)

    async def _let_go(self) -> None:
        """End the tasks that keep connections, and the connections."""
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        await asyncio.gather(*(_bid_farewell(socket) for socket in self._sockets.values() if socket.open))


def _where(socket: DiscordWebSocket) -> yarl.URL | None:
    """Where a session is resumed: where Discord says; behind a proxy, which it knows nothing of, there again."""
    is_discord = (DiscordWebSocket.DEFAULT_GATEWAY.host or "").endswith(".discord.gg")
    return socket.gateway if is_discord else None


async def _bid_farewell(socket: DiscordWebSocket) -> None:
    with contextlib.suppress(*_PASSING):
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await socket.close(code=1000)


def _pause(failures: int) -> float:
    """Seconds before the next connection: next to none after a steady one, as people wait; then doubled each time."""
    most = min(0.1 * 2.0**failures, _LONGEST_PAUSE)
    return random.uniform(most / 2, most)  # noqa: S311 - no secret


def _once(parse: Callable[[Any], None]) -> Callable[[Any], None]:
    """The parser of an event, without what comes twice: Discord may repeat events when a session is resumed."""
    seen: set[int] = set()
    order: deque[int] = deque()

    def parse_once(data: Any) -> None:
        event = int(data["id"])
        if event in seen:
            return
        seen.add(event)
        order.append(event)
        if len(order) > _REMEMBERED:
            seen.remove(order.popleft())
        come.set(monotonic())  # for the tasks that the parser begins
        parse(data)

    return parse_once
