"""From one server of the try-out to another: its page shows a single one, and a link asks for the next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


class Switch:
    """Links that lead to each of so many places; whoever shows the places hears which one is asked for."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._wanted = asyncio.Event()
        self._number = 0
        self._shown = asyncio.Condition()
        self._addresses: dict[int, str] = {}
        self.port = 0

    def link(self, number: int) -> str:
        """The address that leads to a place."""
        return f"http://127.0.0.1:{self.port}/{number}"

    async def wanted(self) -> int:
        """The number of another place than the one that is shown, when somebody asks for it."""
        await self._wanted.wait()
        return self._number

    async def shows(self, number: int, address: str) -> None:
        """From now on this place is shown, and it alone, at that address."""
        self._wanted.clear()
        async with self._shown:
            self._addresses = {number: address}
            self._shown.notify_all()

    async def _lead(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        if number >= self._places:
            raise web.HTTPNotFound
        if number not in self._addresses:
            self._number = number
            self._wanted.set()
        async with self._shown:
            await self._shown.wait_for(lambda: number in self._addresses)
        raise web.HTTPFound(self._addresses[number])


@asynccontextmanager
async def serving(places: int) -> AsyncIterator[Switch]:
    """A switch whose links work, on this machine alone, at a port that is free."""
    switch = Switch(places)
    application = web.Application()
    application.router.add_get(r"/{number:\d{1,3}}", switch._lead)  # noqa: SLF001 - the same module
    runner = web.AppRunner(application, shutdown_timeout=0.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        switch.port = runner.addresses[0][1]
        yield switch
    finally:
        await runner.cleanup()
