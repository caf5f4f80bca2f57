"""The bot under test: real client, real engine, a simulated Discord, and a toy model."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from bot import forms, limits, readers, views
from bot.build import build_client
from bot.client import Quoth
from bot.settings import DiscordSettings
from bot.worker import Lane
from retrieval import Article, Document, Encoder, Library, Models, Settings, StoreSettings
from retrieval.store.choice import open_store
from retrieval.web.client import Web
from tests.toy import ToyEncoder

HELSINKI = (
    "Russia has agreed to help with North Korea, the president said on Wednesday. "
    "Alexander Matsegora is Russia's ambassador to North Korea. "
    "He said that a summit is on the agenda. "
    "Officials did not respond at once. The sanctions remain for the time being."
)
WHATSAPP = (
    "Facebook will buy WhatsApp for 19 billion dollars. The messaging service has 450 million users. "
    "Regulators have yet to agree to the deal."
)
SECRET = "The secret ingredient of the soup is lovage. Nobody outside of the kitchen knows it."
AMBASSADOR = "who is Russia's ambassador to North Korea?"


class SlowLane(Lane):
    """Takes its time before it works; simulated time stands still while a thread works."""

    pause: float

    async def _in_slot(self, work: Callable[[], Any], started: asyncio.Event) -> Any:
        await asyncio.sleep(self.pause)
        return await super()._in_slot(work, started)


@dataclass
class Scene:
    """A server with a channel, a person in it, and the bot."""

    env: simcord.Env
    bot: Quoth
    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    alice: simcord.MemberActor
    world: "World"

    def add(self, text: str, *, guild: Any = None, **known: Any) -> Article:
        """Add an article to the library of a server, of this one by default."""
        return self.world.add((guild or self.guild).id, text, **known)

    async def ask(self, question: str = AMBASSADOR, **options: Any) -> simcord.InteractionResult:
        """Alice asks with ``/ask``."""
        return await self.alice.slash(self.channel, "ask", question=question, **options)

    async def mention(self, text: str) -> Any:
        """Alice mentions the bot; the last message in the channel afterwards."""
        await self.alice.send(self.channel, f"<@{self.env.backend.bot_user.id}> {text}")
        return self.channel.last_message

    def admin(self) -> simcord.MemberActor:
        """Somebody who manages the server."""
        role = self.guild.create_role("Editors", permissions=discord.Permissions(manage_guild=True))
        return self.guild.add_member(self.env.create_user("admin"), roles=[role])

    def elsewhere(
        self, *, manages: bool = False
    ) -> tuple[simcord.GuildHandle, simcord.ChannelHandle, simcord.MemberActor]:
        """Another server, with a channel and a cook in it, who may manage it or not."""
        guild = self.env.create_guild("Cooks")
        roles = [guild.create_role("Chefs", permissions=discord.Permissions(manage_guild=True))] if manages else []
        cook = guild.add_member(self.env.create_user("cook"), roles=roles)
        return guild, guild.create_text_channel("kitchen"), cook

    def speak(self, locale: str, *, server: str = "en-GB") -> None:
        """From now on everyone's Discord is in one language, and the server's is another."""
        self.world.spoken = (locale, server)

    def slow_down(self, seconds: float = 0.4) -> None:
        """From now on whatever the engine does takes that much of the bot's time."""
        worker = self.bot.worker
        for lane in (worker._questions, worker._visits, worker._long):
            lane.__class__ = SlowLane
            setattr(lane, "pause", seconds)  # noqa: B010 - a lane knows no pause, this class of it does

    @asynccontextmanager
    async def occupied(self) -> AsyncIterator[None]:
        """With work in one of the bot's slots, and all of its time slowed down."""
        self.slow_down()
        working = asyncio.create_task(self.bot.worker.within(readers.keeper(self.guild.id), lambda _: None))
        await asyncio.sleep(0)
        yield
        await working

    def stored(self) -> list[Any]:
        """Every message of the channel as the simulated Discord keeps it, oldest first."""
        return [message for _, message in sorted(self.env.backend.messages[self.channel.id].items())]


def _as_it_is(library: Library) -> Library:
    return library


@dataclass
class World:
    """Where libraries are kept, and how the bot is set."""

    home: Path
    settings: DiscordSettings
    encoder: Encoder
    opened: Callable[[Library], Library] = _as_it_is
    web: Web | None = None
    spoken: tuple[str, str] = ("en-GB", "en-GB")
    store: StoreSettings = StoreSettings()  # noqa: RUF009 - frozen; files

    def open(self, name: str) -> Library:
        """The library of a name, with the model of this world."""
        engine = Settings.from_tables({"answers": {"confidence": 0.2}})
        models = Models(lambda _settings: self.encoder)
        store = open_store(self.home, name, self.store)
        return self.opened(Library(store, settings=engine, models=models, web=self.web))

    def add(self, guild_id: int, text: str, **known: Any) -> Article:
        """Add an article to the library of a server."""
        facts = {"title": "Helsinki summit", "source": "Example News", "published": "2018-07-18"}
        facts |= {"url": "https://news.example/helsinki", "published_from": "user"}
        with self.open(f"guild-{guild_id}") as library:
            added = library.add(Document(text=text, **(facts | known)))[0]
        assert added.article is not None, added.error
        return added.article

    def client(self) -> Quoth:
        """A fresh client on this world's libraries, which hears of the languages of this world."""
        client = build_client(self.settings, home=self.home, opener=self.open, store=self.store)
        heard = client._connection.parsers["INTERACTION_CREATE"]

        def hear(payload: Any) -> None:
            locale, server = self.spoken
            heard({**payload, "locale": locale, "guild_locale": server})

        client._connection.parsers["INTERACTION_CREATE"] = hear
        return client

    @asynccontextmanager
    async def scene(self, **options: Any) -> AsyncIterator[Scene]:
        """A running bot in a server with a channel and a person."""
        bot = self.client()
        async with simcord.run(bot, **{"settle_timeout": 30.0, **options}) as env:
            guild = env.create_guild("Readers", preferred_locale="en-GB")
            channel = guild.create_text_channel("questions")
            alice = guild.add_member(env.create_user("alice"))
            yield Scene(env, bot, guild, channel, alice, self)
            await bot.worker.close()
            bot.memory.close()
            look_through(env)

    def but(self, **settings: Any) -> "World":
        """The same world with other settings."""
        return replace(self, settings=replace(self.settings, **settings))


def sent(env: simcord.Env) -> list[tuple[str, dict[str, Any]]]:
    """Every message that the bot sent or edited: the request, and the message in it."""
    found = []
    for kind, name, body in env.backend.transcript:
        if kind != "HTTP" or not isinstance(body, dict) or body.get("type") in {_SUGGESTIONS, _FORM}:
            continue
        message = body.get("data") or {} if name.endswith("/callback") else body
        if "components" in message or message.get("content"):
            found.append((name, message))
    return found


def look_through(env: simcord.Env) -> None:
    """Whatever a test was about, of all that the bot sent in it: nothing breaks a limit of Discord's, nobody is
    notified, and whatever can be pressed has a code that leads to one thing."""
    for name, message in sent(env):
        v2 = bool(message.get("flags", 0) & (1 << 15))
        limits.check_message(message.get("content"), message.get("components") or [], v2=v2)
        assert message.get("allowed_mentions", {}).get("parse") == [], name
        for code in re.findall(r"'custom_id': '([^']*)'", repr(message)):
            assert [code_of.fullmatch(code) is not None for code_of in _codes()].count(True) == 1, code
    for _, _, body in env.backend.transcript:
        kind = body.get("type") if isinstance(body, dict) and "data" in body else None
        if kind == _SUGGESTIONS:
            limits.check_choices(body["data"]["choices"])
        elif kind == _FORM:
            limits.check_form(body["data"])
            assert forms.CODE.fullmatch(body["data"]["custom_id"])


def _codes() -> list[re.Pattern[str]]:
    """What the codes of everything that can be pressed look like."""
    return [item.__discord_ui_compiled_template__ for item in views.dynamic_items()]


_SUGGESTIONS, _FORM = 8, 9  # kinds of answers to an interaction


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Empty libraries, and settings that leave out waiting."""
    return World(tmp_path, DiscordSettings(cooldown=0.0), ToyEncoder())


def shown(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    """The message that a command or a press was answered with."""
    assert result.response is not None, result
    return result.response


def texts(components: Sequence[Any]) -> str:
    """All text of a Components V2 message, in reading order."""
    found: list[str] = []
    for item in components:
        if item["type"] == 10:
            found.append(item["content"])
        found += [texts(item["components"])] if item.get("components") else []
    return "\n".join(part for part in found if part)


def labels(components: Sequence[Any]) -> list[str]:
    """The labels of all buttons, in reading order."""
    found: list[str] = []
    for item in components:
        found += [item["label"]] if item["type"] == 2 else labels(item.get("components") or [])
    return found
