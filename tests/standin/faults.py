"""What goes wrong with requests when a test asks for it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.standin.replies import failure, json_reply

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Effect = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


@dataclass
class Fault:
    """What happens to the next ``times`` requests whose "METHOD /path" a pattern finds; None: until it is removed."""

    pattern: str
    effect: Effect
    times: int | None = 1


class Faults:
    """The faults that wait for their requests, in the order in which they were asked for."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, pattern: str, effect: Effect, *, times: int | None = 1) -> Fault:
        fault = Fault(pattern, effect, times)
        self.waiting.append(fault)
        return fault

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, request: web.Request) -> Effect | None:
        """The effect that this request meets, if any."""
        name = f"{request.method} {request.path}"
        for fault in self.waiting:
            if re.search(fault.pattern, name):
                if fault.times is not None:
                    fault.times -= 1
                    if not fault.times:
                        self.waiting.remove(fault)
                return fault.effect
        return None


def refused(status: int, code: int, text: str = "refused") -> Effect:
    """An error of Discord's, by its HTTP status and its own code."""

    async def effect(_request: web.Request, _handler: Handler) -> web.StreamResponse:
        return failure(status, code, text)

    return effect


def limited(seconds: float, *, scope: str = "user", is_from_discord: bool = True) -> Effect:
    """429: wait that long. ``scope`` is user, shared or global; what is not from Discord lacks the ``Via`` header."""

    async def effect(_request: web.Request, _handler: Handler) -> web.StreamResponse:
        body = {"message": "You are being rate limited.", "retry_after": seconds, "global": scope == "global"}
        headers = {"X-RateLimit-Scope": scope, "Retry-After": str(seconds)}
        headers |= {"X-RateLimit-Global": "true"} if scope == "global" else {}
        return json_reply(body, 429, headers | ({"Via": "1.1 google"} if is_from_discord else {}))

    return effect


def broken(status: int = 503) -> Effect:
    """A server error, as a page that is no JSON."""

    async def effect(_request: web.Request, _handler: Handler) -> web.StreamResponse:
        return web.Response(status=status, text="upstream connect error")

    return effect


def slow(seconds: float) -> Effect:
    """Done at once, and said late."""

    async def effect(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        await asyncio.sleep(seconds)
        return response

    return effect


def late(seconds: float) -> Effect:
    """Underway for long, and then done."""

    async def effect(request: web.Request, handler: Handler) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await handler(request)

    return effect


def cut(*, is_done: bool) -> Effect:
    """The connection ends without an answer, before or after Discord did what was asked."""

    async def effect(request: web.Request, handler: Handler) -> web.StreamResponse:
        if is_done:
            await handler(request)
        transport: Any = request.transport
        transport.abort()
        raise asyncio.CancelledError

    return effect
