"""Twenty servers on one bot: what one of them knows, no other ever sees.

Each server's articles, and the questions asked there, hold a word of their own that nobody types elsewhere.
Whatever goes to Discord for another server (answers, suggestions, what a button shows, refusals) must not hold it.
"""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, get_args

import discord
import pytest
import simcord

from bot import desk, keys
from bot.client import Quoth
from bot.deliver import settled
from bot.readers import keeper
from bot.render import Look, Reply, message
from bot.settings import DiscordSettings, Style
from retrieval import Document, Library
from tests.bot.conftest import World
from tests.toy import ToyEncoder

_SERVERS = range(20)
_ARTICLES = 50
_QUESTIONS = 5_000
_AT_ONCE = 16
_GUILD = 1_000_000_000_000_000_000  # and the server's number: a server's id
_SUBJECTS = "summit harbour election bridge orchestra glacier vaccine referendum satellite strike".split()
_LIST = "q1:1:l:"  # the code of a list of all articles
_CANARY = re.compile(r"canary(\d\d)")


def _document(server: int, number: int) -> Document:
    """An article like those of the other servers, but for one word. It is short: this is about many questions."""
    chance = random.Random(server * 1_000 + number)
    canary, subjects = f"canary{server:02}", " and the ".join(chance.sample(_SUBJECTS, 2))
    return Document(
        text=f"The {subjects} of topic{server:02} were {canary} news, number {number}.",
        title=f"{canary} {number}: the {chance.choice(_SUBJECTS)}",
        source=f"{canary} News",
        url=f"https://{canary}.example/{number}" if number % 2 else None,
    )


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Twenty servers, each with articles of its own, and fewer libraries that may be open at once."""
    world = World(tmp_path_factory.mktemp("town"), DiscordSettings(cooldown=0.0, sync="always"), ToyEncoder())
    for server in _SERVERS:
        with world.open(f"guild-{_GUILD + server}") as library:
            results = library.add(*(_document(server, number) for number in range(_ARTICLES)))
            assert {added.status for added in results} == {"added"}
    return world


@dataclass
class Seen:
    """How often a server saw its own word; anybody else's ends the test."""

    own: int = 0

    def look(self, server: int, payload: object) -> None:
        """Look through what was made for a server."""
        found = _CANARY.findall(repr(payload))
        assert set(found) <= {f"{server:02}"}, (server, payload)
        self.own += len(found)


def _payload(reply: Reply, style: Style) -> object:
    made = message(reply, Look(style))
    return made.content, made.view.to_components()


def _codes(payload: object) -> list[str]:
    """The codes of all buttons in a payload."""
    return re.findall(r"'custom_id': '([^']*)'", repr(payload))


async def _within(client: Quoth, server: int, style: Style, work: Callable[..., Reply], *args: Any) -> object:
    """What somebody in a server sees of work in its library, be it only that it cannot be done."""
    return _payload(await settled(client.worker.within(keeper(_GUILD + server), work, *args)), style)


def _question(chance: random.Random) -> str:
    """About anything, and often about what only some server has."""
    about = chance.sample(_SUBJECTS, chance.randint(1, 2))
    return " ".join(("what of the", *about, f"of topic{chance.choice(_SERVERS):02}?"))


async def test_five_thousand_questions_are_answered_from_the_askers_server_alone(town: World) -> None:
    """Several servers at the same time; then some of the answers' buttons are pressed in another of them."""
    chance, seen, client = random.Random(5), Seen(), town.client()
    for asked in range(0, _QUESTIONS, _AT_ONCE):
        servers = [chance.choice(_SERVERS) for _ in range(_AT_ONCE)]
        style: Style = chance.choice(get_args(Style))
        answers = await asyncio.gather(
            *(_within(client, server, style, _asked, _question(chance)) for server in servers)
        )
        strangers = [(server + 1 + asked % (len(_SERVERS) - 1)) % len(_SERVERS) for server in servers]
        codes = [chance.choice([c for c in _codes(answer) if keys.CODE.fullmatch(c)] or [_LIST]) for answer in answers]
        pressed = await asyncio.gather(
            *(_press(client, *press, style) for press in list(zip(strangers, codes, strict=True))[:: _AT_ONCE // 4])
        )
        for server, payload in (*zip(servers, answers, strict=True), *pressed):
            seen.look(server, payload)
    await client.worker.close()
    assert seen.own > _QUESTIONS


def _asked(library: Library, question: str) -> Reply:
    return desk.asked(library, question, answer_id="0" * 12)


async def _press(client: Quoth, server: int, code: str, style: Style) -> tuple[int, object]:
    key, page = keys.decode(code)
    return server, await _within(client, server, style, desk.made_again, key, page)


@dataclass
class Place:
    """A server in Discord: a channel, someone who manages it, and the codes of buttons that were shown there."""

    server: int
    channel: simcord.ChannelHandle
    chief: simcord.MemberActor
    codes: list[str]


@dataclass
class Town:
    """All of them, and what has gone to Discord."""

    env: simcord.Env
    bot: Quoth
    places: list[Place]
    seen: Seen
    read: int = 0

    def look(self, place: Place, *more: object) -> None:
        """Look through what the bot has sent since the last look, all of it for this place."""
        sent = [entry for entry in self.env.backend.transcript[self.read :] if entry[0] == "HTTP"]
        self.read = len(self.env.backend.transcript)
        self.seen.look(place.server, (sent, more))
        place.codes += _codes(sent)

    async def press(self, person: Any, channel: simcord.ChannelHandle, code: str) -> None:
        """A person, a member or not, presses a button with that code, which the bot seems to have shown there."""
        row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "Press", "custom_id": code}]}
        self.env.backend.create_message(channel.id, self.env.backend.bot_user.id, "Look", components=[row])
        await person.click(channel.last_message, custom_id=code)


@asynccontextmanager
async def _in_discord(town: World) -> AsyncIterator[Town]:
    bot = town.client()
    async with simcord.run(bot, settle_timeout=30.0) as env:
        places = []
        for server in _SERVERS:
            guild = env.create_guild(f"Server {server}", id=_GUILD + server)
            chief = env.create_user(f"chief{server}")
            places.append(Place(server, guild.create_text_channel("questions"), _chief(guild, chief), []))
        yield Town(env, bot, places, Seen())
        await bot.worker.close()


def _chief(guild: simcord.GuildHandle, user: simcord.UserHandle) -> simcord.MemberActor:
    role = guild.create_role("Chiefs", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(user, roles=[role])


def _ids(town: World) -> dict[int, list[str]]:
    """Each server's article ids."""
    ids = {}
    for server in _SERVERS:
        with town.open(f"guild-{_GUILD + server}") as library:
            ids[server] = [article.id for article in library.articles()]
    return ids


async def _ask(town: Town, place: Place, chance: random.Random) -> None:
    """Questions with the server's own word in them, which are remembered there."""
    question = f"{_question(chance)} canary{place.server:02}"
    await place.chief.slash(place.channel, "ask", question=question, private=True)
    await place.chief.send(place.channel, f"<@{town.env.backend.bot_user.id}> {question}")
    town.look(place)


async def _use(town: Town, place: Place, foreign: str, chance: random.Random) -> None:
    """Every command of the bot; ``foreign`` is the id of an article that another server has."""
    chief, channel = place.chief, place.channel
    await chief.slash(channel, "ask", question=_question(chance), article=foreign)
    for command in ("summarise", "article", "library remove"):
        await chief.slash(channel, command, article=foreign)
        town.look(place, await chief.autocomplete(channel, command, "article", chance.choice(["", "canary", foreign])))
    await chief.slash(channel, "summarise", article=f"canary{place.server:02} 10:")
    await chief.slash(channel, "ask", question="where did the opera singer of the summit go?")
    await chief.slash(channel, "topic", words=_question(chance))
    await chief.slash(channel, "articles", search="the")
    await chief.slash(channel, "library status")
    town.look(place)


async def test_commands_suggestions_and_buttons_show_a_server_nothing_of_another(town: World) -> None:
    """Ids of other servers' articles, and codes of the buttons under their answers, lead nowhere."""
    chance, ids = random.Random(11), _ids(town)
    async with _in_discord(town) as there:
        for place in there.places:
            await _ask(there, place, chance)
        for place in chance.sample(there.places, 4):
            await _use(there, place, chance.choice(ids[(place.server + 1) % len(_SERVERS)]), chance)
        kinds = {code.split(":")[2 if code[3].isdigit() else 1] for place in there.places for code in place.codes}
        assert {"c", "v", "m", "n", "s", "l", "yes", "no", "tell", "share", "choose"} <= kinds
        for place, codes in _carried(there, chance):
            for code in codes:
                await there.press(place.chief, place.channel, code)
                there.look(place)
        assert there.seen.own > 10 * len(_SERVERS)
    assert _ids(town) == ids


def _carried(town: Town, chance: random.Random) -> Iterator[tuple[Place, list[str]]]:
    """For each server some of the codes of the next one's buttons, and one that would remove an article."""
    for place, neighbour in zip(town.places, [*town.places[1:], town.places[0]], strict=True):
        # What chooses an article is no button.
        codes = sorted(set(neighbour.codes) - {"q1:choose"})
        span = next(code for code in codes if ":c:" in code).split(":")[-1]
        yield place, [*chance.sample(codes, 2), f"q1:remove:{span.split('.')[0]}"]


async def test_a_direct_message_is_answered_with_nothing_of_any_server(town: World) -> None:
    """Neither what is written there nor a button that somebody brings along."""
    async with _in_discord(town) as there:
        place, person = there.places[0], there.places[0].chief.user
        await _ask(there, place, random.Random(3))
        start = len(there.env.backend.transcript)
        await person.send_dm(f"<@{there.env.backend.bot_user.id}> what of the summit of topic00?")
        codes = {code[:6]: code for code in place.codes}.values()
        for code in codes:
            await there.press(person, person.dm_channel, code)
        sent = repr(there.env.backend.transcript[start:])
        assert sent.count("Quoth answers in servers only") >= len(codes) - 1  # one of them asks why first
        assert not _CANARY.search(sent.replace("\n", ""))
