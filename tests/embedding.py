"""``quoth embed-server`` in a thread of the test, on a port of this machine."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from bot.embed_server import EmbedServer, Served


@dataclass
class Running:
    """A server at ``url`` until ``stop``; ``stopped`` is set when its port is free again."""

    url: str
    loop: asyncio.AbstractEventLoop
    ending: asyncio.Event
    stopped: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """End it at once, as a crash would, whatever it works on; more than once does no harm."""
        if not self.stopped.is_set():
            self.loop.call_soon_threadsafe(self.ending.set)
            self.stopped.wait(10)


@contextmanager
def serving(what: Served, *, port: int = 0, queue: int = 64, deadline: float = 60.0) -> Iterator[Running]:
    """Serve inside."""
    ready = threading.Event()
    found: list[Running] = []

    async def live() -> None:
        server = EmbedServer(what, queue=queue, deadline=deadline)
        runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=0.01)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        bound = runner.addresses[0][1]
        running = Running(f"http://127.0.0.1:{bound}/v1", asyncio.get_running_loop(), asyncio.Event())
        found.append(running)
        ready.set()
        await running.ending.wait()
        await runner.cleanup()
        server.close()
        running.stopped.set()

    thread = threading.Thread(target=lambda: asyncio.run(live()))
    thread.start()
    assert ready.wait(10)
    try:
        yield found[0]
    finally:
        found[0].stop()
        thread.join()
