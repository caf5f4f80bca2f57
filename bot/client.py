"""The client: what it asks of Discord, what it keeps, and where events and presses lead."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Concatenate, ParamSpec

import discord
from discord import app_commands
from discord.ext import tasks

from bot import commands, keys, readers, views, words
from bot.deliver import Looks, Manner, deliver, reply_sender, respond, unattended
from bot.languages import language
from bot.memory import Memory
from bot.preferences import Preferences
from bot.progress import Progress
from bot.render import Look, Reply
from bot.titles import Titles
from bot.worker import Worker
from retrieval import Library, QuothError

P = ParamSpec("P")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a client does: its commands, what hears messages, what answers presses, and what it does by itself."""

    commands: Sequence[app_commands.Command[Any, ..., Any] | app_commands.ContextMenu | app_commands.Group]
    hear: Callable[["Quoth", discord.Message], Awaitable[None]]
    show: Callable[..., Awaitable[None]]
    deeds: Mapping[str, Callable[[discord.Interaction[Any], str], Awaitable[None]]]
    rounds: Sequence[Callable[["Quoth"], Awaitable[None]]] = ()


class Tree(app_commands.CommandTree["Quoth"]):
    """The commands: in servers only, and their errors in words."""

    def __init__(self, client: "Quoth") -> None:
        super().__init__(
            client,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )

    async def on_error(self, interaction: discord.Interaction["Quoth"], error: app_commands.AppCommandError, /) -> None:
        card = words.card_for(error)
        if interaction.type is not discord.InteractionType.autocomplete:
            send = reply_sender(interaction, ephemeral=True, replace=False)
            await deliver(Reply(card), send, (await interaction.client.looks(interaction)).one)


class Quoth(discord.Client):
    """The bot. It keeps no messages and no members, and it can notify nobody."""

    def __init__(
        self,
        behaviour: Behaviour,
        *,
        worker: Worker,
        memory: Memory,
        manner: Manner,
        commands_sync: commands.Sync,
    ) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True, guild_messages=True, message_content=manner.hears_all),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        self.worker = worker
        self.memory = memory
        self.titles = Titles(worker)
        self.manner = manner
        self.tree = Tree(self)
        self._behaviour = behaviour
        self._commands_sync = commands_sync
        self.connected = asyncio.Event()
        self._answering: set[asyncio.Future[None]] = set()
        for command in behaviour.commands:
            self.tree.add_command(command)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(*views.dynamic_items())
        self._rounds.start()
        await self.tree.set_translator(commands.Translator())
        await self._commands_sync.run(self.tree)

    @tasks.loop(minutes=5)
    async def _rounds(self) -> None:
        await self.go_round()

    async def go_round(self) -> None:
        """Do all that the bot does by itself, every few minutes."""
        for work in (Quoth.forget_old, *self._behaviour.rounds):
            await unattended(work(self))

    async def forget_old(self) -> None:
        """Delete the questions whose days are over, and what is kept of servers that removed the bot."""
        await self.worker.aside(self.memory.forget_old)
        for guild_id in await self.worker.aside(self.memory.departed):
            if await self.worker.aside(self.worker.libraries.forget, guild_id):
                await self.worker.aside(self.memory.forget_server, guild_id)
                _log.info("Forgot server %s, which removed the bot", guild_id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        await self.worker.aside(self.memory.left, guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self.worker.aside(self.memory.joined, guild.id)

    async def close(self) -> None:
        self._rounds.cancel()
        await super().close()
        await self.worker.aside(self.memory.close)

    async def on_connect(self) -> None:
        self.connected.set()

    async def on_ready(self) -> None:
        name = self.user.name if self.user else "?"
        _log.info("Ready as %s in %d servers", name, len(self.guilds))
        # It may have been invited back while it was not running.
        await self.worker.aside(self.memory.joined, *(guild.id for guild in self.guilds))

    async def on_message(self, message: discord.Message) -> None:
        await self._behaviour.hear(self, message)

    async def pressed(self, interaction: discord.Interaction[Any], key: keys.Key, *, page: int, replace: bool) -> None:
        """Show a page of a card to the person who pressed a button."""
        await self._behaviour.show(interaction, key, page=page, private=True, replace=replace)

    async def recalled(self, guild_id: int, answer: str) -> tuple[str, tuple[str, ...]]:
        """The question of a remembered answer, and those before it; raises NotFound."""
        recalled = await self.worker.aside(self.memory.recalled, guild_id, answer)
        if recalled is None:
            raise words.forgotten()
        return recalled

    async def acted(self, interaction: discord.Interaction[Any], does: str, about: str) -> None:
        """Do what the button does that a person pressed."""
        await self._behaviour.deeds[does](interaction, about)

    async def respond(
        self,
        interaction: discord.Interaction[Any],
        work: Coroutine[Any, Any, Reply],
        *,
        private: bool = True,
        replace: bool = False,
    ) -> None:
        """Answer a command or a press with what the work gives; ``drain`` waits for it."""
        with self.busy():
            looks = await self.looks(interaction)
            await respond(interaction, work, looks=looks, private=private, replace=replace)

    async def preferences(self, guild_id: int | None) -> Preferences:
        """What a server's admins have set; nothing where it cannot be read."""
        if guild_id is None:
            return Preferences()
        try:
            return await self.worker.aside(self.memory.preferences, guild_id)
        except QuothError:
            _log.exception("The preferences of server %s cannot be read", guild_id)
            return Preferences()

    async def looks(self, interaction: discord.Interaction[Any]) -> Looks:
        """What only a person sees is in their language, what all see in the server's."""
        set_here = await self.preferences(interaction.guild_id)
        style = set_here.style or self.manner.style
        return Looks(
            Look(style, language(interaction.locale)),
            Look(style, language(set_here.language or interaction.guild_locale)),
            self.manner.defer_after,
        )

    def admit(self, guild_id: int, user_id: int) -> None:
        """Raises Busy for a person whose last question or summary was only just."""
        wait = self.manner.questions.take(guild_id, user_id)
        if wait:
            raise words.too_soon(wait)

    def admit_visit(self, guild_id: int, user_id: int) -> None:
        """Raises Busy where other sites were visited often enough for this person, or for this server."""
        if wait := self.manner.visits_of_person.take(guild_id, user_id):
            raise words.enough_visits_of_person(wait)
        if wait := self.manner.visits_of_server.take(guild_id):
            raise words.enough_visits_of_server(wait)

    async def change(
        self,
        interaction: discord.Interaction[Any],
        work: Callable[Concatenate[Library, P], Reply],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Reply:
        """What work gives that changes the library of a server, which may take minutes."""
        keeper = readers.keeper(words.server_of(interaction))
        try:
            return await self.worker.at_length(keeper, work, *args, **kwargs)
        finally:
            self.titles.forget(keeper.guild_id)

    async def add(
        self,
        interaction: discord.Interaction[Any],
        work: Callable[..., Reply],
        *args: object,
    ) -> Reply:
        """As ``change``, for work that adds articles and tells its ``progress``, which is shown meanwhile."""
        progress = Progress(self.worker.is_stopping)
        showing = asyncio.create_task(progress.show(interaction, (await self.looks(interaction)).one))
        try:
            return await self.change(interaction, partial(work, progress=progress), *args)
        finally:
            showing.cancel()
            await asyncio.wait({showing})

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Marks that someone is being answered, which ``drain`` waits for."""
        done = asyncio.get_running_loop().create_future()
        self._answering.add(done)
        try:
            yield
        finally:
            self._answering.discard(done)
            done.set_result(None)

    async def drain(self, seconds: float) -> None:
        """Refuse new questions, and wait at most that long for the answers under way."""
        self.worker.refuse()
        if self._answering:
            await asyncio.wait(set(self._answering), timeout=seconds)
