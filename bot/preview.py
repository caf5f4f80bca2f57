"""``quoth try``: the real bot in a simulated Discord, in the browser, without a token or a network."""

import asyncio
import os
import re
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import discord
import simcord

from bot.build import build_client
from bot.client import Quoth
from bot.readers import keeper
from bot.run import stop_event
from bot.settings import DiscordSettings
from retrieval import InvalidInput, Library, NotFound, Settings, counted

BOT = "Quoth"
SERVER = "Quoth try-out"
CHANNEL = "questions"
PERSON = "you"
# The server keeps its number, so that its library is found again at the next try-out.
GUILD_ID = 1_000_000_000_000_000_000
_LIBRARY = f"guild-{GUILD_ID}"
_SUFFIXES = frozenset({".md", ".txt", ".html"})
_PROGRESS_EVERY = 10
# The simulation waits for the bot after everything a person does; longer than the longest answer.
_SETTLE_SECONDS = 90.0
_BARE_MENTION = re.compile(rf"@{BOT}\b", re.IGNORECASE)
_WELCOME = (
    "**Welcome!** This is the real bot; only the Discord around it is simulated. "
    "I have read {articles} and quote them word for word; where nothing fits, I say so. "
    "Try, in the box below:\n"
    "- `@Quoth who is Russia's ambassador to North Korea?`\n"
    "- `/ask` and a question, in one article only if you choose one\n"
    "- `/summarise` and an article\n"
    "- `/articles` for the list"
)

Say = Callable[[str], None]


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
    sources = _articles_in(seeds or _default_seeds())
    # Synchronised always: the simulated Discord forgets the commands, the record of them does not.
    client = build_client(
        DiscordSettings(sync="always", cooldown=0.0),
        home=home,
        opener=lambda name: Library.open(home, name, settings=Settings()),
    )
    filling = asyncio.create_task(client.worker.aside(_fill, home, sources, say=say, ended=stop.is_set))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({filling, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await filling
    if not stop.is_set():
        # Errors of the bot are logged and told in words, as they are outside of the simulation.
        async with simcord.run(client, settle_timeout=_SETTLE_SECONDS, check_errors=False) as env:
            await _serve(env, client, port=port, say=say, stopping=stopping)
    stopping.cancel()
    await client.worker.close()
    say("The try-out has ended.")
    return 0


async def _serve(env: simcord.Env, client: Quoth, *, port: int, say: Say, stopping: "asyncio.Task[bool]") -> None:
    """Set the scene, serve the page, and wait for its end."""
    guild = env.create_guild(SERVER, id=GUILD_ID)
    channel = guild.create_text_channel(CHANNEL, topic="Ask Quoth about the articles")
    visitor = Visitor(env, guild, env.create_user(PERSON))
    guild.add_member(visitor.user)
    await env.settle()
    if client.user is not None:
        await client.user.edit(username=BOT)
    count = await client.titles.count(keeper(GUILD_ID))
    await _welcome(client, channel.id, counted(count or 0, "article"))
    await env.settle()
    async with env.preview(channel, viewers=[visitor], layout="channel", port=port) as page:
        say(f"Open {page.url} in a browser; Ctrl-C ends.")
        closing = asyncio.create_task(page.wait_closed())
        await asyncio.wait({closing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        closing.cancel()


async def _welcome(client: Quoth, channel_id: int, articles: str) -> None:
    channel = client.get_partial_messageable(channel_id)
    await channel.send(_WELCOME.format(articles=articles))


def _fill(home: Path, sources: Sequence[Path], *, say: Say, ended: Callable[[], bool]) -> None:
    """Load the model and add the articles to the library of the simulated server, unless that is ended."""
    with Library.open(home, _LIBRARY) as library:
        say("Loading the model …")
        library.warm_up()
        for number, added in enumerate(library.add_each(sources), 1):
            if ended():
                return
            if added.error:
                say(added.error)
            if number % _PROGRESS_EVERY == 0 and number < len(sources):
                say(f"{number} of {len(sources)} articles are read …")


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
