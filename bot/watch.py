"""``/watch``: standing questions, whose askers are told once when a new article answers them."""

import logging
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot import desk, readers, words
from bot.client import Quoth
from bot.deliver import deliver, unattended
from bot.languages import language
from bot.remembered import Watch
from bot.render import Look, Reply
from bot.sending import message_sender
from retrieval import Card, OpenLink, Respond, Words, say

_log = logging.getLogger(__name__)

_MOST = 5  # of one person in a server


def watch_command() -> app_commands.Command[Any, ..., None]:
    """``/watch``."""

    @app_commands.command(name="watch", description="Be told when a new article answers a question")
    @app_commands.describe(question="What you want to know; without it, what you watch is listed")
    async def watch(
        interaction: discord.Interaction[Quoth],
        question: app_commands.Range[str, words.QUESTION_SHORTEST, words.QUESTION_LONGEST] | None = None,
    ) -> None:
        work = _watched(interaction) if question is None else _watch(interaction, question)
        await interaction.client.respond(interaction, work)

    return watch


async def unwatch(interaction: discord.Interaction[Quoth], about: str) -> None:
    """End one of a person's own standing questions."""
    client = interaction.client

    async def work() -> Reply:
        server = words.server_of(interaction)
        await client.worker.soon(client.memory.unwatch, server, int(about), user_id=interaction.user.id)
        return await _watched(interaction)

    await client.respond(interaction, work(), replace=True)


async def look_again(client: Quoth) -> None:
    """Tell those whose standing questions the articles answer that have come since."""
    for guild_id in await client.worker.aside(client.memory.watched_servers):
        # What goes wrong in one server, or with one question, is no reason to leave out the others.
        await unattended(_look_in(client, guild_id))


async def _look_in(client: Quoth, guild_id: int) -> None:
    guild = await client.server(guild_id)
    if guild is None:
        return
    newest = await client.worker.within(readers.keeper(guild_id), desk.newest_added)
    for watch in await client.worker.aside(client.memory.watches, guild_id):
        if newest > watch.since:
            await unattended(_look(client, guild, watch, newest))


async def _watch(interaction: discord.Interaction[Quoth], question: str) -> Reply:
    """Keep a question; what answers it now is shown, as a new article may answer it better."""
    client, reader = interaction.client, readers.person(interaction)
    client.admit(reader.guild_id, interaction.user.id)
    mine = await client.worker.soon(client.memory.watches, reader.guild_id, user_id=interaction.user.id)
    if len(mine) >= _MOST:
        raise words.too_many_watched(_MOST)
    now = await client.worker.within(reader, desk.asked, question)
    await client.worker.soon(
        client.memory.watch,
        Watch(0, reader.guild_id, interaction.user.id, interaction.channel_id or 0, question, str(interaction.locale)),
    )
    told = say(
        "When a new article answers it, you get a direct message, once; let members of this server write to you. "
        "The question is kept with your user id until then, for three months at most."
    )
    if now.card.tone == "answer":
        return Reply(_links_only(now.card, say("Watched from now on. {told}", told=told)))
    return Reply(Card("notice", say("Watching: {question}", question=question), (Words(told),)))


async def _watched(interaction: discord.Interaction[Quoth]) -> Reply:
    """A person's standing questions."""
    client, server = interaction.client, words.server_of(interaction)
    mine = await client.worker.soon(client.memory.watches, server, user_id=interaction.user.id)
    if not mine:
        return Reply(Card("notice", say("You watch no question"), (Words(say("Ask one with /watch and its words.")),)))
    blocks = tuple(Words(f"{number}. {watch.question}") for number, watch in enumerate(mine, 1))
    ends = tuple(
        Respond(say("End {number}", number=str(number)), "unwatch", str(watch.id))
        for number, watch in enumerate(mine, 1)
    )
    return Reply(Card("notice", say("Your standing questions"), blocks, actions=ends))


async def _look(client: Quoth, guild: discord.Guild, watch: Watch, newest: str) -> None:
    try:
        member = await guild.fetch_member(watch.user_id)
    except discord.NotFound:  # they left, and may no longer read what the server has
        await client.worker.aside(client.memory.unwatch, guild.id, watch.id)
        return
    reader = readers.member(member, await client.place(guild, watch.channel_id))
    card = await client.worker.within(reader, desk.answered_since, watch.question, watch.since)
    if card is None:
        await client.worker.aside(client.memory.watched_until, guild.id, watch.id, newest)
        return
    # Gone before it is told: once is promised, and a second message is worse than none.
    await client.worker.aside(client.memory.unwatch, guild.id, watch.id)
    note = say("You asked to be told, in {server}. The question is not watched any longer.", server=guild.name)
    send = message_sender(member.send)
    try:
        await deliver(Reply(_links_only(card, note)), send, Look(client.manner.style, language(watch.locale)))
    except discord.Forbidden:
        _log.info("A standing question in server %s is answered, and its asker takes no direct messages", guild.id)


def _links_only(card: Card, note: str) -> Card:
    """The card without buttons, which would know neither the server nor the question; with a note."""
    links = tuple(action for action in card.actions if isinstance(action, OpenLink))
    return replace(card, actions=links, notes=(*card.notes, note))
