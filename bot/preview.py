"""``quoth try``: the real bot in a simulated Discord, in the browser, without a token or a network."""

import asyncio
import os
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import discord
import simcord

from bot.build import build_client
from bot.client import Quoth
from bot.readers import audience, keeper
from bot.run import stop_event
from bot.settings import DiscordSettings
from bot.switch import Switch, serving
from retrieval import InvalidInput, Library, NotFound, Settings, counted

BOT = "Quoth"
# The servers keep their numbers, so that their libraries are found again at the next try-out.
_FIRST_GUILD = 1_000_000_000_000_000_001
# What the observatory reads, where these articles are there; the newsroom reads all others.
_SKY = frozenset(
    "black-hole-first-image cassini-saturn-finale gravitational-waves-detected higgs-boson-discovery "
    "new-horizons-pluto philae-comet-landing".split()
)
# An article that only members may see, and a question that it answers.
_FOR_MEMBERS = "leicester-city-champions"
_MEMBERS_QUESTION = "who won the Premier League at odds of 5,000 to 1?"
_MEMBERS = "Members"
_ADMINS = "Admins"
# People, and the role of each: the first manages the server, the last has no role.
PEOPLE = {"Ada (admin)": _ADMINS, "Max (member)": _MEMBERS, "Sam (no role)": None}
_SUFFIXES = frozenset({".md", ".txt", ".html"})
_PROGRESS_EVERY = 10
# The simulation waits for the bot after everything a person does; longer than the longest answer.
_SETTLE_SECONDS = 90.0
_BARE_MENTION = re.compile(rf"@{BOT}\b", re.IGNORECASE)
_WELCOME = (
    "**Welcome!** This is the real bot; only the Discord around it is simulated. "
    "I have read {articles} and quote them word for word; where nothing fits, I say so. "
    "Try, in the box below:\n"
    "- `@Quoth {question}`\n"
    "- `/ask` and a question, in one article only if you choose one\n"
    "- `/summarise` and an article\n"
    "- `/articles` for the list\n\n"
    "Above, *Viewing as* makes you another person; only the admin may use `/library` and `/settings`."
)
_LIMITED = "One article is for the role *{role}* alone: ask `/ask {question}` as Max, and then as Sam."
_ELSEWHERE = "The same bot is in another server, which has other articles: [go to {name}](<{link}>)."

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Server:
    """A server of the try-out: what it is called, a question that its articles answer, and these articles."""

    guild_id: int
    name: str
    question: str
    sources: tuple[Path, ...]

    @property
    def library(self) -> str:
        """The name of its library."""
        return f"guild-{self.guild_id}"


@dataclass(frozen=True, slots=True)
class Place:
    """A server in the simulation, and the people in it."""

    channel: simcord.ChannelHandle
    people: tuple["Visitor", ...]
    members: simcord.RoleHandle


class Visitor(simcord.MemberActor):
    """A person at the page. Discord's box turns a typed @name into a mention; the simulated one does not."""

    async def send(self, channel: simcord.ChannelHandle, content: str = "", **rest: Any) -> discord.Message:
        mention = f"<@{self._env.backend.bot_user.id}>"
        return await super().send(channel, _BARE_MENTION.sub(mention, content), **rest)


async def try_out(home: Path, *, port: int, seeds: Path | None, say: Say) -> int:
    """Serve the try-out until a signal or the page ends it; the exit code.

    ``home`` keeps the articles for the next time. Raises InvalidInput where the port is taken and
    NotFound where there are no seeds.
    """
    stop = stop_event()
    if os.environ.get("DISCORD_TOKEN"):
        say("There is a Discord token here: 'quoth run' runs the bot with it. This is the offline try-out.")
    _require_free(port)
    servers = servers_of(_articles_in(seeds or _default_seeds()))
    # Synchronised always: the simulated Discord forgets the commands, the record of them does not.
    client = build_client(
        DiscordSettings(sync="always", cooldown=0.0),
        home=home,
        opener=lambda name: Library.open(home, name, settings=Settings()),
    )
    filling = asyncio.create_task(client.worker.aside(_fill, home, servers, say=say, ended=stop.is_set))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({filling, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await filling
    if not stop.is_set():
        # Errors of the bot are logged and told in words, as they are outside of the simulation.
        async with (
            simcord.run(client, settle_timeout=_SETTLE_SECONDS, check_errors=False) as env,
            serving(len(servers)) as switch,
        ):
            places = await _places(env, client, servers, switch)
            preview = partial(env.preview, layout="channel", port=port)
            await _serve(preview, places, switch, say=say, stopping=stopping)
    stopping.cancel()
    await client.worker.close()
    say("The try-out has ended.")
    return 0


def servers_of(sources: Sequence[Path]) -> tuple[Server, ...]:
    """Two servers with articles of their own; one where there is nothing for the other."""
    sky = tuple(path for path in sources if path.stem in _SKY)
    news = tuple(path for path in sources if path.stem not in _SKY)
    servers = (
        Server(_FIRST_GUILD, "newsroom", "who is Russia's ambassador to North Korea?", news),
        Server(_FIRST_GUILD + 1, "observatory", "how heavy is the black hole in Messier 87?", sky),
    )
    return tuple(server for server in servers if server.sources)


async def _places(env: simcord.Env, client: Quoth, servers: Sequence[Server], switch: Switch) -> tuple[Place, ...]:
    """Make the servers and the people, who are in each of them, and have the bot say hello."""
    users = {name: env.create_user(name) for name in PEOPLE}
    places = tuple(_place(env, server, users) for server in servers)
    await env.settle()
    if client.user is not None:
        await client.user.edit(username=BOT)
    for number, (server, place) in enumerate(zip(servers, places, strict=True)):
        count = await client.titles.count(keeper(server.guild_id))
        text = _WELCOME.format(articles=counted(count or 0, "article"), question=server.question)
        if await client.worker.at_length(keeper(server.guild_id), _limit, place.members.id):
            text += "\n" + _LIMITED.format(role=_MEMBERS, question=_MEMBERS_QUESTION)
        for other in range(len(servers)):
            if other != number:
                text += "\n" + _ELSEWHERE.format(name=f"the {servers[other].name}", link=switch.link(other))
        await client.get_partial_messageable(place.channel.id).send(text)
    await env.settle()
    return places


def _place(env: simcord.Env, server: Server, users: Mapping[str, simcord.UserHandle]) -> Place:
    guild = env.create_guild(server.name.title(), id=server.guild_id)
    manages = discord.Permissions(manage_guild=True)
    roles = {_ADMINS: guild.create_role(_ADMINS, permissions=manages), _MEMBERS: guild.create_role(_MEMBERS)}
    channel = guild.create_text_channel(server.name, topic="Ask Quoth about the articles of this server")
    people = tuple(Visitor(env, guild, users[name]) for name in PEOPLE)
    for person, role in zip(people, PEOPLE.values(), strict=True):
        guild.add_member(person.user, roles=[roles[role]] if role else [])
    return Place(channel, people, roles[_MEMBERS])


def _limit(library: Library, role: int) -> bool:
    """Let only a role see the article for members, which has another number at each try-out; whether it is here."""
    found = [article for article in library.articles() if Path(article.doc_id or "").stem == _FOR_MEMBERS]
    for article in found:
        library.limit(article.id, audience([role], [], is_adult=False))
    return bool(found)


async def _serve(
    preview: Callable[..., Any], places: Sequence[Place], switch: Switch, *, say: Say, stopping: "asyncio.Task[bool]"
) -> None:
    """Serve the page of one server after another, as they are asked for, until the end of one of them."""
    number: int | None = 0
    while number is not None:
        place = places[number]
        async with preview(place.channel, viewers=place.people) as page:
            say(f"Open {page.url} in a browser; Ctrl-C ends.")
            await switch.shows(number, page.url)
            closing, wanted = asyncio.create_task(page.wait_closed()), asyncio.create_task(switch.wanted())
            await asyncio.wait({closing, stopping, wanted}, return_when=asyncio.FIRST_COMPLETED)
            number = wanted.result() if wanted.done() and not stopping.done() else None
            closing.cancel()
            wanted.cancel()


def _fill(home: Path, servers: Sequence[Server], *, say: Say, ended: Callable[[], bool]) -> None:
    """Load the model and add the articles to the libraries of the simulated servers, unless that is ended."""
    total, number = sum(len(server.sources) for server in servers), 0
    for server in servers:
        with Library.open(home, server.library) as library:
            if not number:
                say("Loading the model …")
                library.warm_up()
            for added in library.add_each(server.sources):
                if ended():
                    return
                if added.error:
                    say(added.error)
                number += 1
                if number % _PROGRESS_EVERY == 0 and number < total:
                    say(f"{number} of {total} articles are read …")


def _articles_in(folder: Path) -> tuple[Path, ...]:
    """The articles of a folder; what it says about itself (README) is not one of them."""
    found = [path for path in folder.glob("*") if path.suffix in _SUFFIXES and path.stem.upper() != "README"]
    if not found:
        raise NotFound(f"there are no articles in {folder}", hint="Name a folder with --seeds")
    return tuple(sorted(found))


def _default_seeds() -> Path:
    return Path(__file__).parent.parent / "seeds"


def _require_free(port: int) -> None:
    """Raises InvalidInput where the port cannot be served, before anything slow is begun."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still closing is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise InvalidInput(
                f"port {port} cannot be used here", hint="Another program may hold it; name one with --port"
            ) from error
