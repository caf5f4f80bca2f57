"""The gateway: connections, sessions that can be resumed, and what goes wrong with them."""

import contextlib
import json
import secrets
from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from aiohttp import WSMsgType, web

from tests.standin.ids import shard_of
from tests.standin.ledger import Ledger
from tests.standin.payloads import Payload, bot_user

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
_KEPT = 5000  # events that a RESUME can bring back
_LEFT = (ConnectionError, RuntimeError)  # what writing raises once the other side is gone


class Session:
    """What a shard is told, from one IDENTIFY on; ``socket`` is None while it is away."""

    def __init__(self, shard: int, count: int) -> None:
        self.id = secrets.token_hex(16)
        self.shard, self.count = shard, count
        self.sequence = 0
        self.log: deque[Payload] = deque(maxlen=_KEPT)
        self.socket: web.WebSocketResponse | None = None
        self.is_silent = False

    def hears_of(self, guild_id: int) -> bool:
        return shard_of(guild_id, self.count) == self.shard

    async def tell(self, event: str, data: Any) -> bool:
        """Send an event, or keep it until the shard is back; whether it was sent."""
        self.sequence += 1
        self.log.append({"op": DISPATCH, "t": event, "s": self.sequence, "d": data})
        return await self.send(self.log[-1])

    async def send(self, payload: Payload) -> bool:
        """Whether there was a connection that took it; what has been lost in it, only the next RESUME says."""
        if self.socket is not None and not self.is_silent:
            with contextlib.suppress(*_LEFT):
                await self.socket.send_json(payload)
                return True
        return False


class Gateway:
    """Answers connections; the attributes are what goes wrong, and tests set them.

    ``starts`` are the sessions that may be begun today, ``spacing`` the seconds between two of them;
    ``interval`` is that of heartbeats, in seconds.
    """

    def __init__(self, ledger: Ledger, guilds: Callable[[], Iterable[Payload]], address: Callable[[], str]) -> None:
        self.sessions: dict[str, Session] = {}
        self.interval = 45.0
        self.starts = 1000
        self.spacing = 0.0
        self.close_code: int | None = None  # of each IDENTIFY
        self.refused_connections = 0  # closed before HELLO
        self.invalid_sessions = 0  # IDENTIFYs and RESUMEs that are answered with Invalid Session
        self.hello_comes = True
        self.before_servers: list[tuple[str, Payload]] = []  # events between READY and the servers
        self._ledger, self._guilds, self._address = ledger, guilds, address
        self._sockets: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, from HELLO to its end."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._ledger.connections += 1
        self._sockets.add(socket)
        try:
            await self._converse(socket)
        except _LEFT:
            pass  # the bot, or a test, ended the connection
        finally:
            self._sockets.discard(socket)
            for session in self.sessions.values():
                session.socket = None if session.socket is socket else session.socket
        return socket

    async def _converse(self, socket: web.WebSocketResponse) -> None:
        if self.refused_connections:
            self.refused_connections -= 1
            await socket.close(code=1011)
            return
        if self.hello_comes:
            await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": int(self.interval * 1000)}, "s": None})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._heard(socket, json.loads(message.data))

    async def _heard(self, socket: web.WebSocketResponse, payload: Payload) -> None:
        if payload["op"] == HEARTBEAT:
            self._ledger.heartbeats += 1
            silent = any(s.socket is socket and s.is_silent for s in self.sessions.values())
            if not silent:
                await socket.send_json({"op": ACK, "d": None, "s": None})
        elif payload["op"] == IDENTIFY:
            await self._identify(socket, payload["d"])
        elif payload["op"] == RESUME:
            await self._resume(socket, payload["d"])

    async def _identify(self, socket: web.WebSocketResponse, about: Payload) -> None:
        shard, count = about.get("shard", (0, 1))
        last = self._ledger.identifies[-1][0] if self._ledger.identifies else -1e9
        self._ledger.identifies.append((monotonic(), shard))
        self.starts -= 1
        if self.close_code:
            await socket.close(code=self.close_code)
        elif self.invalid_sessions or monotonic() - last < self.spacing:
            self.invalid_sessions = max(0, self.invalid_sessions - 1)
            await socket.send_json({"op": INVALID, "d": False, "s": None})
        else:
            session = Session(shard, count)
            session.socket = socket
            self.sessions[session.id] = session
            await self._ready(session)

    async def _ready(self, session: Session) -> None:
        guilds = [g for g in self._guilds() if session.hears_of(int(g["id"]))]
        about = {"v": 10, "user": bot_user(), "session_id": session.id, "resume_gateway_url": self._address()}
        about |= {"application": {"id": bot_user()["id"], "flags": 0}, "shard": [session.shard, session.count]}
        await session.tell("READY", about | {"guilds": [{"id": g["id"], "unavailable": True} for g in guilds]})
        for event, data in self.before_servers:
            await session.tell(event, data)
        for guild in guilds:
            await session.tell("GUILD_CREATE", guild)

    async def _resume(self, socket: web.WebSocketResponse, about: Payload) -> None:
        self._ledger.resumes += 1
        session = self.sessions.get(str(about["session_id"]))
        if session is None or self.invalid_sessions:
            self.invalid_sessions = max(0, self.invalid_sessions - 1)
            if session is not None:
                self._lose(session, after=about["seq"] or 0)
            await socket.send_json({"op": INVALID, "d": False, "s": None})
            return
        session.socket, session.is_silent = socket, False
        for missed in [p for p in session.log if p["s"] > (about["seq"] or 0)]:
            if await session.send(missed):
                self._told(missed["d"])
        await session.tell("RESUMED", {})

    def _told(self, data: Payload) -> None:
        asked = self._ledger.asked.get(str(data.get("id")))
        if asked is not None:
            asked.told = monotonic()

    def _lose(self, session: Session, *, after: int) -> None:
        """The session cannot be resumed: what it has not been told, nobody will be told."""
        del self.sessions[session.id]
        for payload in session.log:
            asked = self._ledger.asked.get(str(payload["d"].get("id")))
            if asked is not None and payload["s"] > after:
                asked.is_heard = False

    # What happens to all connections

    async def emit(self, guild_id: int, event: str, data: Any) -> bool:
        """Tell an event of a server to whoever hears of it; whether anyone does."""
        hearing = [session for session in self.sessions.values() if session.hears_of(guild_id)]
        for session in hearing:
            if await session.tell(event, data):
                self._told(data)
        return bool(hearing)

    async def repeat(self, count: int) -> None:
        """Send the last events that are people's once more, the newest first."""
        for session in self.sessions.values():
            peoples = [p for p in reversed(session.log) if p["t"] in {"MESSAGE_CREATE", "INTERACTION_CREATE"}]
            for payload in peoples[:count]:
                await session.send(payload)

    async def ask_to_reconnect(self) -> None:
        await self._say({"op": RECONNECT, "d": None, "s": None})

    async def invalidate(self, *, can_resume: bool) -> None:
        if not can_resume:
            self.sessions.clear()
        await self._say({"op": INVALID, "d": can_resume, "s": None})

    async def close(self, code: int) -> None:
        for socket in list(self._sockets):
            await socket.close(code=code)

    def cut(self) -> None:
        """End the connections as a broken network does: without a word."""
        for socket in list(self._sockets):
            transport: Any = socket._req.transport if socket._req else None
            if transport is not None:
                transport.abort()

    def fall_silent(self) -> None:
        """The connections stay open, and nothing comes any more, not even an ACK."""
        for session in self.sessions.values():
            session.is_silent = True

    async def _say(self, payload: Payload) -> None:
        for socket in list(self._sockets):
            with contextlib.suppress(*_LEFT):
                await socket.send_json(payload)
