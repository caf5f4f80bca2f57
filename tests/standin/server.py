"""The stand-in as a whole, served on a port of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from tests.standin import payloads
from tests.standin.faults import Faults
from tests.standin.gateway import Gateway
from tests.standin.ledger import Ledger
from tests.standin.people import Server
from tests.standin.replies import failure, json_reply
from tests.standin.rest import Application, Channels, Interactions


class Standin:
    """Discord's two faces, what goes wrong with them, and who lives there."""

    def __init__(self) -> None:
        self.port = 0
        self.ledger = Ledger()
        self.faults = Faults()
        self.servers: dict[int, Server] = {}
        self.gateway = Gateway(
            self.ledger, lambda: (s.payload for s in self.servers.values()), lambda: self.gateway_url
        )
        self.application = Application(lambda: self.gateway_url, lambda: self.gateway.starts)
        self.interactions = Interactions(self.ledger)
        self.channels = Channels(self.ledger)

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/gateway/"

    def add_server(self, *, shard: int = 0, count: int = 1) -> Server:
        """A server that the bot is in when it starts."""
        server = Server.of_shard(shard, count, gateway=self.gateway, ledger=self.ledger)
        self.servers[server.id] = server
        return server

    async def until(self, holds: Callable[[], object], *, seconds: float = 30.0) -> None:
        """Wait until something holds; raises TimeoutError where it does not in time."""
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110 - what is waited for is anything
                await asyncio.sleep(0.01)

    def routes(self) -> list[web.RouteDef]:
        parts = (self.application, self.interactions, self.channels)
        about_servers = [
            web.get("/api/guilds/{guild}", self._server),
            web.get("/api/guilds/{guild}/members/{member}", self._member),
            web.get("/api/channels/{channel}", self._channel),
        ]
        return [web.get("/gateway/", self.gateway.serve), *about_servers, *(r for p in parts for r in p.routes())]

    async def _server(self, request: web.Request) -> web.Response:
        server = self.servers.get(int(request.match_info["guild"]))
        return json_reply(server.payload) if server else failure(404, 10004, "Unknown Guild")

    async def _member(self, request: web.Request) -> web.Response:
        return json_reply(payloads.member(payloads.user(int(request.match_info["member"]), "alice")))

    async def _channel(self, request: web.Request) -> web.Response:
        number = int(request.match_info["channel"])
        home = next((s for s in self.servers.values() if s.channel == number), None)
        return json_reply(payloads.channel(number, home.id)) if home else failure(404, 10003, "Unknown Channel")


@asynccontextmanager
async def standing_in() -> AsyncIterator[Standin]:
    """The stand-in, for as long as it is needed."""
    standin = Standin()

    @web.middleware
    async def with_faults(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if request.path.startswith("/gateway"):
            return await handler(request)
        standin.ledger.requests[_route(request)] += 1
        effect = standin.faults.take(request)
        response = await (effect(request, handler) if effect else handler(request))
        if response.status >= 400:
            standin.ledger.refusals[f"{response.status} {_route(request)}"] += 1
        return response

    application = web.Application(middlewares=[with_faults])
    application.router.add_routes(standin.routes())
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    standin.port = runner.addresses[0][1]
    try:
        yield standin
    finally:
        await standin.gateway.close(1001)
        await runner.cleanup()


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    path = resource.canonical if resource else request.path
    return f"{request.method} {path.removeprefix('/api')}"
