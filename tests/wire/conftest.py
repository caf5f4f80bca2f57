"""The bot on a real wire: real client, real engine with a toy model, and a Discord of sockets on this machine."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.build import build_client, point_at
from bot.client import Quoth
from bot.heart import Heart
from bot.leadership import Leadership
from bot.run import Life, live
from bot.settings import DiscordSettings
from bot.shards import Shards
from retrieval import Document, Library, Models, Settings, StoreSettings
from retrieval.store.choice import open_store
from tests.standin import Server, Standin, standing_in
from tests.toy import ToyEncoder

TOKEN = "not.a.token"
TEXT = "Alexander Matsegora is Russia's ambassador to North Korea. He said that a summit is on the agenda."
QUESTION = "who is Russia's ambassador to North Korea?"


@dataclass
class Wire:
    """A bot that can be started against the stand-in, in one server whose library answers ``QUESTION``."""

    discord: Standin
    home: Path
    settings: DiscordSettings
    server: Server
    part: tuple[Shards, Leadership] | None = None
    store: StoreSettings = StoreSettings()  # noqa: RUF009 - frozen; files

    def open(self, name: str) -> Library:
        """The library of a name, with the toy model."""
        engine = Settings.from_tables({"answers": {"confidence": 0.2}})
        models = Models(lambda _settings: ToyEncoder())
        return Library(open_store(self.home, name, self.store), settings=engine, models=models)

    def add(self, server: Server, text: str = TEXT, **known: Any) -> None:
        facts = {"title": "Helsinki summit", "source": "Example News", "url": "https://news.example/helsinki"}
        with self.open(f"guild-{server.id}") as library:
            added = library.add(Document(text=text, **(facts | known)))[0]
        assert added.article is not None, added.error

    def but(self, **settings: Any) -> "Wire":
        return replace(self, settings=replace(self.settings, **settings))

    def but_with(self, *, part: tuple[Shards, Leadership]) -> "Wire":
        """The same, with a bot that is one process of several."""
        return replace(self, part=part)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Running"]:
        """A bot that knows its server, in this process; it ends as by a signal."""
        async with self.starting() as running:
            await self.discord.until(lambda: running.knows(self.server) or running.life.done())
            yield running

    @asynccontextmanager
    async def starting(self) -> AsyncIterator["Running"]:
        """A bot that was only just started."""
        client: Quoth | None = None

        def build() -> Quoth:
            nonlocal client
            client = build_client(self.settings, home=self.home, opener=self.open, part=self.part, store=self.store)
            return client

        def warm_up() -> None:
            """A toy needs none."""

        said: list[str] = []
        life = Life(build=build, warm_up=warm_up, heart=Heart(self.home / "heartbeat"), say=said.append)
        stop = asyncio.Event()
        task = asyncio.create_task(live(life, stop, wait_for_token=False))
        try:
            await self.discord.until(lambda: client)
            assert client is not None
            yield Running(client, task, stop, said)
        finally:
            stop.set()
            async with asyncio.timeout(15):
                await asyncio.wait({task})


@dataclass
class Running:
    """A bot in this process."""

    client: Quoth
    life: "asyncio.Task[int]"
    stop: asyncio.Event
    said: list[str]

    def knows(self, server: Server) -> bool:
        guild = self.client.get_guild(server.id)
        return guild is not None and not guild.unavailable


@pytest.fixture
async def standin() -> AsyncIterator[Standin]:
    async with standing_in() as discord_on_this_machine:
        yield discord_on_this_machine


@pytest.fixture
def wire(tmp_path: Path, standin: Standin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """A bot that is pointed at the stand-in by the two addresses in its settings, and a server with an article."""
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    monkeypatch.setattr(Route, "BASE", Route.BASE)  # put back at the end
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL("wss://gateway.invalid/"))
    settings = DiscordSettings(api_url=standin.api_url, gateway_url=standin.gateway_url, cooldown=0.0, queue=1000)
    point_at(settings)
    made = Wire(standin, tmp_path, settings, standin.add_server())
    made.add(made.server)
    yield made
    assert standin.ledger.problems == []
    assert standin.ledger.answered_twice() == []
