"""The client: what it asks of Discord, what it keeps, and where events and presses lead."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, Concatenate, ParamSpec

import discord
from discord import app_commands
from discord.ext import tasks

from bot import commands, forms, keys, readers, views, words
from bot.deliver import Looks, Manner, deliver, failure, respond, unattended
from bot.forms import Filled, filled_in
from bot.gateway import Gateway
from bot.lag import Lag
from bot.languages import language, language_of_server
from bot.leadership import Leadership
from bot.memory import Memory
from bot.preferences import Preferences
from bot.progress import Progress
from bot.render import Look, Reply
from bot.sending import reply_sender
from bot.shards import Shards
from bot.titles import Titles
from bot.worker import Worker
from retrieval import Library, QuothError

P = ParamSpec("P")
# Before the first response to an interaction, for which there are three seconds in all.
_PREFERENCES_WITHIN = 0.5
_log = logging.getLogger(__name__)

_ELECTION_SECONDS = 5.0  # how often a process that does not lead asks whether it may
_LONGEST_PAUSE = 600.0  # between two tries to send the commands: Discord may not take them for good


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a client does: its commands, what hears messages, what answers presses, and what it does by itself.

    ``rounds`` are made by the process that leads, ``errands`` by each for its own servers.
    """

    commands: Sequence[app_commands.Command[Any, ..., Any] | app_commands.ContextMenu | app_commands.Group]
    hear: Callable[["Quoth", discord.Message], Awaitable[None]]
    show: Callable[..., Awaitable[None]]
    deeds: Mapping[str, Callable[[discord.Interaction[Any], str], Awaitable[None]]]
    forms: Mapping[str, Callable[[discord.Interaction[Any], str, Filled], Awaitable[None]]]
    rounds: Sequence[Callable[["Quoth"], Awaitable[None]]] = ()
    errands: Sequence[Callable[["Quoth"], Awaitable[None]]] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What one process of a bot takes on: the servers of its shards, and what is done once for all while it leads."""

    shards: Shards
    leadership: Leadership
    sync: commands.Sync


class Tree(app_commands.CommandTree["Quoth"]):
    """The commands: in servers only, and their errors in words."""

    def __init__(self, client: "Quoth") -> None:
        super().__init__(
            client,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )

    async def on_error(self, interaction: discord.Interaction["Quoth"], error: app_commands.AppCommandError, /) -> None:
        await interaction.client.apologise(interaction, error)


class Quoth(Gateway):
    """The bot. It keeps no messages and no members, and it can notify nobody."""

    def __init__(
        self,
        behaviour: Behaviour,
        *,
        worker: Worker,
        memory: Memory,
        manner: Manner,
        share: Share,
    ) -> None:
        super().__init__(
            share.shards,
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
        self._share = share
        self._leads = False
        self._is_synced = False
        self._sync_tries, self._sync_at = 0, 0.0
        self.lag = Lag()
        self.connected = asyncio.Event()
        self._preferences: dict[int, Preferences] = {}  # as they were last read
        self._answering: set[asyncio.Future[None]] = set()
        for command in behaviour.commands:
            self.tree.add_command(command)

    async def setup_hook(self) -> None:
        self.add_dynamic_items(*views.dynamic_items())
        await self.tree.set_translator(commands.Translator())
        await self.lead()
        self._rounds.start()

    async def connect(self, *, reconnect: bool = True) -> None:
        """As ``Gateway.connect``; meanwhile lead where nobody does, and watch how late the event loop is."""
        beside = [asyncio.create_task(self._stand_for_election()), asyncio.create_task(self.lag.watch())]
        try:
            await super().connect(reconnect=reconnect)
        finally:
            for task in beside:
                task.cancel()

    async def _stand_for_election(self) -> None:
        while True:
            await asyncio.sleep(_ELECTION_SECONDS)
            await unattended(self.lead())

    async def lead(self) -> None:
        """Take the lead where it is free; who takes it sends the commands and goes round at once."""
        led = self._leads
        self._leads = await self.worker.aside(self._share.leadership.take)
        if self._leads and not self._is_synced and monotonic() >= self._sync_at:
            self._sync_tries += 1
            self._sync_at = monotonic() + min(_ELECTION_SECONDS * 2.0**self._sync_tries, _LONGEST_PAUSE)
            await unattended(self._send_commands())
        if self._leads and not led and self._rounds.is_running():
            _log.info("This process leads from now on")
            self._rounds.restart()

    async def _send_commands(self) -> None:
        await self._share.sync.run(self.tree)
        self._is_synced = True

    @tasks.loop(minutes=5)
    async def _rounds(self) -> None:
        if self._leads:
            await self.go_round()
        for work in self._behaviour.errands:
            await unattended(work(self))

    async def go_round(self) -> None:
        """Do all that is done once for the bot, every few minutes."""
        for work in (Quoth.forget_old, *self._behaviour.rounds):
            await unattended(work(self))

    async def served(self) -> list[int]:
        """The servers with a library that the bot is in, as far as this process can know, whatever their shards."""
        known = await self.worker.aside(self.worker.libraries.servers)
        return [i for i in known if self.get_guild(i) or not self.is_here(i)]

    async def server(self, guild_id: int) -> discord.Guild | None:
        """A server; one of another process's shards is asked for, and comes without channels. None where it is gone."""
        if (here := self.get_guild(guild_id)) or self.is_here(guild_id):
            return here
        try:
            return await self.fetch_guild(guild_id, with_counts=False)
        except (discord.NotFound, discord.Forbidden):
            return None

    async def place(self, guild: discord.Guild, channel_id: int) -> discord.abc.Messageable | None:
        """A channel or thread of a server, as ``server`` gave it; None where it is gone or hidden."""
        found: object = guild.get_channel_or_thread(channel_id)
        if found is None and channel_id and not self.is_here(guild.id):
            try:
                found = await self.fetch_channel(channel_id)
            except (discord.NotFound, discord.Forbidden):
                return None
        return found if isinstance(found, discord.abc.Messageable) else None

    def is_here(self, guild_id: int) -> bool:
        """Whether this process would hear of a server."""
        shards = self._share.shards
        return (guild_id >> 22) % shards.count in shards.ids

    async def forget_old(self) -> None:
        """Delete the questions whose days are over, and what is kept of servers that removed the bot."""
        await self.worker.aside(self.memory.forget_old)
        for guild_id in await self.worker.aside(self.memory.departed):
            await unattended(self._forget_server(guild_id))

    async def _forget_server(self, guild_id: int) -> None:
        if await self.worker.aside(self.worker.libraries.forget, guild_id):
            await self.worker.aside(self.memory.forget_server, guild_id)
            _log.info("Forgot server %s, which removed the bot", guild_id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self._preferences.pop(guild.id, None)
        await self.worker.aside(self.memory.left, guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self.worker.aside(self.memory.joined, guild.id)

    async def close(self) -> None:
        self._rounds.cancel()
        await super().close()
        await self.worker.aside(self._share.leadership.resign)
        await self.worker.aside(self.memory.close)

    async def on_connect(self) -> None:
        self.connected.set()

    async def on_ready(self) -> None:
        name = self.user.name if self.user else "?"
        _log.info("Ready as %s in %d servers", name, len(self.guilds))
        await unattended(self._catch_up())

    async def _catch_up(self) -> None:
        """Note in which servers the bot is: it may have been invited back, or removed, while it was not running."""
        await self.worker.aside(self.memory.joined, *(guild.id for guild in self.guilds))
        known = {*await self.worker.aside(self.memory.servers), *await self.worker.aside(self.worker.libraries.servers)}
        for guild_id in known:
            if self.is_here(guild_id) and self.get_guild(guild_id) is None:
                await self.worker.aside(self.memory.left, guild_id)

    async def on_message(self, message: discord.Message) -> None:
        await self._behaviour.hear(self, message)

    async def pressed(self, interaction: discord.Interaction[Any], key: keys.Key, *, page: int, replace: bool) -> None:
        """Show a page of a card to the person who pressed a button."""
        await self._attended(
            interaction, self._behaviour.show(interaction, key, page=page, private=True, replace=replace)
        )

    async def recalled(self, guild_id: int, answer: str) -> tuple[str, tuple[str, ...]]:
        """The question of a remembered answer, and those before it; raises NotFound."""
        recalled = await self.worker.soon(self.memory.recalled, guild_id, answer)
        if recalled is None:
            raise words.forgotten()
        return recalled

    async def acted(self, interaction: discord.Interaction[Any], does: str, about: str) -> None:
        """Do what the button does that a person pressed."""
        await self._attended(interaction, self._behaviour.deeds[does](interaction, about))

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Do what a form is for that a person sent."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data: Any = interaction.data
        form = forms.CODE.fullmatch(data["custom_id"])
        if form and form["does"] in self._behaviour.forms:
            sent = self._behaviour.forms[form["does"]]
            await self._attended(interaction, sent(interaction, form["about"], filled_in(interaction)))

    async def _attended(self, interaction: discord.Interaction[Any], work: Awaitable[None]) -> None:
        """Do what a press or a form asks for; what goes wrong is told, for the library would only log it."""
        error = await failure(work)
        if error:
            await self.apologise(interaction, error)

    async def apologise(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        """Tell a person what went wrong; nothing can be told to somebody who is typing."""
        if isinstance(error, app_commands.CommandInvokeError):
            error = error.original
        if isinstance(error, discord.Forbidden):
            error = words.not_permitted(interaction.app_permissions)
        card = words.card_for(error)
        if interaction.type is not discord.InteractionType.autocomplete:
            send = reply_sender(interaction, ephemeral=True, replace=False)
            await deliver(Reply(card), send, (await self.looks(interaction)).one)

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
            shown = await respond(interaction, work, looks=looks, private=private, replace=replace)
            if shown and interaction.guild_id:
                await self.remember_shown(interaction.guild_id, *shown)

    async def remember_shown(self, guild_id: int, answer: str, message_id: int) -> None:
        """Remember the message that an answer stands in, if possible: who replies to it goes on from there."""
        error = await failure(self.worker.soon(self.memory.shown, guild_id, answer, message_id))
        if error:
            _log.warning("Where an answer stands could not be remembered: %s", error)

    async def preferences(self, guild_id: int | None) -> Preferences:
        """What a server's admins have set; where that cannot be read in time, what they had set when it last could.

        Where it never could, answers are private, as may be set.
        """
        if guild_id is None:
            return Preferences()
        try:
            async with asyncio.timeout(_PREFERENCES_WITHIN):
                self._preferences[guild_id] = await self.worker.aside(self.memory.preferences, guild_id)
        except (TimeoutError, QuothError) as error:
            _log.warning("The preferences of server %s cannot be read: %s", guild_id, str(error) or "it takes too long")
        return self._preferences.get(guild_id, Preferences(private=True))

    async def looks(self, interaction: discord.Interaction[Any]) -> Looks:
        """What only a person sees is in their language, what all see in the server's."""
        set_here = await self.preferences(interaction.guild_id)
        style = set_here.style or self.manner.style
        return Looks(
            Look(style, language(interaction.locale)),
            Look(style, language_of_server(set_here.language, interaction.guild_locale)),
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
        showing = asyncio.create_task(progress.show(interaction, language(interaction.locale)))
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
